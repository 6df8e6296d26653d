// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.AnswerLimits;
import dev.weir.simulator.answer.TokenIds;
import java.util.List;

/// A validated generation request.
///
/// @param kind the endpoint
/// @param id id of the response, such as `chatcmpl-...`
/// @param prompts one for chat, one or more for completions
/// @param choices number of answers per prompt (`n`)
/// @param seed of the sampling
/// @param stream whether to respond with server-sent events
/// @param includeUsage whether a stream ends with a usage chunk
/// @param continuousUsage whether each chunk of a stream contains the usage so far
/// @param returnTokenIds whether the response contains token ids
/// @param json whether `response_format` requires JSON
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

  /// The endpoint.
  enum Kind {
    CHAT,
    COMPLETION,
    /// Anthropic's Messages API.
    MESSAGES
  }

  /// One prompt.
  ///
  /// @param tokens tokens of the prompt
  /// @param echo text before the answer, or empty
  /// @param limits limits of its answer
  record Prompt(TokenIds tokens, String echo, AnswerLimits limits) {}
}
