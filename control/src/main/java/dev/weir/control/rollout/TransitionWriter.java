// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoint.Door;
import dev.weir.control.crash.CrashPoint.Stage;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.publication.Publisher;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.control.rollout.RolloutDecision.Transition;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.Service;
import dev.weir.model.ServiceStatus;
import dev.weir.store.Commit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries a transition out: evidence first, then the transition with its audit entry, then at once
/// the routing that follows from it. Dying in between leaves nothing half done: the evidence of a
/// decision that was not stored is never shown and is replaced by the next decision, and
/// unpublished routing is published by the next pass.
///
/// One decision at a time: evidence belongs to a revision of the rollout, and of two who decide on
/// the same revision (the reconciler and somebody by hand) only the one who is first may keep any.
final class TransitionWriter {
  private static final Logger LOG = LoggerFactory.getLogger(TransitionWriter.class);

  private final ResourceSnapshot.Reader resources;
  private final ChangeExecutor changes;
  private final EvidenceStore evidence;
  private final Publisher publisher;
  private final ControlClock clock;
  private final CrashPoints crashPoints;
  private final FirstVersions firstVersions;
  private final ReentrantLock deciding = new ReentrantLock();

  TransitionWriter(
      ResourceSnapshot.Reader resources,
      ChangeExecutor changes,
      EvidenceStore evidence,
      Publisher publisher,
      ControlClock clock,
      CrashPoints crashPoints) {
    this.resources = resources;
    this.changes = changes;
    this.evidence = evidence;
    this.publisher = publisher;
    this.clock = clock;
    this.crashPoints = crashPoints;
    this.firstVersions = new FirstVersions(changes, publisher::publish, crashPoints);
  }

  /// @return false when somebody else was faster: look again
  boolean write(
      Rollout rollout,
      Service service,
      Transition transition,
      Optional<AnalysisResult> analysisResult,
      Actor actor) {
    return switch (decide(rollout, service, transition, analysisResult, actor)) {
      case Commit.Conflict conflict -> {
        LOG.info("overtaken rollout={} by={}", rollout.ref(), conflict.ref());
        yield false;
      }
      case Commit.Done _ -> {
        crashPoints.pass(CrashPoint.of(rollout.status(), transition.status(), Stage.COMMITTED));
        LOG.info(
            "rollout={} from={} to={} reason={}",
            rollout.ref(),
            rollout.status().phase().text(),
            transition.status().phase().text(),
            transition.reason());
        publisher.publish();
        crashPoints.pass(CrashPoint.of(rollout.status(), transition.status(), Stage.PUBLISHED));
        yield true;
      }
    };
  }

  private Commit decide(
      Rollout rollout,
      Service service,
      Transition transition,
      Optional<AnalysisResult> analysisResult,
      Actor actor) {
    deciding.lock();
    try {
      Optional<Commit> overtaken = overtaken(rollout);
      if (overtaken.isPresent()) {
        return overtaken.get();
      }
      keepEvidence(rollout, transition, analysisResult);
      crashPoints.pass(CrashPoint.of(rollout.status(), transition.status(), Stage.DECIDED));
      return changes.execute(transition(rollout, service, transition), actor, transition.reason());
    } finally {
      deciding.unlock();
    }
  }

  private Optional<Commit> overtaken(Rollout rollout) {
    long known = rollout.metadata().revision();
    long current =
        resources
            .current()
            .rollout(rollout.metadata().namespace(), rollout.metadata().name())
            .map(stored -> stored.metadata().revision())
            .orElse(0L);
    return current == known
        ? Optional.empty()
        : Optional.of(new Commit.Conflict(rollout.ref(), known, current));
  }

  private static Change transition(Rollout rollout, Service service, Transition transition) {
    List<Service> withService = transition.service().map(service::withStatus).stream().toList();
    return new Change.TransitionRollout(
        rollout.withStatus(transition.status()),
        rollout.metadata().revision(),
        withService,
        withService.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(service.metadata().revision()));
  }

  /// Starts a rollout.
  boolean start(
      Door door, Rollout rollout, Service service, ServiceStatus next, Actor actor, String reason) {
    return carryOut(
        door,
        new Change.StartRollout(rollout, service.withStatus(next), service.metadata().revision()),
        actor,
        reason);
  }

  /// Stores that a Service serves its first version, which needs no rollout.
  boolean first(Service service, ServiceStatus next, String reason) {
    return firstVersions.store(
        new Change.ServiceProgress(service.withStatus(next), service.metadata().revision()),
        reason);
  }

  /// Moves a Service's status on without a rollout.
  boolean progress(Door door, Service service, ServiceStatus next, Actor actor, String reason) {
    return carryOut(
        door,
        new Change.ServiceProgress(service.withStatus(next), service.metadata().revision()),
        actor,
        reason);
  }

  private boolean carryOut(Door door, Change change, Actor actor, String reason) {
    crashPoints.pass(CrashPoint.of(door, Stage.DECIDED));
    return switch (changes.execute(change, actor, reason)) {
      case Commit.Conflict _ -> false;
      case Commit.Done _ -> {
        crashPoints.pass(CrashPoint.of(door, Stage.COMMITTED));
        publisher.publish();
        crashPoints.pass(CrashPoint.of(door, Stage.PUBLISHED));
        yield true;
      }
    };
  }

  // No disk trouble may stand between a bad version and its revert.
  private void keepEvidence(
      Rollout rollout, Transition transition, Optional<AnalysisResult> analysisResult) {
    try {
      transition
          .finding()
          .ifPresentOrElse(
              finding -> evidence.keep(rollout, clock.now(), finding, analysisResult),
              () -> evidence.drop(rollout));
    } catch (RuntimeException e) {
      if (transition.status().phase() != RolloutPhase.ROLLING_BACK) {
        throw e;
      }
      LOG.error("evidence of a revert could not be kept rollout={}", rollout.ref(), e);
    }
  }
}
