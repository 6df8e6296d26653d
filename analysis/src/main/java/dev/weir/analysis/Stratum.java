// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;

/// The source of requests. Each stratum has its own split between the arms, and no slice mixes
/// strata.
///
/// Each slice is one bet with its own share. The wealth over several strata is therefore a product
/// of bets that are fair given the past, and alpha holds for the whole. The strata determine what
/// the evidence is *about*: it only covers the kinds of requests that occurred.
public enum Stratum {
  /// Client requests.
  @JsonProperty("clients")
  CLIENTS,
  /// Generated prompts, built-in or the user's own, to reach the required sample size.
  @JsonProperty("probes")
  PROBES,
  /// Recorded client requests, replayed to reach the required sample size.
  @JsonProperty("recorded")
  RECORDED,
  /// Client requests that the stable version serves and the canary receives as copies. Each request
  /// is a pair with one observation in each arm, so that both arms have exactly half.
  ///
  /// A pair has no random assignment, yet a bet with one half is fair. With badness `c` and `b` of
  /// the two, centre `m` and stake `l`, a pair multiplies the wealth by `(1 + l X)(1 + l Y)` with
  /// `X = 2(c - m) - delta` and `Y = -2(b - m) - delta`. Under the hypothesis the means add up to
  /// `2(E c - E b - delta) <= 0`, and both factors are positive, so by the inequality of the means
  /// `(1 + l E X)(1 + l E Y) <= 1`. The pair changes that product by `l² Cov(X, Y) = -4 l² Cov(c,
  /// b)`: two responses to one request that tend to be bad together (long prompts, bursts, hard
  /// questions) make the expected factor *smaller*. So the test for independent arms is
  /// conservative for pairs, for harm and for safety, which differ only in sign. Only arms that
  /// compete for resources (one accelerator under both) could have a negative covariance.
  @JsonProperty("mirrored")
  MIRRORED;

  /// Whether no client waits for the response of either arm.
  public boolean generated() {
    return this == PROBES || this == RECORDED;
  }

  /// Whether it is split in halves, regardless of the step's weight.
  public boolean splitInHalves() {
    return this != CLIENTS;
  }

  /// A human-readable name of its requests.
  public String description() {
    return switch (this) {
      case CLIENTS -> "requests";
      case PROBES -> "probes";
      case RECORDED -> "recorded requests";
      case MIRRORED -> "mirrored requests";
    };
  }
}
