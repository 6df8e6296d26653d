// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;

/// The two sides of a comparison, as first chosen by the router.
public enum Arm {
  @JsonProperty("canary")
  CANARY,
  @JsonProperty("baseline")
  BASELINE
}
