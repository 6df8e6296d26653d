// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// What an alert can be about.
public enum AlertEvent implements Text {
  /// A rollout went from one phase to another; news, never over.
  ROLLOUT_PHASE("rolloutPhase"),
  /// A release was reverted because it proved bad; over when something else is wanted, or the same
  /// anew.
  ROLLOUT_REVERTED("rolloutReverted"),
  /// A step ended without a verdict.
  ROLLOUT_INCONCLUSIVE("rolloutInconclusive"),
  /// A release is paused until a user decides.
  ROLLOUT_WAITING("rolloutWaiting"),
  /// Somebody overrides guard rails, or aborted a release without waiting for what to go back to.
  OVERRIDE("override"),
  /// A revert is decided, and some gateway has not acknowledged it in time.
  REVERT_LATE("revertLate"),
  /// A revert is decided, and there is nothing that answers to go back to.
  NO_ROLLBACK_TARGET("noRollbackTarget"),
  /// A gateway does not serve what it should, beyond a revert.
  GATEWAY_BEHIND("gatewayBehind"),
  /// A replica that is to serve ends again and again.
  CRASH_LOOP("crashLoop"),
  /// Fewer replicas of what serves are Ready than are wanted, for some time.
  REPLICAS_NOT_READY("replicasNotReady"),
  /// Attempts fail so fast that the month's objective will be missed.
  SLO_AVAILABILITY("sloAvailability"),
  /// First tokens are late so often that the month's objective will be missed.
  SLO_FIRST_TOKEN("sloFirstToken"),
  /// Somebody said `weir alert test`.
  TEST("test");

  private final String text;

  AlertEvent(String text) {
    this.text = text;
  }

  @Override
  public String text() {
    return text;
  }

  /// Whether it is news that is told once, rather than something that is so until it is over.
  public boolean oneTime() {
    return this == ROLLOUT_PHASE || this == TEST;
  }
}
