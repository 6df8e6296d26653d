// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.value.Text;

/// A decision about a Rollout, repeated from its stored data.
///
/// @param sequence sequence number of the evidence
/// @param verdict the original verdict
/// @param message one line for people
public record Replayed(int sequence, String verdict, Outcome outcome, String message) {
  /// The outcome of the replay.
  public enum Outcome implements Text {
    /// The data gives the same verdict.
    SAME("same"),
    /// The data gives another verdict: the data or the rules have changed.
    ANOTHER("another"),
    /// A user, a guard or the spec caused the decision, not the statistics.
    NOTHING_TO_REPLAY("nothing"),
    UNREADABLE("unreadable");

    private final String text;

    Outcome(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
