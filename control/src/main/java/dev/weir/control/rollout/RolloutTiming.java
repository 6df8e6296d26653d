// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import java.time.Duration;

/// How long the release engine waits for what. Every wait has an end.
///
/// @param lookEvery between two looks at the evidence
/// @param lease of a canary arm; a gateway silent for longer (and a little more) feeds it no more
/// @param silentStable a gateway silent for so long is not waited for before a replica of a stable
///   version stops
/// @param startupMargin beyond a version's start-up timeout until its replicas must be Ready
/// @param unreadyLimit a canary replica that was Ready and has not answered for so long is a guard
/// @param acknowledgement until a step begins without gateways that do not take its weight
/// @param stopping until a promotion ends although replicas of the old version are left
/// @param draining until a revert that all gateways have carried out ends although replicas of the
///   new version are left
/// @param adoption after a start: how long providers may take to find again what runs
/// @param quiet how long nothing must have run on a replica that left routing before it is stopped
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

  /// When a silent gateway has certainly stopped feeding a canary.
  public Duration silentCanary() {
    return lease.plus(LEASE_MARGIN);
  }
}
