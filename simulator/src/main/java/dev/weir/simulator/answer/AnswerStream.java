// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.Optional;

/// Reads a [SimulatedAnswer] token by token within its limits. The server and the [AnswerOracle]
/// share it, so that their answers are identical.
///
/// As in vLLM, the end-of-answer token is generated and counted like any other, and has no text.
/// Text that may become a stop string is held back, unless the text includes the stop string.
public final class AnswerStream implements TokenStream {
  private final SimulatedAnswer answer;
  private final AnswerLimits limits;
  private final int remainingWords;
  private final int holdBack;
  private final StringBuilder text = new StringBuilder();
  private int generated;
  private int releasedEnd;

  public AnswerStream(SimulatedAnswer answer, AnswerLimits limits) {
    this.answer = answer;
    this.limits = limits;
    this.remainingWords = limits.ignoreEos() ? Integer.MAX_VALUE : answer.remaining();
    this.holdBack = limits.includeStop() ? 0 : longestStop(limits) - 1;
  }

  private static int longestStop(AnswerLimits limits) {
    return limits.stops().stream().mapToInt(String::length).max().orElse(1);
  }

  @Override
  public int length() {
    return remainingWords < limits.maxTokens() ? remainingWords + 1 : limits.maxTokens();
  }

  @Override
  public TokenPiece next() {
    if (generated == remainingWords) {
      generated++;
      return new TokenPiece(
          Tokenizer.MESSAGE_END, reveal(text.length()), TokenPiece.Finish.STOP, Optional.empty());
    }
    int token = answer.tokenAt(generated++);
    Vocabulary.append(token, text);
    for (String stop : limits.stops()) {
      int at = text.indexOf(stop, Math.max(0, releasedEnd - stop.length()));
      if (at >= 0) {
        int end = limits.includeStop() ? at + stop.length() : at;
        return new TokenPiece(token, reveal(end), TokenPiece.Finish.STOP, Optional.of(stop));
      }
    }
    boolean limitReached = generated == limits.maxTokens();
    String released = reveal(limitReached ? text.length() : text.length() - holdBack);
    return new TokenPiece(
        token,
        released,
        limitReached ? TokenPiece.Finish.LENGTH : TokenPiece.Finish.NOT_YET,
        Optional.empty());
  }

  private String reveal(int end) {
    if (end <= releasedEnd) {
      return "";
    }
    String released = text.substring(releasedEnd, end);
    releasedEnd = end;
    return released;
  }
}
