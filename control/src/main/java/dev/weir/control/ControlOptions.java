// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.control.reconcile.RetryBackoff;
import dev.weir.control.rollout.RolloutTiming;
import java.time.Duration;

/// What can be set about the reconcilers.
///
/// @param tick everything is looked at at least so often
/// @param coalesce changes within so short a time are published together; reverts do not wait
/// @param parallel Services that are worked on side by side
/// @param mostKeys Services at most
/// @param connectedWithin a gateway heard from within this counts as connected
/// @param warmUpRequests generations sent to a replica before it counts as Ready
/// @param backOff of a Service whose reconciliation fails
public record ControlOptions(
    Duration tick,
    Duration coalesce,
    int parallel,
    int mostKeys,
    Duration connectedWithin,
    int warmUpRequests,
    RetryBackoff backOff,
    RolloutTiming timing) {

  public static ControlOptions defaults() {
    return new ControlOptions(
        Duration.ofMillis(500),
        Duration.ofMillis(20),
        16,
        20_000,
        Duration.ofSeconds(3),
        8,
        new RetryBackoff(Duration.ofMillis(200), Duration.ofSeconds(30)),
        RolloutTiming.defaults());
  }

  public ControlOptions withTiming(RolloutTiming newTiming) {
    return new ControlOptions(
        tick, coalesce, parallel, mostKeys, connectedWithin, warmUpRequests, backOff, newTiming);
  }

  public ControlOptions withWarmUpRequests(int requests) {
    return new ControlOptions(
        tick, coalesce, parallel, mostKeys, connectedWithin, requests, backOff, timing);
  }
}
