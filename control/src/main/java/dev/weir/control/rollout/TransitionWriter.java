// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeCommitter;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.PlannedChange;
import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoint.ChangeKind;
import dev.weir.control.crash.CrashPoint.Stage;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.publication.Publisher;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.ServiceStatus;
import dev.weir.store.Commit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stores the changes that rollouts make, and publishes the routing that follows from them.
///
/// A transition is written in this order: its evidence, then the transition with its audit entry,
/// then the routing snapshot. Dying in between has no lasting effect: evidence of a decision that
/// was not stored is never shown and is replaced by the next decision, and the next pass publishes
/// routing that was not published.
///
/// One decision is written at a time. Evidence belongs to a revision of the rollout. If the
/// reconciler and an operator decide on the same revision, only the first one may store evidence.
final class TransitionWriter {
  private static final Logger LOG = LoggerFactory.getLogger(TransitionWriter.class);

  private final ResourceSnapshot.Reader resources;
  private final ChangeExecutor changes;
  private final EvidenceStore evidence;
  private final Publisher publisher;
  private final ControlClock clock;
  private final CrashPoints crashPoints;
  private final ChangeCommitter committer;
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
    this.committer = new ChangeCommitter(changes, crashPoints);
    this.firstVersions = new FirstVersions(changes, publisher::publish, crashPoints);
  }

  /// Stores a transition with its evidence and publishes the routing.
  ///
  /// @return false when another change was committed first; the caller must decide again
  boolean write(
      Rollout rollout,
      Service service,
      Transition transition,
      Optional<AnalysisResult> analysisResult,
      Actor actor) {
    return switch (decide(rollout, service, transition, analysisResult, actor)) {
      case Commit.Conflict conflict -> {
        LOG.atInfo()
            .addKeyValue("event", "rollout.overtaken")
            .addKeyValue("rollout", rollout.ref())
            .addKeyValue("conflict", conflict.ref())
            .log("A concurrent change prevented a transition; it is decided again");
        yield false;
      }
      case Commit.Done _ -> {
        crashPoints.pass(CrashPoint.of(rollout.status(), transition.status(), Stage.COMMITTED));
        LOG.atInfo()
            .addKeyValue("event", "rollout.changed")
            .addKeyValue("rollout", rollout.ref())
            .addKeyValue("from", rollout.status().phase().text())
            .addKeyValue("to", transition.status().phase().text())
            .addKeyValue("reason", transition.reason())
            .log("A rollout changed its phase");
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
      storeEvidence(rollout, transition, analysisResult);
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

  /// Stores a new rollout and publishes.
  ///
  /// @return false when another change was committed first; the caller must decide again
  boolean start(
      ChangeKind door,
      Rollout rollout,
      Service service,
      ServiceStatus next,
      Actor actor,
      String reason) {
    Change change =
        new Change.StartRollout(rollout, service.withStatus(next), service.metadata().revision());
    return commit(new PlannedChange(door, change, reason), actor);
  }

  /// Stores the first version of a Service, which needs no rollout, and publishes.
  ///
  /// @return false when another change was committed first; the caller must decide again
  boolean first(Service service, ServiceStatus next, String reason) {
    return firstVersions.store(statusChange(service, next), reason);
  }

  /// Stores a new status of a Service without a rollout and publishes.
  ///
  /// @return false when another change was committed first; the caller must decide again
  boolean progress(
      ChangeKind door, Service service, ServiceStatus next, Actor actor, String reason) {
    return commit(new PlannedChange(door, statusChange(service, next), reason), actor);
  }

  /// Stores the change, if there is one, as Weir and publishes.
  ///
  /// @return whether a change was stored
  boolean commit(Optional<PlannedChange> change) {
    return change.isPresent() && commit(change.get(), Actor.WEIR);
  }

  private boolean commit(PlannedChange change, Actor actor) {
    return committer.commit(change, actor, publisher::publish);
  }

  private static Change.ServiceProgress statusChange(Service service, ServiceStatus next) {
    return new Change.ServiceProgress(service.withStatus(next), service.metadata().revision());
  }

  // A storage failure must not delay the rollback of a bad version.
  private void storeEvidence(
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
      LOG.atError()
          .addKeyValue("event", "rollout.evidence.failed")
          .addKeyValue("rollout", rollout.ref())
          .setCause(e)
          .log("The evidence of a rollback cannot be stored");
    }
  }
}
