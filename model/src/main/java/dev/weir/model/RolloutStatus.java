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
    @Default("") String message) {
  public RolloutStatus {
    decidedBy = List.copyOf(decidedBy);
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
        message);
  }
}
