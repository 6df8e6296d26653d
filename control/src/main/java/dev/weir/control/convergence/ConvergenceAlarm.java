// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.convergence;

/// A gateway that does not serve the published snapshot, or a rollback that is impossible.
///
/// @param gateway empty for [Reason#NO_TARGET]
/// @param rollout id of the release that the gateway has not rolled back; empty if it is about none
/// @param detail the facts, for users
public record ConvergenceAlarm(String gateway, Reason reason, String rollout, String detail) {
  /// The kind of alarm.
  public enum Reason {
    /// The gateway has not acknowledged a rollback.
    REVERT("revert"),
    /// A rollback is decided, but the previous version does not answer. Not about one gateway.
    NO_TARGET("no-target"),
    /// The gateway has not acknowledged the newest snapshot.
    BEHIND("behind"),
    /// The gateway serves other bytes than the published ones.
    WRONG_HASH("wrong-hash"),
    /// The gateway follows another store and refuses the published snapshots.
    OTHER_STORE("other-store");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /// The text in logs and metrics.
    public String text() {
      return text;
    }
  }

  /// Identifies the alarm while its details change.
  String key() {
    return reason.text() + " " + rollout + " " + gateway;
  }
}
