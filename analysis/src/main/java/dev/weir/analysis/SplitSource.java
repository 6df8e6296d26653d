// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.OptionalDouble;

/// Where the canary probability of a slice comes from.
public enum SplitSource {
  /// The weight that the router says it used.
  @JsonProperty("known")
  KNOWN,
  /// What came: the canary's share of the slice. Valid for any router, given the counts; slices
  /// with an empty arm cannot be bet on.
  @JsonProperty("realised")
  REALISED;

  /// The probability to bet with; empty for a slice that must be skipped.
  OptionalDouble rho(double known, long canary, long baseline) {
    return switch (this) {
      case KNOWN -> OptionalDouble.of(known);
      case REALISED ->
          canary == 0 || baseline == 0
              ? OptionalDouble.empty()
              : OptionalDouble.of(canary / (double) (canary + baseline));
    };
  }
}
