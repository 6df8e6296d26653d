// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.crash.CrashPoint.ChangeKind;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ProgressTracker;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.operations.ExpiredFaults;
import dev.weir.control.operations.FinishedOrders;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.control.rollout.FactCollector.ServiceObservation;
import dev.weir.control.rollout.ReleaseEngine.Pass;
import dev.weir.control.rollout.ReleaseGate.GateDecision;
import dev.weir.control.rollout.ReleaseStarter.Start;
import dev.weir.control.rollout.machine.RolloutContext;
import dev.weir.control.rollout.machine.RolloutDecision;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.control.rollout.machine.RolloutFacts;
import dev.weir.control.rollout.machine.RolloutMachine;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// One pass over one Service. [#reconcile] contains its steps in order:
///
/// 1. Observe: read stored resources, replicas and evidence ([FactCollector], [RolloutAnalyses]).
/// 2. Decide: compute one change as a value ([RolloutMachine], [ReleaseGate], [ReleaseStarter]).
/// 3. Commit: store it with its audit entry ([TransitionWriter]), once, because it names the
///    revision that it was decided on. After a conflict the next pass decides again.
/// 4. Publish: the writer publishes the snapshot of what is stored; a repetition has the same
///    result.
/// 5. Deploy: when nothing is left to store, apply the difference between desired and observed
///    replicas ([ServiceDeployment]). A repeated difference is empty.
///
/// The process may die after any step: the next pass reads everything again and continues.
final class ReconcilePass {
  private static final int MOST_CHANGES = 6;

  private final ResourceSnapshot.Reader resources;
  private final Fleet fleet;
  private final FactCollector facts;
  private final RolloutAnalyses analyses;
  private final ReleaseGate gate;
  private final TransitionWriter writer;
  private final ServiceDeployment deployment;
  private final ProgressTracker progress;
  private final ControlClock clock;
  private final Supplier<String> salts;

  /// Serialises decision and commit of starts: of two releases that need the same free capacity,
  /// the second one decides after the first one is stored.
  private final ReentrantLock starting = new ReentrantLock();

  ReconcilePass(
      ResourceSnapshot.Reader resources,
      Fleet fleet,
      FactCollector facts,
      RolloutAnalyses analyses,
      ReleaseGate gate,
      TransitionWriter writer,
      ServiceDeployment deployment,
      ProgressTracker progress,
      ControlClock clock,
      Supplier<String> salts) {
    this.resources = resources;
    this.fleet = fleet;
    this.facts = facts;
    this.analyses = analyses;
    this.gate = gate;
    this.writer = writer;
    this.deployment = deployment;
    this.progress = progress;
    this.clock = clock;
    this.salts = salts;
  }

  Pass reconcile(String namespace, String name) {
    ObservedFleet replicas = fleet.observe();
    for (int i = 0; i < MOST_CHANGES; i++) {
      ResourceSnapshot stored = resources.current();
      Optional<Service> service = stored.service(namespace, name);
      if (service.isEmpty()) {
        analyses.forget(namespace, name);
        deployment.retire(namespace, name, replicas.of(namespace, name), stored.revision());
        return new Pass.Unsettled();
      }
      ServiceObservation observed = facts.serviceObservation(service.get(), stored, replicas);
      boolean allKnown = deployment.allKnown(observed);
      if (!release(observed)
          && !writer.commit(FinishedOrders.removal(service.get(), observed.members(), allKnown))
          && !writer.commit(ExpiredFaults.removal(service.get(), clock.now()))) {
        deployment.apply(observed);
        return deployment.settled(observed)
            ? new Pass.Settled(service.get(), replicas.of(namespace, name))
            : new Pass.Unsettled();
      }
    }
    return new Pass.Unsettled();
  }

  /// Starts a release or advances the live rollout. Returns whether a change was stored.
  private boolean release(ServiceObservation observed) {
    if (observed.live().isPresent()) {
      return advance(observed, observed.live().get());
    }
    analyses.deleteLast(observed);
    Service service = observed.service();
    return switch (ReleaseStarter.decide(
        observed, () -> analyses.settled(service), clock.now(), salts.get())) {
      case Start.Release(Rollout rollout, var status, String reason) ->
          writer.start(ChangeKind.ROLLOUT_START, rollout, service, status, Actor.WEIR, reason);
      case Start.First(var status, String reason) -> writer.first(service, status, reason);
      case Start.Detach(var status, String reason) ->
          writer.progress(ChangeKind.SERVICE_PUT_RIGHT, service, status, Actor.WEIR, reason);
      case Start.Nothing(String message) -> {
        progress.record(service, service.status().message(), message);
        yield false;
      }
    };
  }

  private boolean advance(ServiceObservation observed, Rollout rollout) {
    Optional<AnalysisResult> analysis = analyses.evaluate(observed, rollout);
    RolloutFacts known = facts.facts(observed, rollout, analysis);
    RolloutContext context = RolloutContext.of(rollout, observed.service(), known);
    RolloutDecision next = RolloutMachine.next(rollout, observed.service(), known);
    if (!ReleaseGate.starts(rollout, next)) {
      return commit(context, gate.decide(context, next, resources.current()), analysis);
    }
    starting.lock();
    try {
      return commit(context, gate.decide(context, next, resources.current()), analysis);
    } finally {
      starting.unlock();
    }
  }

  private boolean commit(
      RolloutContext context, GateDecision decision, Optional<AnalysisResult> analysis) {
    return switch (decision) {
      case GateDecision.Proceed(Rollout rollout, Transition transition) ->
          writer.write(rollout, context.service(), transition, analysis, Actor.WEIR);
      case GateDecision.Wait(String message) -> {
        progress.record(context.rollout(), context.status().message(), message);
        yield false;
      }
    };
  }
}
