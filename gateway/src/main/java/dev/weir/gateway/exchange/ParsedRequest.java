// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.gateway.exchange.answer.AnswerSketch;
import dev.weir.gateway.exchange.answer.AnswerText;
import dev.weir.gateway.exchange.answer.AnswerWatch;
import dev.weir.gateway.exchange.answer.ResumeConstraints;
import java.util.Optional;

/// The fields of a request's body that the gateway uses; all others pass through.
///
/// @param model the public model name
/// @param modelStart byte offset of the model's value in the body, including the opening quote in
///   JSON
/// @param modelEnd byte offset after the value
/// @param json whether the body is JSON (otherwise a multipart form)
/// @param stream whether server-sent events are requested
/// @param continuable whether a broken stream may be continued from its text
/// @param traceable whether a broken stream may be continued from its token ids
/// @param ids whether the request asks for token ids
/// @param jsonRequested whether the answer should be JSON
/// @param greedy temperature 0 is requested, so that one version should repeat the same answer
/// @param resumeConstraints that a continuation must respect
public record ParsedRequest(
    String model,
    int modelStart,
    int modelEnd,
    boolean json,
    boolean stream,
    boolean continuable,
    boolean traceable,
    TokenIdRequest ids,
    boolean jsonRequested,
    boolean greedy,
    ResumeConstraints resumeConstraints) {
  /// Creates an observer for the answer.
  ///
  /// @param compared whether it is compared with another answer to the same request
  /// @param graded whether a judge grades it
  public AnswerWatch watch(boolean compared, boolean graded) {
    return new AnswerWatch(
        jsonRequested,
        compared ? Optional.of(new AnswerSketch(greedy)) : Optional.empty(),
        graded ? Optional.of(new AnswerText(AnswerText.MAX_CHARS)) : Optional.empty());
  }

  /// Whether a request asks for token ids.
  public enum TokenIdRequest {
    UNNAMED,
    /// The client requests them.
    WANTED,
    /// The client explicitly declines them.
    DECLINED
  }
}
