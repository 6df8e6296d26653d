// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.convergence;

/// A gateway that does not serve what it should, or a revert that cannot be done.
///
/// @param gateway empty for [Reason#NO_TARGET]
/// @param rollout id of the release whose revert it has not taken up; empty where it is about none
/// @param detail the facts, for people
public record ConvergenceAlarm(String gateway, Reason reason, String rollout, String detail) {
  /// What is wrong.
  public enum Reason {
    /// It has not acknowledged a revert.
    REVERT("revert"),
    /// A revert is decided, but the version to go back to does not answer; about no one gateway.
    NO_TARGET("no-target"),
    /// It has not acknowledged the newest snapshot.
    BEHIND("behind"),
    /// It serves other bytes than were published.
    WRONG_HASH("wrong-hash"),
    /// It follows another store and refuses what is published.
    OTHER_STORE("other-store");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /// As in logs and metrics.
    public String text() {
      return text;
    }
  }

  /// What stays the same while its details change.
  String key() {
    return reason.text() + " " + rollout + " " + gateway;
  }
}
