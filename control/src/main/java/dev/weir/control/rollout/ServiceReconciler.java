// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.crash.CrashPoint.Door;
import dev.weir.control.deployment.Deployer;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.InFlightRequests;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ProgressTracker;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.control.operations.FaultReconciler;
import dev.weir.control.operations.OrderReconciler;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.control.rollout.FactCollector.ServiceObservation;
import dev.weir.control.rollout.ReleaseEngine.Pass;
import dev.weir.control.rollout.ReleaseStarter.Start;
import dev.weir.control.rollout.RolloutDecision.Transition;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.Service;
import dev.weir.model.ServiceStatus;
import dev.weir.model.VersionRef;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stages;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// One reconcile pass over one Service: observe its state, advance its rollout, then move its
/// replicas towards the desired state.
///
/// Level-triggered: a pass reads everything again and may be interrupted anywhere. A pass takes a
/// few transitions at most; what is left, the next tick takes.
final class ServiceReconciler {
  private static final int MOST_TRANSITIONS = 6;

  /// Beyond the Service's total timeout until no answer can be open any more.
  private static final Duration ANSWER_MARGIN = Duration.ofSeconds(5);

  /// The same for replicas whose Service, and with it its timeout, is gone.
  private static final Duration LONGEST_OF_ORPHANS = Duration.ofMinutes(2);

  private final ResourceSnapshot.Reader resources;
  private final Fleet fleet;
  private final FactCollector factCollector;
  private final AnalysisRunner runner;
  private final ReleaseGate releaseGate;
  private final TransitionWriter writer;
  private final ProgressTracker progress;
  private final Deployer deployer;
  private final OrderReconciler orders;
  private final FaultReconciler faults;
  private final ControlClock clock;
  private final RolloutTiming timing;
  private final Supplier<String> salts;
  private final Map<String, String> forgotten = new ConcurrentHashMap<>();

  ServiceReconciler(
      ResourceSnapshot.Reader resources,
      Fleet fleet,
      FactCollector factCollector,
      AnalysisRunner runner,
      ReleaseGate releaseGate,
      TransitionWriter writer,
      ProgressTracker progress,
      Deployer deployer,
      OrderReconciler orders,
      FaultReconciler faults,
      ControlClock clock,
      RolloutTiming timing,
      Supplier<String> salts) {
    this.resources = resources;
    this.fleet = fleet;
    this.factCollector = factCollector;
    this.runner = runner;
    this.releaseGate = releaseGate;
    this.writer = writer;
    this.progress = progress;
    this.deployer = deployer;
    this.orders = orders;
    this.faults = faults;
    this.clock = clock;
    this.timing = timing;
    this.salts = salts;
  }

  Pass reconcile(String namespace, String name) {
    ObservedFleet observed = fleet.observe();
    for (int i = 0; i < MOST_TRANSITIONS; i++) {
      Optional<Service> service = resources.current().service(namespace, name);
      if (service.isEmpty()) {
        retire(namespace, name, observed.of(namespace, name));
        return new Pass.Unsettled();
      }
      ServiceObservation serviceObservation =
          factCollector.serviceObservation(service.get(), resources.current(), observed);
      if (!release(serviceObservation)
          && !orders.reconcile(
              serviceObservation.service(),
              serviceObservation.members(),
              allKnown(serviceObservation))
          && !faults.reconcile(serviceObservation.service())) {
        deploy(serviceObservation);
        return settled(serviceObservation)
            ? new Pass.Settled(serviceObservation.service(), observed.of(namespace, name))
            : new Pass.Unsettled();
      }
    }
    return new Pass.Unsettled();
  }

  /// Whether nothing is to do and nothing is waited for: neither a release nor an order, fault,
  /// missing reference or adoption, and every wanted replica is Ready and there is no other.
  private boolean settled(ServiceObservation serviceObservation) {
    Service service = serviceObservation.service();
    SlotAssignment members = serviceObservation.members();
    return serviceObservation.live().isEmpty()
        && service.status().orders().isEmpty()
        && service.status().faults().isEmpty()
        && service
            .status()
            .stable()
            .filter(stable -> stable.version().equals(service.spec().version()))
            .isPresent()
        && allKnown(serviceObservation)
        && members.placed().keySet().stream().allMatch(members::serves)
        && members.seen().values().stream()
            .allMatch(
                replica -> !replica.present() || members.placed().containsKey(replica.name()));
  }

  /// Whether a replica that was not seen is gone, not only not found again yet.
  private boolean allKnown(ServiceObservation serviceObservation) {
    return !factCollector.adopting()
        && serviceObservation.problems().isEmpty()
        && deployer.blocked(serviceObservation.members()).isEmpty();
  }

  /// @return whether something was stored, so that it pays to look again
  private boolean release(ServiceObservation serviceObservation) {
    if (serviceObservation.live().isEmpty()) {
      forgetLast(serviceObservation);
      return begin(serviceObservation);
    }
    Rollout rollout = serviceObservation.live().get();
    Optional<AnalysisResult> analysisResult = analysisResult(serviceObservation, rollout);
    RolloutFacts facts = factCollector.facts(serviceObservation, rollout, analysisResult);
    return releaseGate.pass(
        RolloutContext.of(rollout, serviceObservation.service(), facts),
        RolloutMachine.next(rollout, serviceObservation.service(), facts),
        new ReleaseGate.ReleaseActions() {
          @Override
          public boolean write(Rollout placed, Transition transition) {
            return writer.write(
                placed, serviceObservation.service(), transition, analysisResult, Actor.WEIR);
          }

          @Override
          public boolean report(String message) {
            return reportProgress(rollout, message);
          }
        });
  }

  private boolean reportProgress(Rollout rollout, String message) {
    progress.record(rollout, rollout.status().message(), message);
    return false;
  }

  private boolean begin(ServiceObservation serviceObservation) {
    Service service = serviceObservation.service();
    return switch (ReleaseStarter.decide(serviceObservation, clock.now(), salts.get())) {
      case Start.Release(Rollout rollout, ServiceStatus next, String reason) ->
          writer.start(Door.ROLLOUT_START, rollout, service, next, Actor.WEIR, reason);
      case Start.First(var stable, String message) ->
          writer.first(
              service,
              service
                  .status()
                  .withStable(stable)
                  .withRollout(Optional.empty())
                  .withMessage(message),
              message);
      case Start.Nothing(String message) -> reportStatus(service, message);
    };
  }

  private Optional<AnalysisResult> analysisResult(
      ServiceObservation serviceObservation, Rollout rollout) {
    return switch (rollout.status().phase()) {
      case PROGRESSING, PAUSED, PROMOTING ->
          Stages.running(rollout).filter(Stage::observed).isPresent()
              ? runner.look(rollout, stepMayBegin(serviceObservation, rollout))
              : Optional.empty();
      case PENDING, PROVISIONING, ROLLING_BACK -> Optional.empty();
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> Optional.empty();
    };
  }

  private boolean stepMayBegin(ServiceObservation serviceObservation, Rollout rollout) {
    Instant since = rollout.status().stepStartedAt().orElse(clock.now());
    return factCollector.routing(serviceObservation, rollout).settled()
        || clock.now().isAfter(since.plus(timing.acknowledgement()));
  }

  private void deploy(ServiceObservation serviceObservation) {
    Service service = serviceObservation.service();
    VersionRef healed = DesiredReplicas.stable(service);
    deployer.apply(
        serviceObservation.members(),
        replica -> unrouted(serviceObservation, replica),
        healed,
        serviceObservation.most(),
        service.spec().traffic().timeouts().total().plus(ANSWER_MARGIN),
        clock.now());
  }

  // What a promotion leaves behind stays as long as what took its place is not all there.
  private Optional<InFlightRequests> unrouted(
      ServiceObservation serviceObservation, TargetReplica replica) {
    boolean replaced =
        serviceObservation
            .live()
            .filter(rollout -> rollout.status().phase() == RolloutPhase.PROMOTING)
            .filter(rollout -> Stages.surplus(rollout.spec()).isEmpty())
            .filter(rollout -> rollout.spec().from().equals(replica.version()))
            .map(rollout -> complete(serviceObservation.members(), rollout.spec().to()))
            .orElse(true);
    return replaced
        ? factCollector.unrouted(
            serviceObservation.id(),
            replica,
            serviceObservation.live(),
            serviceObservation.catalogue().revision())
        : Optional.empty();
  }

  private static boolean complete(SlotAssignment members, VersionRef version) {
    return members.ready(version) >= members.wanted(version);
  }

  /// Replicas of a Service that is gone.
  private void retire(String namespace, String name, List<TargetReplica> targetReplicas) {
    SlotAssignment members =
        SlotAssignment.of(namespace, name, List.of(), targetReplicas, List.of());
    long revision = resources.current().revision();
    forgotten.remove(namespace + "/" + name);
    members.leaving().stream()
        .findFirst()
        .ifPresent(any ->
            deployer.apply(
                members,
                replica ->
                    factCollector.unrouted(
                        namespace + "/" + name, replica, Optional.empty(), revision),
                any.version(),
                Map.of(),
                LONGEST_OF_ORPHANS,
                clock.now()));
  }

  // What is waited for is seen, not decided: no revision, no audit entry. A Service that points at
  // a
  // rollout that is over is put right.
  private boolean reportStatus(Service service, String message) {
    ServiceStatus old = service.status();
    if (old.rollout().isPresent()) {
      ServiceStatus next = old.withRollout(Optional.empty()).withMessage(message);
      return writer.progress(Door.SERVICE_PUT_RIGHT, service, next, Actor.WEIR, message);
    }
    progress.record(service, old.message(), message);
    return false;
  }

  private void forgetLast(ServiceObservation serviceObservation) {
    int number = serviceObservation.service().status().rollouts();
    if (number > 0) {
      String name = serviceObservation.service().metadata().name() + "-" + number;
      if (name.equals(forgotten.get(serviceObservation.id()))) {
        return;
      }
      serviceObservation
          .catalogue()
          .rollout(serviceObservation.service().metadata().namespace(), name)
          .ifPresent(runner::delete);
      forgotten.put(serviceObservation.id(), name);
    }
  }
}
