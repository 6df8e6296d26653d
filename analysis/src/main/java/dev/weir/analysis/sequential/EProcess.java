// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// Evidence against one hypothesis: the wealth of ten bettors, which stake fixed fractions `0.9 *
/// 2^-k` of their wealth, and a reserve that replenishes them.
///
/// The reserve prevents a long healthy period from bankrupting the test before a late onset: half
/// of the initial capital is withheld, and every twelfth slice pays out a twentieth of the rest.
/// Deposits are fixed before the data, so the whole remains an e-process that starts at 1. Accounts
/// with the same fraction share one number, so memory is O(1).
///
/// Wealth exists only as logarithms. An update is computed completely before it is committed, so a
/// rejected one leaves the state unchanged.
public final class EProcess {

  /// Number of bet fractions.
  public static final int BETTORS = 10;

  private static final double[] FRACTIONS = fractions();
  private static final double INITIAL_DEPOSIT = 0.5;
  private static final double TOP_UP = 0.05;
  private static final int SLICES_BETWEEN_TOP_UPS = 12;

  private final double[] logWealth;
  private double reserve;
  private long slices;

  /// A process at e = 1.
  public EProcess() {
    logWealth = new double[BETTORS];
    Arrays.fill(logWealth, Math.log(INITIAL_DEPOSIT / BETTORS));
    reserve = 1 - INITIAL_DEPOSIT;
  }

  private EProcess(State state) {
    logWealth = state.logWealth().stream().mapToDouble(Double::doubleValue).toArray();
    reserve = state.reserve();
    slices = state.slices();
  }

  /// The persistent state.
  public record State(List<Double> logWealth, double reserve, long slices) {
    public State {
      logWealth = List.copyOf(logWealth);
      if (logWealth.size() != BETTORS || logWealth.stream().anyMatch(w -> w.isNaN())) {
        throw new IllegalArgumentException("an e-process has ten log wealths: " + logWealth);
      }
      if (!(reserve >= 0 && reserve <= 1) || slices < 0) {
        throw new IllegalArgumentException(
            "not the state of an e-process: reserve %s, slices %d".formatted(reserve, slices));
      }
    }
  }

  public static EProcess of(State state) {
    return new EProcess(state);
  }

  public State state() {
    return new State(Arrays.stream(logWealth).boxed().toList(), reserve, slices);
  }

  /// Starts a slice: call it once per slice, before its data.
  public void beginSlice() {
    if (slices > 0 && slices % SLICES_BETWEEN_TOP_UPS == 0) {
      deposit(TOP_UP);
    }
    slices++;
  }

  /// Pays out a fraction of the reserve to the bettors. It is valid if it is decided before the
  /// data that follows.
  public void deposit(double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new IllegalArgumentException("a deposit is a fraction in [0, 1) but is " + fraction);
    }
    double paid = reserve * fraction;
    reserve -= paid;
    double logShare = Math.log(paid / BETTORS);
    for (int k = 0; k < BETTORS; k++) {
      logWealth[k] = logAddExp(logWealth[k], logShare);
    }
  }

  /// Bets on a slice of good and bad requests.
  ///
  /// @param phi dispersion divisor, at least 1; valid for any phi that is fixed in advance
  public void bet(Payoff payoff, SliceCounts counts, double phi) {
    bet(payoff, UnitScores.of(counts), phi);
  }

  /// Bets on a slice of units, each of which counts once regardless of its number of requests.
  ///
  /// @param phi dispersion divisor, at least 1; valid for any phi that is fixed in advance
  public void bet(Payoff payoff, UnitScores units, double phi) {
    SliceCounts counts = units.whole();
    long canaryGood = counts.canary() - counts.canaryBad();
    long baselineGood = counts.baseline() - counts.baselineBad();
    double canaryBadPays = payoff.canary(1);
    double canaryGoodPays = payoff.canary(0);
    double baselineBadPays = payoff.baseline(1);
    double baselineGoodPays = payoff.baseline(0);
    bet(
        payoff,
        phi,
        stake ->
            growth(counts.canaryBad(), stake, canaryBadPays)
                + growth(canaryGood, stake, canaryGoodPays)
                + growth(counts.baselineBad(), stake, baselineBadPays)
                + growth(baselineGood, stake, baselineGoodPays)
                + growth(units.canary(), stake, payoff::canary)
                + growth(units.baseline(), stake, payoff::baseline));
  }

  /// Bets on a slice of graded requests, badness in [0, 1] each.
  public void bet(Payoff payoff, double[] canary, double[] baseline) {
    requireBadness(canary);
    requireBadness(baseline);
    bet(
        payoff,
        1,
        stake -> {
          double sum = 0;
          for (double z : canary) {
            sum += Math.log1p(stake * payoff.canary(z));
          }
          for (double z : baseline) {
            sum += Math.log1p(stake * payoff.baseline(z));
          }
          return sum;
        });
  }

  private void bet(Payoff payoff, double phi, DoubleUnaryOperator logGrowthAtStake) {
    double bound = payoff.bound();
    if (!(bound > 0)) {
      throw new IllegalArgumentException(
          "no bet is possible, because the hypothesis is impossible");
    }
    if (!(phi >= 1)) {
      throw new IllegalArgumentException("phi must be at least 1 but is " + phi);
    }
    double[] grown = logWealth.clone();
    for (int k = 0; k < BETTORS; k++) {
      grown[k] += logGrowthAtStake.applyAsDouble(FRACTIONS[k] / bound) / phi;
    }
    System.arraycopy(grown, 0, logWealth, 0, BETTORS);
  }

  /// Natural log of the e-value: reserve plus all wealth.
  public double logE() {
    double logReserve = Math.log(reserve);
    double max = logReserve;
    for (double w : logWealth) {
      max = Math.max(max, w);
    }
    double sum = 0;
    for (double w : logWealth) {
      sum += Math.exp(w - max);
    }
    return max + Math.log(sum + Math.exp(logReserve - max));
  }

  /// Log of the arithmetic mean of e-values given as logs. A mean of e-values that see the same
  /// data is an e-value again.
  public static double logMeanE(double... logs) {
    double max = Arrays.stream(logs).max().orElseThrow();
    double sum = 0;
    for (double log : logs) {
      sum += Math.exp(log - max);
    }
    return max + Math.log(sum / logs.length);
  }

  private static double growth(long count, double stake, double pays) {
    return count > 0 ? count * Math.log1p(stake * pays) : 0;
  }

  private static double growth(List<Double> scores, double stake, DoubleUnaryOperator pays) {
    double sum = 0;
    for (double score : scores) {
      sum += Math.log1p(stake * pays.applyAsDouble(score));
    }
    return sum;
  }

  private static double logAddExp(double a, double b) {
    if (b == Double.NEGATIVE_INFINITY) {
      return a;
    }
    return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  }

  static void requireBadness(double[] values) {
    for (double z : values) {
      if (!(z >= 0 && z <= 1)) {
        throw new IllegalArgumentException("badness must be in [0, 1] but is " + z);
      }
    }
  }

  private static double[] fractions() {
    double[] fractions = new double[BETTORS];
    for (int k = 0; k < BETTORS; k++) {
      fractions[k] = 0.9 * Math.pow(0.5, k);
    }
    return fractions;
  }
}
