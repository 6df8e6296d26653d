// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Text;

/// The kinds of alert.
public enum AlertEvent implements Text {
  /// A rollout changed its phase. A one-time event, which never resolves.
  ROLLOUT_PHASE("rolloutPhase"),
  /// A release was reverted because of proven harm. It resolves when another version is requested,
  /// or the same version is retried.
  ROLLOUT_REVERTED("rolloutReverted"),
  /// A step ended without a verdict.
  ROLLOUT_INCONCLUSIVE("rolloutInconclusive"),
  /// A release is paused until a user decides.
  ROLLOUT_WAITING("rolloutWaiting"),
  /// A user overrides guard rails, or aborted a release without waiting for a rollback target.
  OVERRIDE("override"),
  /// A revert is decided, and a gateway did not acknowledge it in time.
  REVERT_LATE("revertLate"),
  /// A revert is decided, but the previous version has no replica that can serve.
  NO_ROLLBACK_TARGET("noRollbackTarget"),
  /// A gateway does not serve the current snapshot; reverts have their own event.
  GATEWAY_BEHIND("gatewayBehind"),
  /// A replica that should serve crashes repeatedly.
  CRASH_LOOP("crashLoop"),
  /// For some time, fewer replicas of the serving version are Ready than desired.
  REPLICAS_NOT_READY("replicasNotReady"),
  /// The availability burn rate would miss the monthly objective.
  SLO_AVAILABILITY("sloAvailability"),
  /// The burn rate of late first tokens would miss the monthly objective.
  SLO_FIRST_TOKEN("sloFirstToken"),
  /// A user ran `weir alert test`.
  TEST("test");

  private final String text;

  AlertEvent(String text) {
    this.text = text;
  }

  @Override
  public String text() {
    return text;
  }

  /// Whether it is a one-time event rather than a condition that resolves.
  public boolean oneTime() {
    return this == ROLLOUT_PHASE || this == TEST;
  }
}
