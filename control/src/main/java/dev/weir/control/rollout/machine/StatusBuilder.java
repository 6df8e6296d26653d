// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.RolloutStatus.Overridden;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Builds the next status of a rollout from its current status.
final class StatusBuilder {
  private final RolloutStatus old;
  private final Instant now;
  private RolloutPhase phase;
  private int step;
  private double weight;
  private Optional<Instant> phaseSince;
  private Optional<Instant> stepStartedAt;
  private Optional<Instant> finishedAt;
  private Optional<RolloutPhase> ending;
  private Optional<RolloutPhase> pausedFrom;
  private List<String> decidedBy;
  private Optional<Instant> revertDecidedAt;
  private Optional<Instant> revertedAt;
  private Optional<Instant> passedAt;
  private Optional<Instant> fillingSince;
  private Optional<Overridden> overridden;

  private StatusBuilder(RolloutStatus old, Instant now) {
    this.old = old;
    this.now = now;
    this.phase = old.phase();
    this.step = old.step();
    this.weight = old.weight();
    this.phaseSince = old.phaseSince();
    this.stepStartedAt = old.stepStartedAt();
    this.finishedAt = old.finishedAt();
    this.ending = old.ending();
    this.pausedFrom = old.pausedFrom();
    this.decidedBy = old.decidedBy();
    this.revertDecidedAt = old.revertDecidedAt();
    this.revertedAt = old.revertedAt();
    this.passedAt = old.passedAt();
    this.fillingSince = old.fillingSince();
    this.overridden = old.overridden();
  }

  static StatusBuilder of(RolloutStatus old, Instant now) {
    return new StatusBuilder(old, now);
  }

  /// @throws IllegalStateException when the phases do not allow it
  StatusBuilder phase(RolloutPhase next) {
    if (!phase.next().contains(next)) {
      throw new IllegalStateException("a rollout cannot go from " + phase + " to " + next);
    }
    phase = next;
    phaseSince = Optional.of(now);
    finishedAt = next.terminal() ? Optional.of(now) : Optional.empty();
    return this;
  }

  /// Keeps the phase and restarts its time.
  StatusBuilder phaseAgain() {
    phaseSince = Optional.of(now);
    return this;
  }

  StatusBuilder step(int newStep, double newWeight) {
    step = newStep;
    weight = newWeight;
    fillingSince = Optional.empty();
    return stepAgain();
  }

  /// Marks the running step as passed.
  StatusBuilder passed() {
    passedAt = Optional.of(now);
    return this;
  }

  /// Marks the running step as not passed.
  StatusBuilder unpassed() {
    passedAt = Optional.empty();
    return this;
  }

  /// Marks the start of the replicas of the next step.
  StatusBuilder filling() {
    fillingSince = Optional.of(now);
    return this;
  }

  StatusBuilder weight(double newWeight) {
    weight = newWeight;
    return this;
  }

  /// Restarts the statistics and the time of the step.
  StatusBuilder stepAgain() {
    stepStartedAt = Optional.of(now);
    passedAt = Optional.empty();
    return this;
  }

  StatusBuilder ending(Optional<RolloutPhase> newEnding) {
    ending = newEnding;
    return this;
  }

  StatusBuilder pausedFrom(Optional<RolloutPhase> from) {
    pausedFrom = from;
    return this;
  }

  StatusBuilder decidedBy(List<String> names) {
    decidedBy = names;
    return this;
  }

  StatusBuilder revertDecided() {
    revertDecidedAt = Optional.of(now);
    return this;
  }

  StatusBuilder reverted() {
    revertedAt = Optional.of(now);
    return this;
  }

  StatusBuilder overridden(Overridden how) {
    overridden = Optional.of(how);
    return this;
  }

  RolloutStatus message(String message) {
    return new RolloutStatus(
        phase,
        step,
        weight,
        old.startedAt(),
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
