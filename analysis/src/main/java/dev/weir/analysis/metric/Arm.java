// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

import com.fasterxml.jackson.annotation.JsonProperty;

/// The two arms of a comparison, as first selected by the router.
public enum Arm {
  @JsonProperty("canary")
  CANARY,
  @JsonProperty("baseline")
  BASELINE
}
