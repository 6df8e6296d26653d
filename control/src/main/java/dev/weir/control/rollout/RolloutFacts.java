// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Everything beside the stored resources that a rollout's next transition depends on.
///
/// @param now of the control clock
/// @param adopting whether providers may still be finding again what runs, so that absence means
///   nothing yet
/// @param canary replicas of the version under test
/// @param fallback replicas of the version that a revert goes back to
/// @param routing whether gateways serve what is stored
/// @param startupTimeout of the version under test, empty when there is no such ModelVersion
/// @param verdict of the newest look, when there was one
/// @param progress the evidence so far in a few words, empty before the first look
/// @param limits how long each wait may take
record RolloutFacts(
    Instant now,
    boolean adopting,
    Group canary,
    Group fallback,
    Routing routing,
    Optional<Duration> startupTimeout,
    Optional<Verdict> verdict,
    String progress,
    Limits limits) {

  /// The replicas of one version.
  ///
  /// @param ready wanted ones that are Ready
  /// @param answering Ready ones, wanted or not
  /// @param present those that exist in any state
  /// @param trouble a hard guard that has tripped
  /// @param detail what those that are not ready are doing
  record Group(
      int wanted, int ready, int answering, int present, Optional<Trouble> trouble, String detail) {
    boolean complete() {
      return wanted > 0 && ready >= wanted;
    }
  }

  /// A hard guard (section 6.5 of the statistics): deterministic, outside all statistics.
  record Trouble(String guard, String detail) {}

  /// @param published whether the current snapshot has the stored state in it
  /// @param waitingFor gateways that do not serve it yet
  /// @param givenUp silent gateways that are not waited for any longer
  record Routing(boolean published, List<String> waitingFor, List<String> givenUp) {
    Routing {
      waitingFor = List.copyOf(waitingFor);
      givenUp = List.copyOf(givenUp);
    }

    boolean settled() {
      return published && waitingFor.isEmpty();
    }
  }

  /// @param startupMargin beyond the version's start-up timeout until its replicas must be Ready
  /// @param acknowledgement until a step or a revert goes on without the gateways that are missing
  /// @param stopping until a revert that gateways do not take up, or a promotion, ends although
  ///   something is left over
  /// @param draining until a revert that gateways did take up ends although replicas are left over
  record Limits(
      Duration startupMargin, Duration acknowledgement, Duration stopping, Duration draining) {}
}
