// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import java.time.Duration;

/// The limits of all waits of the release engine.
///
/// @param lookEvery time between two analyses of the evidence
/// @param lease of a canary arm; a gateway without a heartbeat for slightly longer stops routing to
///   it
/// @param silentStable a gateway that is silent for longer is not waited for before a replica of a
///   stable version stops
/// @param startupMargin time beyond the start-up timeout of a version until its replicas must be
///   Ready
/// @param unreadyLimit a canary replica that was Ready and does not answer for longer fails a guard
/// @param acknowledgement time until a step starts without the gateways that have not acknowledged
///   its weight
/// @param stopping time until a promotion ends although replicas of the old version remain
/// @param draining time until a rollback that all gateways have acknowledged ends although replicas
///   of the new version remain
/// @param adoption time after a start for providers to find running replicas
/// @param quiet time without requests in flight before a replica that left routing is stopped
public record RolloutTiming(
    Duration lookEvery,
    Duration lease,
    Duration silentStable,
    Duration startupMargin,
    Duration unreadyLimit,
    Duration acknowledgement,
    Duration stopping,
    Duration draining,
    Duration adoption,
    Duration quiet) {
  private static final Duration LEASE_MARGIN = Duration.ofSeconds(5);

  public static RolloutTiming defaults() {
    return new RolloutTiming(
        Duration.ofSeconds(1),
        Duration.ofSeconds(30),
        Duration.ofMinutes(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(20),
        Duration.ofMinutes(1),
        Duration.ofMinutes(15),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofSeconds(1));
  }

  /// The time after which a silent gateway no longer routes to a canary.
  public Duration silentCanary() {
    return lease.plus(LEASE_MARGIN);
  }
}
