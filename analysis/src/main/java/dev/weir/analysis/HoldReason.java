// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Why a rollout must not go forward although nothing is proven wrong with the version.
///
/// @param kind which of the known reasons
/// @param detail the numbers, for a person
public record HoldReason(Kind kind, String detail) {

  /// The known reasons.
  public enum Kind {
    /// The router did not split the traffic as it says. From then on what came is compared, not
    /// what was said; going on is for somebody to decide.
    @JsonProperty("sampleRatioMismatch")
    SAMPLE_RATIO_MISMATCH,
    /// At least ten canary requests were due and none came.
    @JsonProperty("noCanaryTraffic")
    NO_CANARY_TRAFFIC,
    /// Too many records came after their cohort was consumed, or slices are missing, or the arms
    /// differ in how many grades are.
    @JsonProperty("dataQuality")
    DATA_QUALITY,
    /// A gating metric has had no data for three times its horizon.
    @JsonProperty("stale")
    STALE,
    /// A metric whose action is `hold` is proven worse than its tolerance.
    @JsonProperty("harm")
    HARM,
    /// An external metric has failed whose action is `hold`, or whose revert is in progress.
    @JsonProperty("externalHarm")
    EXTERNAL_HARM,
    /// An external metric had no data too often.
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
