// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.List;

/// Computes the exact answer of a simulated server with a given version: text and token counts.
/// Players and trials check answers against it.
public final class AnswerOracle {
  private AnswerOracle() {}

  /// The expected answer to a request.
  ///
  /// @param text the complete text of the answer, or of its new part
  /// @param promptTokens prompt tokens in `usage`
  /// @param completionTokens new tokens in `usage`, including the end-of-answer token
  /// @param finishReason `stop` or `length`
  public record Expected(
      String text, int promptTokens, int completionTokens, String finishReason) {}

  /// The answer to a chat request for a new assistant message.
  public static Expected chat(
      String version, long seed, List<ChatMessage> messages, AnswerLimits limits) {
    return of(
        version,
        seed,
        ChatTemplate.render(messages, ChatTemplate.Ending.GENERATION_PROMPT),
        limits);
  }

  /// The answer to a completions request.
  public static Expected completion(String version, long seed, String prompt, AnswerLimits limits) {
    return of(version, seed, Tokenizer.encode(prompt), limits);
  }

  /// The answer to a tokenized prompt.
  public static Expected of(String version, long seed, TokenIds prompt, AnswerLimits limits) {
    if (limits.maxTokens() == 0) {
      return new Expected("", prompt.size(), 0, TokenPiece.Finish.LENGTH.reason());
    }
    AnswerStream stream = new AnswerStream(SimulatedAnswer.to(version, seed, 0, prompt), limits);
    StringBuilder text = new StringBuilder();
    for (int count = 1; ; count++) {
      TokenPiece piece = stream.next();
      text.append(piece.text());
      if (piece.last()) {
        return new Expected(text.toString(), prompt.size(), count, piece.finish().reason());
      }
    }
  }
}
