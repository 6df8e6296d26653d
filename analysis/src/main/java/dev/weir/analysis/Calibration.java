// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.DispersionDivisor;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Measured dispersion divisors per metric and quantile, fixed before the rollout.
///
/// @param phi by metric, in the order of its harm quantiles, each at least 1
/// @param weight the canary weight at which a canary pod gets the traffic that a pod had during the
///   measurement; noise matters more when more requests share it
/// @param earlier whether it comes from the last rollout of the same service because history was
///   insufficient
public record Calibration(Map<ReleaseMetric, List<Double>> phi, double weight, boolean earlier) {
  public Calibration {
    Map<ReleaseMetric, List<Double>> copy = new EnumMap<>(ReleaseMetric.class);
    phi.forEach((metric, values) -> copy.put(metric, List.copyOf(values)));
    phi = Collections.unmodifiableMap(copy);
    if (!(weight > 0 && weight <= 1)) {
      throw new IllegalArgumentException("a weight is in (0, 1] but is " + weight);
    }
    phi.forEach(Calibration::require);
  }

  private static void require(ReleaseMetric metric, List<Double> values) {
    if (values.size() != SizeSignal.shape(metric).harm().size()
        || values.stream().anyMatch(phi -> !(phi >= 1 && Double.isFinite(phi)))) {
      throw new IllegalArgumentException(
          "phi of %s must be numbers from 1 up, one per quantile, but is %s"
              .formatted(metric, values));
    }
  }

  /// The divisors of a metric at any weight: the part above 1 grows with the requests of a pod.
  DispersionDivisor of(ReleaseMetric metric) {
    List<Double> measured = Optional.ofNullable(phi.get(metric)).orElseThrow();
    return (quantile, rho) -> 1 + (measured.get(quantile) - 1) * rho / weight;
  }

  /// A copy that is marked as taken from an earlier rollout.
  public Calibration asEarlier() {
    return new Calibration(phi, weight, true);
  }
}
