// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Percentage;
import java.time.Duration;
import java.util.Optional;

/// Service level objectives. Weir alerts when the current burn rate would exceed the error budget.
///
/// @param availability share of attempts that succeed, at least 50 % and below 100 %
/// @param ttft objective for time to first token; the default is the Service's `firstToken` timeout
public record SloSpec(@Default("99%") Percentage availability, Optional<LatencyObjective> ttft) {
  public static final SloSpec DEFAULT = new SloSpec(Percentage.of(99), Optional.empty());

  /// The share of late first tokens that a 95th percentile permits.
  public static final double LATE = 0.05;

  /// @param p95 upper bound for the 95th percentile
  public record LatencyObjective(Duration p95) {}
}
