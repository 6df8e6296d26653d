// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// The beginning of an answer's text, kept until the answer is complete. Event loop only.
public final class AnswerText {
  /// Characters that are kept of an answer that is to be graded.
  public static final int MOST_CHARS = 16_384;

  private static final String GOES_ON = "\n[... it goes on]";

  private final int mostChars;
  private final StringBuilder kept = new StringBuilder();
  private boolean read;
  private boolean goesOn;

  /// @param mostChars that are kept
  public AnswerText(int mostChars) {
    this.mostChars = mostChars;
  }

  /// Something of the answer was understood, though it may have no text.
  void read() {
    read = true;
  }

  /// A part of the answer.
  void feed(String piece) {
    int room = mostChars - kept.length();
    goesOn |= piece.length() > room;
    kept.append(piece, 0, Math.min(room, piece.length()));
  }

  /// A call of a tool begins; its arguments follow.
  void call(String name) {
    feed("[call " + name + "] ");
  }

  /// Whether anybody read the answer at all; one that is passed on unread says nothing.
  public boolean wasRead() {
    return read;
  }

  /// What was kept, with a mark where more followed.
  public String text() {
    return goesOn ? kept + GOES_ON : kept.toString();
  }
}
