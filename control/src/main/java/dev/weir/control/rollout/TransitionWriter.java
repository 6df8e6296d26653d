// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.observation.LookClock;
import dev.weir.control.publication.Publisher;
import dev.weir.control.rollout.AnalysisDesk.Sight;
import dev.weir.control.rollout.Step.Move;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.Service;
import dev.weir.model.ServiceStatus;
import dev.weir.store.Commit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries a transition out: evidence first, then the transition with its audit entry, then at once
/// the routing that follows from it. Dying in between leaves nothing half done: the evidence of a
/// decision that was not stored is overwritten by the next, and unpublished routing is published by
/// the next pass.
final class TransitionWriter {
  private static final Logger LOG = LoggerFactory.getLogger(TransitionWriter.class);

  private final ChangeExecutor changes;
  private final EvidenceBook evidence;
  private final Publisher publisher;
  private final LookClock clock;

  TransitionWriter(
      ChangeExecutor changes, EvidenceBook evidence, Publisher publisher, LookClock clock) {
    this.changes = changes;
    this.evidence = evidence;
    this.publisher = publisher;
    this.clock = clock;
  }

  /// @return false when somebody else was faster: look again
  boolean write(Rollout rollout, Service service, Move move, Optional<Sight> sight, Actor actor) {
    keepEvidence(rollout, move, sight);
    Rollout next = rollout.withStatus(move.status());
    List<Service> withService = move.service().map(service::withStatus).stream().toList();
    Commit commit =
        changes.execute(
            new Change.TransitionRollout(
                next,
                rollout.metadata().revision(),
                withService,
                withService.isEmpty()
                    ? OptionalLong.empty()
                    : OptionalLong.of(service.metadata().revision())),
            actor,
            move.reason());
    return switch (commit) {
      case Commit.Conflict conflict -> {
        LOG.info("overtaken rollout={} by={}", rollout.ref(), conflict.ref());
        yield false;
      }
      case Commit.Done _ -> {
        LOG.info(
            "rollout={} from={} to={} reason={}",
            rollout.ref(),
            rollout.status().phase().text(),
            next.status().phase().text(),
            move.reason());
        publisher.publish();
        yield true;
      }
    };
  }

  /// Starts a rollout.
  boolean start(Rollout rollout, Service service, ServiceStatus next, Actor actor, String reason) {
    return done(
        changes.execute(
            new Change.StartRollout(
                rollout, service.withStatus(next), service.metadata().revision()),
            actor,
            reason));
  }

  /// Moves a Service's status on without a rollout.
  boolean progress(Service service, ServiceStatus next, Actor actor, String reason) {
    return done(
        changes.execute(
            new Change.ServiceProgress(service.withStatus(next), service.metadata().revision()),
            actor,
            reason));
  }

  private boolean done(Commit commit) {
    return switch (commit) {
      case Commit.Conflict _ -> false;
      case Commit.Done _ -> {
        publisher.publish();
        yield true;
      }
    };
  }

  // No disk trouble may stand between a bad version and its revert.
  private void keepEvidence(Rollout rollout, Move move, Optional<Sight> sight) {
    if (move.finding().isEmpty()) {
      return;
    }
    try {
      evidence.keep(rollout, clock.now(), move.finding().get(), sight);
    } catch (RuntimeException e) {
      if (move.status().phase() != RolloutPhase.ROLLING_BACK) {
        throw e;
      }
      LOG.error("evidence of a revert could not be kept rollout={}", rollout.ref(), e);
    }
  }
}
