// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.proof;

import com.fasterxml.jackson.annotation.JsonProperty;

/// The part of a release that one proof of safety covers.
public enum ProofScope {
  /// Evidence accumulates from the first request of the release to the last.
  @JsonProperty("release")
  RELEASE,
  /// Each step starts without evidence.
  @JsonProperty("step")
  STEP
}
