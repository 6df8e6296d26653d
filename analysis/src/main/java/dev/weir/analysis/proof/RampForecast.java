// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/// The expected course of a ramp whose canary equals its baseline, as a deterministic simulation:
/// each second adds the share of each proof that it is expected to add, and the weight increases by
/// the rules of the ramp. It never affects decisions.
///
/// @param ramp weights and limits
/// @param requestsPerSecond rate of client requests, both arms together
/// @param generatedPerSecond rate of generated requests, split in halves; one of the rates is above
///   0
/// @param steps what each weight contributes
/// @param topSeconds minimum time at the largest weight
/// @param topAnswers minimum number of canary answers at the largest weight
public record RampForecast(
    RampPlan ramp,
    double requestsPerSecond,
    double generatedPerSecond,
    List<Step> steps,
    double topSeconds,
    double topAnswers) {
  /// Good answers of a canary that refute one more failure per answer, as far as is likely.
  private static final double REFUTING_ANSWERS = 4.5;

  private static final double HALF = .5;
  private static final double LONGEST_SECONDS = 14 * 86_400.0;

  /// The path is computed in steps of a second, or of this part of the elapsed time.
  private static final double RESOLUTION = .002;

  /// What one weight contributes in a second.
  ///
  /// @param proofs share of each proof that the release needs
  /// @param slowdowns share of the refutation of each of [RampPlan#SLOWDOWNS]; empty where nothing
  ///   needs to be refuted
  public record Step(List<Double> proofs, List<Double> slowdowns) {
    public Step {
      proofs = List.copyOf(proofs);
      slowdowns = List.copyOf(slowdowns);
    }
  }

  public RampForecast {
    steps = List.copyOf(steps);
    if (steps.size() != ramp.weights().size() || !(requestsPerSecond + generatedPerSecond > 0)) {
      throw new IllegalArgumentException("a forecast needs requests and a step for each weight");
    }
  }

  /// One change of the weight.
  ///
  /// @param atSeconds since the first request
  public record Change(double atSeconds, double weight) {}

  /// The expected course.
  ///
  /// @param changes the weights in their order, the first at 0
  /// @param seconds from the first request to the proof
  public record Course(List<Change> changes, double seconds) {
    public Course {
      changes = List.copyOf(changes);
    }
  }

  /// The expected time to the proof in seconds; empty if it takes more than two weeks.
  public OptionalDouble seconds() {
    Course course = course();
    return course.seconds() < LONGEST_SECONDS
        ? OptionalDouble.of(course.seconds())
        : OptionalDouble.empty();
  }

  public Course course() {
    return new Path().run();
  }

  /// The state of a ramp in progress.
  private final class Path {
    private final double[] proofs = new double[steps.getFirst().proofs().size()];
    private final double[] slowdowns = new double[steps.getFirst().slowdowns().size()];
    private final List<Change> changes = new ArrayList<>();
    private int step;
    private double answers;
    private double answersHere;
    private double secondsHere;

    Course run() {
      changes.add(new Change(0, weight(0)));
      double seconds = 0;
      while (seconds < LONGEST_SECONDS && !ends()) {
        climb(seconds);
        double next = Math.max(1, seconds * RESOLUTION);
        pass(next);
        seconds += next;
      }
      return new Course(changes, seconds);
    }

    private boolean ends() {
      return ramp.top(step)
          && secondsHere >= topSeconds
          && answersHere >= topAnswers
          && Arrays.stream(proofs).allMatch(share -> share >= 1);
    }

    private void pass(double seconds) {
      Step here = steps.get(step);
      for (int i = 0; i < proofs.length; i++) {
        proofs[i] += seconds * here.proofs().get(i);
      }
      for (int i = 0; i < slowdowns.length; i++) {
        slowdowns[i] += seconds * here.slowdowns().get(i);
      }
      double more = seconds * (requestsPerSecond * weight(step) + HALF * generatedPerSecond);
      answers += more;
      answersHere += more;
      secondsHere += seconds;
    }

    private void climb(double seconds) {
      if (ramp.top(step)
          || secondsHere < ramp.minDwellMillis() / 1000.0
          || answersHere < RampPlan.FEWEST_ANSWERS) {
        return;
      }
      int to = step;
      while (!ramp.top(to) && allows(weight(to + 1))) {
        to++;
      }
      if (to > step) {
        step = to;
        answersHere = 0;
        secondsHere = 0;
        changes.add(new Change(seconds, weight(to)));
      }
    }

    private boolean allows(double weight) {
      for (int i = 0; i < slowdowns.length; i++) {
        if (weight > RampPlan.SLOWDOWN_WEIGHTS.get(i) && slowdowns[i] < 1) {
          return false;
        }
      }
      return ramp.allows(weight, requestsPerSecond, failureBound());
    }

    private double failureBound() {
      return FailureBound.THETAS.stream()
          .filter(theta -> answers * theta >= REFUTING_ANSWERS)
          .mapToDouble(theta -> theta)
          .min()
          .orElse(1);
    }
  }

  private double weight(int step) {
    return ramp.weights().get(step);
  }
}
