// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.convergence;

/// A gateway that does not serve what it should.
///
/// @param rollout id of the release whose revert it has not taken up; empty for the other reasons
/// @param detail the facts, for people
public record Alarm(String gateway, Reason reason, String rollout, String detail) {
  /// What is wrong.
  public enum Reason {
    /// It has not acknowledged a revert.
    REVERT("revert"),
    /// It has not acknowledged the newest snapshot.
    BEHIND("behind"),
    /// It serves other bytes than were published.
    WRONG_HASH("wrong-hash");

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
