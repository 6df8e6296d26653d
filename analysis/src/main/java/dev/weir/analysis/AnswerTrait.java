// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What is known of an answer besides its times.
public enum AnswerTrait {
  /// The request asked for JSON.
  @JsonProperty("jsonAsked")
  JSON_ASKED,
  /// What it got instead is not JSON.
  @JsonProperty("invalidJson")
  INVALID_JSON,
  /// The answer is a refusal.
  @JsonProperty("refusal")
  REFUSAL,
  /// The answer ran into a loop.
  @JsonProperty("repetition")
  REPETITION,
  /// The answer has neither text nor a tool call although it ended by itself.
  @JsonProperty("empty")
  EMPTY
}
