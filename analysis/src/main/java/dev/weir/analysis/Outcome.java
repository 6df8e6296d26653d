// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How the first attempt of a request went, as far as is known.
public enum Outcome {
  /// Not ended yet.
  @JsonProperty("pending")
  PENDING,
  /// Answered.
  @JsonProperty("success")
  SUCCESS,
  /// The engine failed it, or a deadline passed.
  @JsonProperty("failure")
  FAILURE,
  /// The engine refused it for load (429 or 503): as bad as a failure.
  @JsonProperty("backpressure")
  BACKPRESSURE,
  /// Says nothing about the version: the client's own error, or the client went away.
  @JsonProperty("neutral")
  NEUTRAL
}
