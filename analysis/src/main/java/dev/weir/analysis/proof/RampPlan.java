// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.proof;

import java.util.List;

/// How the weight of a canary increases while the proof of the release grows. Small weights bound
/// the harm; they prove nothing by themselves.
///
/// @param weights canary shares in (0, 1), increasing; step `n` of the release has weight `n`
/// @param minDwellMillis minimum time at a weight, in milliseconds
/// @param exposure number of bad answers that a weight may cause before a rollback takes effect,
///   above 0
/// @param reactionMillis time from the first bad answer until no gateway uses the canary any more,
///   in milliseconds
public record RampPlan(
    List<Double> weights, long minDwellMillis, double exposure, long reactionMillis) {
  /// Factors by which first tokens must not be slower before the weight becomes large.
  public static final List<Double> SLOWDOWNS = List.of(2.0, 1.5);

  /// The weights above which first tokens must be proven not to be slower by the factor of
  /// [#SLOWDOWNS] at the same index.
  public static final List<Double> SLOWDOWN_WEIGHTS = List.of(.10, .20);

  /// Canary answers that a weight needs before the next one.
  public static final int FEWEST_ANSWERS = 5;

  public RampPlan {
    weights = List.copyOf(weights);
    require(!weights.isEmpty(), "a ramp needs weights");
    double before = 0;
    for (double weight : weights) {
      require(
          weight > before && weight < 1,
          "the weights of a ramp increase within (0, 1) but are " + weights);
      before = weight;
    }
    require(minDwellMillis >= 0, "minDwellMillis must not be negative but is " + minDwellMillis);
    require(
        exposure > 0 && Double.isFinite(exposure),
        "exposure must be a number above 0 but is " + exposure);
    require(reactionMillis > 0, "reactionMillis must be positive but is " + reactionMillis);
  }

  /// Whether a step has the largest weight, or comes after it.
  public boolean top(int step) {
    return step >= weights.size() - 1;
  }

  /// The number of bad answers that are possible at a weight before a rollback takes effect.
  ///
  /// @param requestsPerSecond requests of both versions per second
  /// @param failureBound upper bound of the share of canary requests that fail because of the
  ///   version, in (0, 1]
  public double possibleBadAnswers(double weight, double requestsPerSecond, double failureBound) {
    return requestsPerSecond * weight * reactionMillis / 1000.0 * failureBound;
  }

  /// Whether the exposure allows a weight. At the smallest failure bound that the tests can reach
  /// it allows every weight: otherwise a release at very many requests could never end.
  public boolean allows(double weight, double requestsPerSecond, double failureBound) {
    return failureBound <= FailureBound.THETAS.getLast()
        || possibleBadAnswers(weight, requestsPerSecond, failureBound) <= exposure;
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }
}
