// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Where requests come from. The requests of a stratum are split between the arms by a share of its
/// own, and no slice mixes strata.
///
/// Each slice is one bet with its own share, so the wealth made of several strata is a product of
/// bets that are fair given the past, and the promises of alpha hold for the whole. What the
/// evidence is *about* changes with them: a canary is as good as proven on the requests that were
/// there.
public enum Stratum {
  /// What clients ask.
  @JsonProperty("clients")
  CLIENTS,
  /// Prompts of Weir's or the user's own, sent to reach the sample.
  @JsonProperty("probes")
  PROBES,
  /// Recorded requests of clients, sent again to reach the sample.
  @JsonProperty("recorded")
  RECORDED,
  /// What clients ask and the serving version answers, while the canary gets a copy: each request
  /// is a pair, one observation in either arm, so that both arms have a half exactly.
  ///
  /// Nothing is drawn in a pair, yet the bet with a half is fair. With badness `c` and `b` of the
  /// two, centre `m` and stake `l`, a pair multiplies the wealth by `(1 + l X)(1 + l Y)` with `X =
  /// 2(c - m) - delta` and `Y = -2(b - m) - delta`. Under the hypothesis the means add up to `2(E c
  /// - E b - delta) <= 0`, and both factors are positive, so by the inequality of the means `(1 + l
  ///   E X)(1 + l E Y) <= 1`. What the pair adds to that product is `l² Cov(X, Y) = -4 l² Cov(c,
  ///   b)`: two answers to one request at one moment that are bad together more often than apart
  ///   (long prompts, bursts, hard questions) make the expected factor *smaller*. The test for
  ///   independent arms is conservative for pairs, in both directions: harm and safe differ in
  ///   signs alone. Only arms that take from each other (one accelerator under both) could turn the
  ///   covariance negative.
  @JsonProperty("mirrored")
  MIRRORED;

  /// Whether no client waits for the answers of either arm.
  public boolean generated() {
    return this == PROBES || this == RECORDED;
  }

  /// Whether it is split in halves, whatever the weight of a step is.
  public boolean halved() {
    return this != CLIENTS;
  }

  /// Its requests, for people.
  public String description() {
    return switch (this) {
      case CLIENTS -> "requests";
      case PROBES -> "probes";
      case RECORDED -> "recorded requests";
      case MIRRORED -> "mirrored requests";
    };
  }
}
