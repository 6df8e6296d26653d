// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Duration;
import java.util.Optional;

/// What a Service promises. Weir alerts when the promise would not be kept at the present pace.
///
/// @param availability share of attempts that succeed, at least 50 % and below 100 %
/// @param ttft how long first tokens take; left out, the Service's `firstToken` timeout
public record SloSpec(@Default("99%") Percentage availability, Optional<LatencyObjective> ttft) {
  public static final SloSpec DEFAULT = new SloSpec(Percentage.of(99), Optional.empty());

  /// The share that a 95th percentile leaves for late ones.
  public static final double LATE = 0.05;

  /// @param p95 what 95 of 100 take at most
  public record LatencyObjective(Duration p95) {}
}
