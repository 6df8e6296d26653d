// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.proof;

import dev.weir.analysis.sequential.EProcess;
import dev.weir.analysis.sequential.Ewma;
import dev.weir.analysis.sequential.Payoff;
import dev.weir.analysis.sequential.Side;
import dev.weir.analysis.sequential.UnitScores;
import java.util.ArrayList;
import java.util.List;

/// An upper bound of the additional share of requests that fail at the canary.
///
/// For each of nine values theta, one sequential test checks "the canary fails more often by theta
/// or more". The bound is the smallest theta that its test refutes at 5 %. A refutation is final,
/// because it holds with probability 95 % at all times together.
public final class FailureBound {
  /// The tested differences, in decreasing order.
  public static final List<Double> THETAS = List.of(.9, .5, .3, .2, .1, .05, .03, .02, .01);

  private static final double REFUTED = Math.log(20);
  private static final double PRIOR = .03;

  private final List<EProcess> processes;
  private final boolean[] refuted;
  private final Ewma centre;

  /// A bound without data, which is 1.
  public FailureBound() {
    this(
        THETAS.stream().map(_ -> new EProcess()).toList(),
        new boolean[THETAS.size()],
        new Ewma(PRIOR));
  }

  private FailureBound(List<EProcess> processes, boolean[] refuted, Ewma centre) {
    this.processes = processes;
    this.refuted = refuted;
    this.centre = centre;
  }

  /// The persistent state.
  ///
  /// @param processes one per theta
  /// @param refuted whether the test of each theta has refuted it
  /// @param centre share of failures of the baseline
  public record State(List<EProcess.State> processes, List<Boolean> refuted, Ewma.State centre) {
    public State {
      processes = List.copyOf(processes);
      refuted = List.copyOf(refuted);
      if (processes.size() != THETAS.size() || refuted.size() != THETAS.size()) {
        throw new IllegalArgumentException("a failure bound has nine tests");
      }
    }
  }

  /// Continues from a state.
  public static FailureBound of(State state) {
    boolean[] refuted = new boolean[THETAS.size()];
    for (int i = 0; i < refuted.length; i++) {
      refuted[i] = state.refuted().get(i);
    }
    return new FailureBound(
        state.processes().stream().map(EProcess::of).toList(), refuted, Ewma.of(state.centre()));
  }

  public State state() {
    List<Boolean> flags = new ArrayList<>();
    for (boolean flag : refuted) {
      flags.add(flag);
    }
    return new State(processes.stream().map(EProcess::state).toList(), flags, centre.state());
  }

  /// Consumes a slice.
  ///
  /// @param failures failed requests of both arms, by unit
  /// @param rho canary probability, in (0, 1)
  public void slice(UnitScores failures, double rho) {
    double m = centre.value();
    for (int i = 0; i < THETAS.size(); i++) {
      EProcess process = processes.get(i);
      Payoff payoff = new Payoff(Side.SAFE, rho, m, THETAS.get(i));
      process.beginSlice();
      // A difference that the slice's own shares make impossible needs no bet.
      if (payoff.bound() > 0) {
        process.bet(payoff, failures, 1);
      }
      refuted[i] |= process.logE() >= REFUTED;
    }
    centre.add(failures);
  }

  /// The bound, in (0, 1]; 1 before any difference is refuted.
  public double value() {
    double bound = 1;
    for (int i = 0; i < THETAS.size(); i++) {
      bound = refuted[i] ? THETAS.get(i) : bound;
    }
    return bound;
  }
}
