// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.strata;

/// A canary and its traffic.
///
/// @param name as in the table
/// @param conversations whether prompts have prefixes that replicas cache
/// @param strata whether requests carry the class of their prefill
/// @param ttftFactor on each time to the first token of the canary
/// @param withoutCache whether the canary's engine caches nothing
/// @param keyShare share of the requests that come from one key
/// @param cuts share of the canary's streams that are cut
/// @param latestCut share of the answer after which they are cut at the latest
/// @param late whether outcomes are known when requests end rather than at once
/// @param fastCuts whether cuts count as fast failures
/// @param noise standard deviation of the log time to the first token that each replica has on its
///   own, for a minute
record Scenario(
    String name,
    boolean conversations,
    boolean strata,
    double ttftFactor,
    boolean withoutCache,
    double keyShare,
    double cuts,
    double latestCut,
    boolean late,
    boolean fastCuts,
    double noise) {
  /// The baseline's share of cut streams.
  static final double USUAL_CUTS = .003;

  static Scenario prompts(String name, double ttftFactor) {
    return new Scenario(name, false, false, ttftFactor, false, 0, USUAL_CUTS, 1, false, false, 0);
  }

  static Scenario conversations(String name, double ttftFactor) {
    return new Scenario(name, true, false, ttftFactor, false, 0, USUAL_CUTS, 1, false, false, 0);
  }

  static Scenario withoutCache(String name) {
    return new Scenario(name, true, false, 1, true, 0, USUAL_CUTS, 1, false, false, 0);
  }

  static Scenario ofOneKey(String name, double ttftFactor, double share) {
    return new Scenario(
        name, false, false, ttftFactor, false, share, USUAL_CUTS, 1, false, false, 0);
  }

  static Scenario cut(String name, double cuts, double latest) {
    return new Scenario(name, false, false, 1, false, 0, cuts, latest, true, false, 0);
  }

  Scenario withStrata() {
    return new Scenario(
        name,
        conversations,
        true,
        ttftFactor,
        withoutCache,
        keyShare,
        cuts,
        latestCut,
        late,
        fastCuts,
        noise);
  }

  Scenario withFastCuts() {
    return new Scenario(
        name,
        conversations,
        strata,
        ttftFactor,
        withoutCache,
        keyShare,
        cuts,
        latestCut,
        late,
        true,
        noise);
  }

  Scenario withNoise(double sd) {
    return new Scenario(
        name,
        conversations,
        strata,
        ttftFactor,
        withoutCache,
        keyShare,
        cuts,
        latestCut,
        late,
        fastCuts,
        sd);
  }
}
