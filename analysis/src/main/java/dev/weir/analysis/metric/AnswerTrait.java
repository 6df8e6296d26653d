// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Properties of a response other than its times.
public enum AnswerTrait {
  /// The request required JSON.
  @JsonProperty("jsonAsked")
  JSON_ASKED,
  /// The response is not JSON although the request required it.
  @JsonProperty("invalidJson")
  INVALID_JSON,
  /// The response is a refusal.
  @JsonProperty("refusal")
  REFUSAL,
  /// The response contains a repetition loop.
  @JsonProperty("repetition")
  REPETITION,
  /// The response ended on its own with neither text nor a tool call.
  @JsonProperty("empty")
  EMPTY
}
