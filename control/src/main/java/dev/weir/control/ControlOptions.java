// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.control.reconcile.RetryBackoff;
import dev.weir.control.rollout.RolloutTiming;
import java.time.Duration;

/// The options of the reconcilers.
///
/// @param tick longest time between two checks of all state
/// @param coalesce changes within this time are published together; rollbacks are published at once
/// @param parallel maximum number of Services that are reconciled concurrently, in each lane
/// @param mostKeys maximum number of keys in the work queue
/// @param connectedWithin a gateway counts as connected for this time after its last heartbeat
/// @param warmUpRequests generations sent to a replica before it counts as Ready
/// @param backOff after a failed reconciliation
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
