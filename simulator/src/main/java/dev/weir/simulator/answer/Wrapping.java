// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

/// What stands around the words of an answer: a refusal or the words of a poor answer before them,
/// or JSON about them. It is said with the first piece and with the last, and counts as no token of
/// its own. An answer that is wrapped is not continued from its text: to a model of words it is
/// another prompt.
///
/// @param before the words
/// @param after the words, of an answer that ends by itself
public record Wrapping(String before, String after) {
  /// Nothing.
  public static final Wrapping NONE = new Wrapping("", "");

  /// How a model refuses.
  public static final Wrapping REFUSAL = new Wrapping("I'm sorry, but I can't help with that.", "");

  /// How a poor answer begins, by which a simulated judge knows it.
  public static final String POOR_WORDS = "Whatever.";

  /// An object with the words in it.
  public static final Wrapping JSON = new Wrapping("{\"answer\": \"", "\"}");

  /// The same without its end, so that it is no JSON.
  public Wrapping unended() {
    return new Wrapping(before, "");
  }

  /// The same with the words of a poor answer before its own.
  public Wrapping poor() {
    return new Wrapping(before + POOR_WORDS, after);
  }

  /// A piece with what stands around it.
  ///
  /// @param first whether it is the answer's first
  public TokenPiece around(TokenPiece piece, boolean first) {
    String text =
        (first ? before : "")
            + piece.text()
            + (piece.finish() == TokenPiece.Finish.STOP ? after : "");
    return new TokenPiece(piece.tokenId(), text, piece.finish(), piece.stoppedBy());
  }
}
