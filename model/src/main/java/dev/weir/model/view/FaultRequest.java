// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.status.Fault.FaultKind;
import dev.weir.model.status.Fault.ProbeResult;
import dev.weir.model.value.Default;
import dev.weir.model.value.Percentage;
import java.time.Duration;
import java.util.Optional;

/// A request to inject a fault.
///
/// @param target name of a Service or of one replica
/// @param version the only version affected, by its own name
/// @param share share of attempts affected
/// @param status HTTP status, for kind `error`
/// @param delay delay before the replica is called, for kind `delay`
/// @param after number of response events, for kinds `stall` and `cut`
/// @param probeResult what the health probe reports, for kind `health`
/// @param duration time until it ends automatically
/// @param acknowledgeRealTraffic confirms that the fault affects replicas that are not simulated
public record FaultRequest(
    String target,
    FaultKind kind,
    Optional<String> version,
    Optional<Percentage> share,
    Optional<Integer> status,
    Optional<Duration> delay,
    Optional<Integer> after,
    Optional<ProbeResult> probeResult,
    @Default("1m") Duration duration,
    @Default("false") boolean acknowledgeRealTraffic) {
  /// The maximum duration of a fault.
  public static final Duration LONGEST = Duration.ofHours(1);

  public static final int DEFAULT_STATUS = 500;
  public static final Duration DEFAULT_DELAY = Duration.ofSeconds(1);
}
