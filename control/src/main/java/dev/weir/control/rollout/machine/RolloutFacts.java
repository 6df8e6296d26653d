// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.analysis.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The observed state that the next transition of a rollout depends on.
///
/// @param now of the control clock
/// @param adopting whether providers may still be finding running replicas after a start, so that a
///   missing replica may exist
/// @param canary replicas of the version under test
/// @param fallback replicas of the version that a rollback returns to
/// @param routing whether gateways serve the stored state
/// @param startupTimeout of the version under test; empty when its ModelVersion does not exist
/// @param verdict of the latest analysis, if there was one
/// @param progress short text of the evidence; empty before the first analysis
/// @param limits the limit of each wait
public record RolloutFacts(
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
  /// @param ready desired replicas that are Ready
  /// @param answering Ready replicas, desired or not
  /// @param present those that exist in any state
  /// @param trouble a failed hard guard
  /// @param detail state of the replicas that are not Ready
  public record Group(
      int wanted, int ready, int answering, int present, Optional<Trouble> trouble, String detail) {
    boolean complete() {
      return wanted > 0 && ready >= wanted;
    }
  }

  /// A hard guard (section 6.5 of the statistics): deterministic, outside all statistics.
  public record Trouble(String guard, String detail) {}

  /// @param published whether the current snapshot contains the stored state
  /// @param waitingFor gateways that do not serve it yet
  /// @param givenUp silent gateways that are no longer waited for
  public record Routing(boolean published, List<String> waitingFor, List<String> givenUp) {
    public Routing {
      waitingFor = List.copyOf(waitingFor);
      givenUp = List.copyOf(givenUp);
    }

    public boolean settled() {
      return published && waitingFor.isEmpty();
    }
  }

  /// @param startupMargin beyond the version's start-up timeout until its replicas must be Ready
  /// @param acknowledgement until a step or a revert goes on without the gateways that are missing
  /// @param stopping until a revert that gateways do not take up, or a promotion, ends although
  ///   something is left over
  /// @param draining until a revert that gateways did take up ends although replicas are left over
  public record Limits(
      Duration startupMargin, Duration acknowledgement, Duration stopping, Duration draining) {}
}
