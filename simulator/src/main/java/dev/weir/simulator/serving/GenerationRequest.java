// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.AnswerLimits;
import dev.weir.simulator.answer.TokenIds;
import java.util.List;

/// A checked request to generate.
///
/// @param kind which endpoint
/// @param id of the answer, such as `chatcmpl-...`
/// @param prompts one for chat, one or more for completions
/// @param choices answers to each prompt (`n`)
/// @param seed of the sampling
/// @param stream whether as server-sent events
/// @param includeUsage whether a stream ends with a usage chunk
/// @param continuousUsage whether each chunk of a stream says the usage so far
/// @param returnTokenIds whether token ids come along
/// @param json whether `response_format` asks for JSON
record GenerationRequest(
    Kind kind,
    String id,
    List<Prompt> prompts,
    int choices,
    long seed,
    boolean stream,
    boolean includeUsage,
    boolean continuousUsage,
    boolean returnTokenIds,
    boolean json)
    implements ParseResult {
  GenerationRequest {
    prompts = List.copyOf(prompts);
  }

  /// The endpoint asked.
  enum Kind {
    CHAT,
    COMPLETION,
    /// Anthropic's.
    MESSAGES
  }

  /// One prompt.
  ///
  /// @param tokens of it
  /// @param echo text that is put before the answer, or empty
  /// @param limits of its answer
  record Prompt(TokenIds tokens, String echo, AnswerLimits limits) {}
}
