// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.Fault.FaultKind;
import dev.weir.model.Fault.Says;
import java.time.Duration;
import java.util.Optional;

/// A request to inject a fault.
///
/// @param target name of a Service or of one replica
/// @param version the only version of the Service that gets it, by its own name
/// @param share of the attempts that it strikes
/// @param status for kind `error`
/// @param delay for kind `delay`
/// @param after events, for kinds `stall` and `cut`
/// @param says for kind `health`
/// @param duration until it ends by itself
/// @param acknowledgeRealTraffic said where it strikes replicas that are not simulated
public record FaultRequest(
    String target,
    FaultKind kind,
    Optional<String> version,
    Optional<Percentage> share,
    Optional<Integer> status,
    Optional<Duration> delay,
    Optional<Integer> after,
    Optional<Says> says,
    @Default("1m") Duration duration,
    @Default("false") boolean acknowledgeRealTraffic) {
  /// The longest that a fault may last.
  public static final Duration LONGEST = Duration.ofHours(1);

  public static final int DEFAULT_STATUS = 500;
  public static final Duration DEFAULT_DELAY = Duration.ofSeconds(1);
}
