// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How far a Rollout has come.
///
/// @param step index of the running step, from 0; -1 before the first
/// @param weight share of the traffic that the canary is given, in percent, 0 to 100
/// @param ending which terminal phase a `RollingBack` rollout is on its way to
/// @param pausedFrom the phase that a `Paused` rollout goes back to
/// @param decidedBy names of the metrics or guards that decided it
/// @param revertDecidedAt when the decision to revert was stored
/// @param revertedAt when the last live gateway had acknowledged weight 0
/// @param overridden who lets it begin or go on in spite of guard rails
/// @param passedAt when the running step was passed and began to wait for its pause or its gate
/// @param fillingSince since when the replicas that the next step needs are on their way
/// @param message one line for people: stored, what the last transition said; read through the API,
///   what is being waited for now
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
  /// Among `decidedBy` of a rollout that was reverted by hand without waiting for anything.
  public static final String BREAK_GLASS = "break-glass";

  public RolloutStatus {
    decidedBy = List.copyOf(decidedBy);
  }

  /// One that nothing is overridden for, at a step that is neither passed nor waits for replicas.
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

  /// Freezes, limits and order do not hold the rollout, because a user has overridden them.
  ///
  /// @param by the principal
  /// @param until they hold again from then on; empty means not before the rollout ends
  public record Overridden(String by, String reason, Instant since, Optional<Instant> until) {
    public boolean inForce(Instant now) {
      return until.filter(end -> !now.isBefore(end)).isEmpty();
    }
  }

  /// Whether guard rails are overridden at that moment.
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
