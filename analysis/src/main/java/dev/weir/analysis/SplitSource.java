// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.OptionalDouble;

/// The source of a slice's canary probability.
public enum SplitSource {
  /// The weight that the router reports.
  @JsonProperty("known")
  KNOWN,
  /// The observed canary share of the slice. Valid for any router, given the counts; slices with an
  /// empty arm are skipped.
  @JsonProperty("realised")
  REALISED;

  /// The probability for the bets; empty for a slice that must be skipped.
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
