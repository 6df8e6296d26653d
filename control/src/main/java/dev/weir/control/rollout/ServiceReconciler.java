// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.crash.CrashPoint.Door;
import dev.weir.control.deployment.Deployer;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.Membership;
import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.LookClock;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.OpenAnswers;
import dev.weir.control.observation.ProgressBook;
import dev.weir.control.observation.Seen;
import dev.weir.control.operations.FaultKeeper;
import dev.weir.control.operations.OrderKeeper;
import dev.weir.control.rollout.AnalysisDesk.Sight;
import dev.weir.control.rollout.ReleaseEngine.Pass;
import dev.weir.control.rollout.ReleaseStarter.Start;
import dev.weir.control.rollout.Step.Move;
import dev.weir.control.rollout.Survey.Scene;
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

/// One pass over one Service, the way of a release from top to bottom: see what is so, let the
/// rollout take the steps that follow, then bring the replicas nearer to what is wanted.
///
/// Level-triggered: a pass reads everything anew and may be cut off anywhere. A pass takes a few
/// transitions at most; what is left, the next tick takes.
final class ServiceReconciler {
  private static final int MOST_TRANSITIONS = 6;

  /// Beyond the Service's total timeout until no answer can be open any more.
  private static final Duration ANSWER_MARGIN = Duration.ofSeconds(5);

  /// The same for replicas whose Service, and with it its timeout, is gone.
  private static final Duration LONGEST_OF_ORPHANS = Duration.ofMinutes(2);

  private final Catalogue.Reader catalogue;
  private final Fleet fleet;
  private final Survey survey;
  private final AnalysisDesk desk;
  private final Gate gate;
  private final TransitionWriter writer;
  private final ProgressBook progress;
  private final Deployer deployer;
  private final OrderKeeper orders;
  private final FaultKeeper faults;
  private final LookClock clock;
  private final Timing timing;
  private final Supplier<String> salts;
  private final Map<String, String> forgotten = new ConcurrentHashMap<>();

  ServiceReconciler(
      Catalogue.Reader catalogue,
      Fleet fleet,
      Survey survey,
      AnalysisDesk desk,
      Gate gate,
      TransitionWriter writer,
      ProgressBook progress,
      Deployer deployer,
      OrderKeeper orders,
      FaultKeeper faults,
      LookClock clock,
      Timing timing,
      Supplier<String> salts) {
    this.catalogue = catalogue;
    this.fleet = fleet;
    this.survey = survey;
    this.desk = desk;
    this.gate = gate;
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
      Optional<Service> service = catalogue.current().service(namespace, name);
      if (service.isEmpty()) {
        retire(namespace, name, observed.of(namespace, name));
        return new Pass.Unsettled();
      }
      Scene scene = survey.scene(service.get(), catalogue.current(), observed);
      if (!release(scene)
          && !orders.tend(scene.service(), scene.members(), allKnown(scene))
          && !faults.tend(scene.service())) {
        deploy(scene);
        return settled(scene)
            ? new Pass.Settled(scene.service(), observed.of(namespace, name))
            : new Pass.Unsettled();
      }
    }
    return new Pass.Unsettled();
  }

  /// Whether nothing is to do and nothing is waited for: neither a release nor an order, fault,
  /// missing reference or adoption, and every wanted replica is Ready and there is no other.
  private boolean settled(Scene scene) {
    Service service = scene.service();
    Membership members = scene.members();
    return scene.live().isEmpty()
        && service.status().orders().isEmpty()
        && service.status().faults().isEmpty()
        && service
            .status()
            .stable()
            .filter(stable -> stable.version().equals(service.spec().version()))
            .isPresent()
        && allKnown(scene)
        && members.placed().keySet().stream().allMatch(members::serves)
        && members.seen().values().stream()
            .allMatch(
                replica -> !replica.present() || members.placed().containsKey(replica.name()));
  }

  /// Whether a replica that was not seen is gone, not only not found again yet.
  private boolean allKnown(Scene scene) {
    return !survey.adopting()
        && scene.problems().isEmpty()
        && deployer.blocked(scene.members()).isEmpty();
  }

  /// @return whether something was stored, so that it pays to look again
  private boolean release(Scene scene) {
    if (scene.live().isEmpty()) {
      forgetLast(scene);
      return begin(scene);
    }
    Rollout rollout = scene.live().get();
    Optional<Sight> sight = sight(scene, rollout);
    Facts facts = survey.facts(scene, rollout, sight);
    return gate.pass(
        Situation.of(rollout, scene.service(), facts),
        RolloutMachine.next(rollout, scene.service(), facts),
        new Gate.Way() {
          @Override
          public boolean write(Rollout placed, Move move) {
            return writer.write(placed, scene.service(), move, sight, Actor.WEIR);
          }

          @Override
          public boolean tell(String message) {
            return told(rollout, message);
          }
        });
  }

  private boolean told(Rollout rollout, String message) {
    progress.tell(rollout, rollout.status().message(), message);
    return false;
  }

  private boolean begin(Scene scene) {
    Service service = scene.service();
    return switch (ReleaseStarter.decide(scene, clock.now(), salts.get())) {
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
      case Start.Nothing(String message) -> standing(service, message);
    };
  }

  private Optional<Sight> sight(Scene scene, Rollout rollout) {
    return switch (rollout.status().phase()) {
      case PROGRESSING, PAUSED, PROMOTING ->
          Stages.running(rollout).filter(Stage::observed).isPresent()
              ? desk.look(rollout, stepMayBegin(scene, rollout))
              : Optional.empty();
      case PENDING, PROVISIONING, ROLLING_BACK -> Optional.empty();
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> Optional.empty();
    };
  }

  private boolean stepMayBegin(Scene scene, Rollout rollout) {
    Instant since = rollout.status().stepStartedAt().orElse(clock.now());
    return survey.routing(scene, rollout).settled()
        || clock.now().isAfter(since.plus(timing.acknowledgement()));
  }

  private void deploy(Scene scene) {
    Service service = scene.service();
    VersionRef healed = DesiredReplicas.stable(service);
    deployer.apply(
        scene.members(),
        replica -> unrouted(scene, replica),
        healed,
        scene.most(),
        service.spec().traffic().timeouts().total().plus(ANSWER_MARGIN),
        clock.now());
  }

  // What a promotion leaves behind stays as long as what took its place is not all there.
  private Optional<OpenAnswers> unrouted(Scene scene, Seen replica) {
    boolean replaced =
        scene
            .live()
            .filter(rollout -> rollout.status().phase() == RolloutPhase.PROMOTING)
            .filter(rollout -> Stages.surplus(rollout.spec()).isEmpty())
            .filter(rollout -> rollout.spec().from().equals(replica.version()))
            .map(rollout -> complete(scene.members(), rollout.spec().to()))
            .orElse(true);
    return replaced
        ? survey.unrouted(scene.id(), replica, scene.live(), scene.catalogue().revision())
        : Optional.empty();
  }

  private static boolean complete(Membership members, VersionRef version) {
    return members.ready(version) >= members.wanted(version);
  }

  /// Replicas of a Service that is gone.
  private void retire(String namespace, String name, List<Seen> seen) {
    Membership members = Membership.of(namespace, name, List.of(), seen, List.of());
    long revision = catalogue.current().revision();
    forgotten.remove(namespace + "/" + name);
    members.leaving().stream()
        .findFirst()
        .ifPresent(any ->
            deployer.apply(
                members,
                replica ->
                    survey.unrouted(namespace + "/" + name, replica, Optional.empty(), revision),
                any.version(),
                Map.of(),
                LONGEST_OF_ORPHANS,
                clock.now()));
  }

  // What is waited for is seen, not decided: no revision, no audit entry. A Service that points at
  // a
  // rollout that is over is put right.
  private boolean standing(Service service, String message) {
    ServiceStatus old = service.status();
    if (old.rollout().isPresent()) {
      ServiceStatus next = old.withRollout(Optional.empty()).withMessage(message);
      return writer.progress(Door.SERVICE_PUT_RIGHT, service, next, Actor.WEIR, message);
    }
    progress.tell(service, old.message(), message);
    return false;
  }

  private void forgetLast(Scene scene) {
    int number = scene.service().status().rollouts();
    if (number > 0) {
      String name = scene.service().metadata().name() + "-" + number;
      if (name.equals(forgotten.get(scene.id()))) {
        return;
      }
      scene
          .catalogue()
          .rollout(scene.service().metadata().namespace(), name)
          .ifPresent(desk::delete);
      forgotten.put(scene.id(), name);
    }
  }
}
