// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

/// Text around the words of an answer: a refusal or the marker of a poor answer before them, or a
/// JSON object. It is sent with the first and the last piece and does not count as tokens. A
/// wrapped answer cannot be continued from its text, which is a new prompt for the model.
///
/// @param before text before the words
/// @param after text after the words of an answer with a natural end
public record Wrapping(String before, String after) {
  /// No wrapping.
  public static final Wrapping NONE = new Wrapping("", "");

  /// A refusal.
  public static final Wrapping REFUSAL = new Wrapping("I'm sorry, but I can't help with that.", "");

  /// The beginning of a poor answer, by which a simulated judge recognizes it.
  public static final String POOR_WORDS = "Whatever.";

  /// A JSON object with the words.
  public static final Wrapping JSON = new Wrapping("{\"answer\": \"", "\"}");

  /// The same without its end, which is invalid JSON.
  public Wrapping unended() {
    return new Wrapping(before, "");
  }

  /// The same with the marker of a poor answer.
  public Wrapping poor() {
    return new Wrapping(before + POOR_WORDS, after);
  }

  /// A piece with its wrapping.
  ///
  /// @param first whether it is the first piece of the answer
  public TokenPiece around(TokenPiece piece, boolean first) {
    String text =
        (first ? before : "")
            + piece.text()
            + (piece.finish() == TokenPiece.Finish.STOP ? after : "");
    return new TokenPiece(piece.tokenId(), text, piece.finish(), piece.stoppedBy());
  }
}
