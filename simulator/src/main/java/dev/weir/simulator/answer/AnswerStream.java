// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.Optional;

/// Reads an [SimulatedAnswer] token by token within its limits; the server and the [AnswerOracle]
/// share it, so that they cannot disagree.
///
/// As in vLLM the end-of-answer token is generated and counted like any other, and has no text;
/// text that might become a stop string is held back, unless the stop string is shown as well.
public final class AnswerStream implements TokenStream {
  private final SimulatedAnswer answer;
  private final AnswerLimits limits;
  private final int wordsToCome;
  private final int holdBack;
  private final StringBuilder text = new StringBuilder();
  private int generated;
  private int shown;

  public AnswerStream(SimulatedAnswer answer, AnswerLimits limits) {
    this.answer = answer;
    this.limits = limits;
    this.wordsToCome = limits.ignoreEos() ? Integer.MAX_VALUE : answer.remaining();
    this.holdBack = limits.includeStop() ? 0 : longestStop(limits) - 1;
  }

  private static int longestStop(AnswerLimits limits) {
    return limits.stops().stream().mapToInt(String::length).max().orElse(1);
  }

  @Override
  public int length() {
    return wordsToCome < limits.maxTokens() ? wordsToCome + 1 : limits.maxTokens();
  }

  @Override
  public TokenPiece next() {
    if (generated == wordsToCome) {
      generated++;
      return new TokenPiece(
          Tokenizer.MESSAGE_END, reveal(text.length()), TokenPiece.Finish.STOP, Optional.empty());
    }
    int token = answer.tokenAt(generated++);
    Vocabulary.append(token, text);
    for (String stop : limits.stops()) {
      int at = text.indexOf(stop, Math.max(0, shown - stop.length()));
      if (at >= 0) {
        int end = limits.includeStop() ? at + stop.length() : at;
        return new TokenPiece(token, reveal(end), TokenPiece.Finish.STOP, Optional.of(stop));
      }
    }
    boolean full = generated == limits.maxTokens();
    String more = reveal(full ? text.length() : text.length() - holdBack);
    return new TokenPiece(
        token, more, full ? TokenPiece.Finish.LENGTH : TokenPiece.Finish.NOT_YET, Optional.empty());
  }

  private String reveal(int end) {
    if (end <= shown) {
      return "";
    }
    String more = text.substring(shown, end);
    shown = end;
    return more;
  }
}
