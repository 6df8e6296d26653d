// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Why a rollout must not advance although no harm by the version is proven.
///
/// @param kind the kind of reason
/// @param detail the numbers, in human-readable form
public record HoldReason(Kind kind, String detail) {

  /// The kinds of reason.
  public enum Kind {
    /// The observed split contradicts the router's weight. From then on the analysis uses the
    /// observed split; a user decides whether to continue.
    @JsonProperty("sampleRatioMismatch")
    SAMPLE_RATIO_MISMATCH,
    /// At least ten canary requests were expected, and none arrived.
    @JsonProperty("noCanaryTraffic")
    NO_CANARY_TRAFFIC,
    /// Too many records arrived after their cohort was consumed, slices are missing, or the arms'
    /// shares of missing grades differ.
    @JsonProperty("dataQuality")
    DATA_QUALITY,
    /// A gating metric has no data for more than three times its horizon.
    @JsonProperty("stale")
    STALE,
    /// A metric whose action is `hold` is proven worse than its tolerance.
    @JsonProperty("harm")
    HARM,
    /// An external metric failed and its action is `hold`, or its revert is in progress.
    @JsonProperty("externalHarm")
    EXTERNAL_HARM,
    /// An external metric returned no data too often.
    @JsonProperty("externalNoData")
    EXTERNAL_NO_DATA,
    /// An external metric cannot be measured.
    @JsonProperty("externalError")
    EXTERNAL_ERROR
  }

  @Override
  public String toString() {
    return kind + ": " + detail;
  }
}
