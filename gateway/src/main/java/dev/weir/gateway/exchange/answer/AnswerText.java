// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

/// The beginning of an answer's text, stored until the answer is complete. Event loop only.
public final class AnswerText {
  /// Characters stored of an answer that is graded.
  public static final int MAX_CHARS = 16_384;

  private static final String TRUNCATED_SUFFIX = "\n[... truncated]";

  private final int mostChars;
  private final StringBuilder stored = new StringBuilder();
  private boolean read;
  private boolean truncated;

  /// @param mostChars limit on stored characters
  public AnswerText(int mostChars) {
    this.mostChars = mostChars;
  }

  /// Records that the answer was parsed, even if it has no text.
  void read() {
    read = true;
  }

  /// Adds a part of the answer.
  void feed(String piece) {
    int space = mostChars - stored.length();
    truncated |= piece.length() > space;
    stored.append(piece, 0, Math.min(space, piece.length()));
  }

  /// Adds the start of a tool call; its arguments follow.
  void call(String name) {
    feed("[call " + name + "] ");
  }

  /// Whether the answer was parsed at all; without parsing its text is unknown.
  public boolean wasRead() {
    return read;
  }

  /// The stored text, with a mark if more followed.
  public String text() {
    return truncated ? stored + TRUNCATED_SUFFIX : stored.toString();
  }
}
