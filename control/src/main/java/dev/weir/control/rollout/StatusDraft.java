// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutStatus;
import dev.weir.model.RolloutStatus.Overridden;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The next status of a rollout in the making: starts as the present one, says what changes.
final class StatusDraft {
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

  private StatusDraft(RolloutStatus old, Instant now) {
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

  static StatusDraft of(RolloutStatus old, Instant now) {
    return new StatusDraft(old, now);
  }

  /// @throws IllegalStateException when the phases do not allow it
  StatusDraft phase(RolloutPhase next) {
    if (!phase.next().contains(next)) {
      throw new IllegalStateException("a rollout cannot go from " + phase + " to " + next);
    }
    phase = next;
    phaseSince = Optional.of(now);
    finishedAt = next.terminal() ? Optional.of(now) : Optional.empty();
    return this;
  }

  /// The phase stays, its time begins anew.
  StatusDraft phaseAgain() {
    phaseSince = Optional.of(now);
    return this;
  }

  StatusDraft step(int newStep, double newWeight) {
    step = newStep;
    weight = newWeight;
    fillingSince = Optional.empty();
    return stepAgain();
  }

  /// The running step asks for no more proof.
  StatusDraft passed() {
    passedAt = Optional.of(now);
    return this;
  }

  /// What it has shown so far does not count any more.
  StatusDraft unpassed() {
    passedAt = Optional.empty();
    return this;
  }

  /// The replicas of the next step are on their way.
  StatusDraft filling() {
    fillingSince = Optional.of(now);
    return this;
  }

  StatusDraft weight(double newWeight) {
    weight = newWeight;
    return this;
  }

  /// The statistics of the step, and its time, begin anew.
  StatusDraft stepAgain() {
    stepStartedAt = Optional.of(now);
    passedAt = Optional.empty();
    return this;
  }

  StatusDraft ending(Optional<RolloutPhase> newEnding) {
    ending = newEnding;
    return this;
  }

  StatusDraft pausedFrom(Optional<RolloutPhase> from) {
    pausedFrom = from;
    return this;
  }

  StatusDraft decidedBy(List<String> names) {
    decidedBy = names;
    return this;
  }

  StatusDraft revertDecided() {
    revertDecidedAt = Optional.of(now);
    return this;
  }

  StatusDraft reverted() {
    revertedAt = Optional.of(now);
    return this;
  }

  StatusDraft overridden(Overridden how) {
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
