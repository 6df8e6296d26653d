// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.status;

import dev.weir.model.value.Default;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The observed state of a Rollout.
///
/// @param step index of the current step, from 0; -1 before the first
/// @param weight share of traffic for the canary, in percent, 0 to 100
/// @param ending the terminal phase that a `RollingBack` rollout will reach
/// @param pausedFrom the phase to which a `Paused` rollout returns
/// @param decidedBy names of the metrics or guards that caused the decision
/// @param revertDecidedAt when the decision to revert was stored
/// @param revertedAt when the last live gateway acknowledged weight 0
/// @param overridden the override that permits the rollout to start or continue despite guard rails
/// @param passedAt when the current step passed its analysis and started to wait for its pause or
///   gate
/// @param fillingSince since when the replicas for the next step have been starting
/// @param message one line for people. The stored message describes the last transition; the API
///   replaces it with what the rollout currently waits for
public record RolloutStatus(
    @Default("Pending") RolloutPhase phase,
    @Default("-1") int step,
    @Default("0") double weight,
    Optional<Instant> startedAt,
    Optional<Instant> phaseSince,
    Optional<Instant> stepStartedAt,
    Optional<Instant> finishedAt,
    Optional<RolloutPhase> ending,
    Optional<RolloutPhase> pausedFrom,
    @Default("[]") List<String> decidedBy,
    Optional<Instant> revertDecidedAt,
    Optional<Instant> revertedAt,
    Optional<Overridden> overridden,
    Optional<Instant> passedAt,
    Optional<Instant> fillingSince,
    @Default("") String message) {
  /// The entry of `decidedBy` for a rollout that a user reverted immediately, without any wait.
  public static final String BREAK_GLASS = "break-glass";

  public RolloutStatus {
    decidedBy = List.copyOf(decidedBy);
  }

  /// A status without override, in a step that has not passed and does not wait for replicas.
  public RolloutStatus(
      RolloutPhase phase,
      int step,
      double weight,
      Optional<Instant> startedAt,
      Optional<Instant> phaseSince,
      Optional<Instant> stepStartedAt,
      Optional<Instant> finishedAt,
      Optional<RolloutPhase> ending,
      Optional<RolloutPhase> pausedFrom,
      List<String> decidedBy,
      Optional<Instant> revertDecidedAt,
      Optional<Instant> revertedAt,
      String message) {
    this(
        phase,
        step,
        weight,
        startedAt,
        phaseSince,
        stepStartedAt,
        finishedAt,
        ending,
        pausedFrom,
        decidedBy,
        revertDecidedAt,
        revertedAt,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        message);
  }

  /// A user's override: freezes, limits and ordering do not block the rollout.
  ///
  /// @param by the principal
  /// @param until when guard rails apply again; empty means when the rollout ends
  public record Overridden(String by, String reason, Instant since, Optional<Instant> until) {
    public boolean inForce(Instant now) {
      return until.filter(end -> !now.isBefore(end)).isEmpty();
    }
  }

  /// Whether guard rails are overridden at that time.
  public boolean overriddenAt(Instant now) {
    return overridden.filter(over -> over.inForce(now)).isPresent();
  }

  public RolloutStatus withMessage(String message) {
    return new RolloutStatus(
        phase,
        step,
        weight,
        startedAt,
        phaseSince,
        stepStartedAt,
        finishedAt,
        ending,
        pausedFrom,
        decidedBy,
        revertDecidedAt,
        revertedAt,
        overridden,
        passedAt,
        fillingSince,
        message);
  }
}
