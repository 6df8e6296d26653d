// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.Optional;

/// The answer of a simulated judge: a grade from 0 to 10, which is low if the user's messages
/// contain the marker of a poor answer.
public final class GradeStream implements TokenStream {
  /// The grade of a poor answer.
  public static final String POOR = "2";

  /// The grade of any other answer.
  public static final String GOOD = "9";

  private static final String USER = "<|im_start|>user\n";

  private final String grade;
  private final boolean cut;
  private boolean graded;

  /// @param prompt a chat
  public GradeStream(TokenIds prompt, AnswerLimits limits) {
    String text = Tokenizer.decode(prompt);
    int user = text.indexOf(USER);
    this.grade = user >= 0 && text.indexOf(Wrapping.POOR_WORDS, user) >= 0 ? POOR : GOOD;
    this.cut = limits.maxTokens() == 1;
  }

  @Override
  public int length() {
    return cut ? 1 : 2;
  }

  @Override
  public TokenPiece next() {
    if (graded) {
      return new TokenPiece(Tokenizer.MESSAGE_END, "", TokenPiece.Finish.STOP, Optional.empty());
    }
    graded = true;
    return new TokenPiece(
        Tokenizer.encode(grade).at(0),
        grade,
        cut ? TokenPiece.Finish.LENGTH : TokenPiece.Finish.NOT_YET,
        Optional.empty());
  }
}
