// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.Optional;

/// What the gateway needs to know from a request's body; everything else in it passes unread.
///
/// @param model the public model name
/// @param modelStart byte offset of the model's value in the body, for JSON with its opening quote
/// @param modelEnd byte offset after the value
/// @param json whether the value stands in JSON (else in a multipart form)
/// @param stream server-sent events were asked for
/// @param continuable nothing in the request forbids continuing a broken stream from its text
/// @param traceable nothing in the request forbids continuing a broken stream from its token ids
/// @param ids what the request says of token ids
/// @param jsonAsked the answer is to be JSON
/// @param greedy temperature 0 is asked for, so that one version should answer the same again
/// @param resumeConstraints what whoever continues the answer must keep to
public record ParsedRequest(
    String model,
    int modelStart,
    int modelEnd,
    boolean json,
    boolean stream,
    boolean continuable,
    boolean traceable,
    TokenIdRequest ids,
    boolean jsonAsked,
    boolean greedy,
    ResumeConstraints resumeConstraints) {
  /// Reads along with an answer.
  ///
  /// @param compared whether it is to be compared with another answer to the same request
  /// @param graded whether a judge is to read it
  public AnswerWatch watch(boolean compared, boolean graded) {
    return new AnswerWatch(
        jsonAsked,
        compared ? Optional.of(new AnswerSketch(greedy)) : Optional.empty(),
        graded ? Optional.of(new AnswerText(AnswerText.MOST_CHARS)) : Optional.empty());
  }

  /// What a request says of token ids.
  public enum TokenIdRequest {
    UNNAMED,
    /// The client wants them.
    WANTED,
    /// The client wants none.
    DECLINED
  }
}
