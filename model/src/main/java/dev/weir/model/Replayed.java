// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// A decision about a Rollout, made again from its stored numbers.
///
/// @param sequence of the evidence
/// @param verdict as it was then
/// @param message one line for people
public record Replayed(int sequence, String verdict, Outcome outcome, String message) {
  /// How it went.
  public enum Outcome implements Text {
    /// The numbers say so again.
    SAME("same"),
    /// They do not: they were changed, or the rules were.
    ANOTHER("another"),
    /// A person, a guard or the spec decided.
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
