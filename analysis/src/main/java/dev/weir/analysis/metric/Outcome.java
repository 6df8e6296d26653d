// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

import com.fasterxml.jackson.annotation.JsonProperty;

/// The outcome of a request's first attempt, as far as known.
public enum Outcome {
  /// Not ended yet.
  @JsonProperty("pending")
  PENDING,
  /// The attempt succeeded.
  @JsonProperty("success")
  SUCCESS,
  /// The engine failed, or a deadline passed.
  @JsonProperty("failure")
  FAILURE,
  /// The engine rejected it because of load (429 or 503); counts as a failure.
  @JsonProperty("backpressure")
  BACKPRESSURE,
  /// Not attributable to the version: a client error or a disconnect.
  @JsonProperty("neutral")
  NEUTRAL
}
