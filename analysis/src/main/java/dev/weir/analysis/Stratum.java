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
  RECORDED;

  /// Whether no client waits for the answers.
  public boolean generated() {
    return this != CLIENTS;
  }

  /// Its requests, for people.
  public String told() {
    return switch (this) {
      case CLIENTS -> "requests";
      case PROBES -> "probes";
      case RECORDED -> "recorded requests";
    };
  }
}
