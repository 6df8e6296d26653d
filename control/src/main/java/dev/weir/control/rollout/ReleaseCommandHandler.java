// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.capacity.CapacityPlanner;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.control.crash.CrashPoint.ChangeKind;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.rollout.FactCollector.ServiceObservation;
import dev.weir.control.rollout.ReleaseStarter.Start;
import dev.weir.control.rollout.machine.ManualCommands;
import dev.weir.control.rollout.machine.NumberText;
import dev.weir.control.rollout.machine.RolloutDecision;
import dev.weir.control.rollout.machine.RolloutDecision.NoChange;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.control.rollout.machine.RolloutFacts;
import dev.weir.control.summary.ReleaseAdvice;
import dev.weir.control.summary.TrafficForecast;
import dev.weir.model.ModelVersion;
import dev.weir.model.Resource;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.status.RolloutStatus.Overridden;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.AdviceView;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.ReleaseOutlook;
import dev.weir.model.view.Replayed;
import dev.weir.model.view.SummaryView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Executes operators' commands to rollouts and Services. They use the state machine and the writer
/// of the reconciler; only the actor in the audit entry differs.
final class ReleaseCommandHandler implements RolloutOperations {
  private static final int ATTEMPTS = 5;

  private final ResourceSnapshot.Reader resources;
  private final Fleet fleet;
  private final FactCollector factCollector;
  private final AnalysisRunner runner;
  private final TransitionWriter writer;
  private final EvidenceStore evidence;
  private final ReleaseSummaries summaries;
  private final ReleaseForecasts releaseForecasts;
  private final ControlClock clock;
  private final Supplier<String> salts;
  private final Consumer<ResourceRef> wake;

  /// A command to the state machine.
  @FunctionalInterface
  private interface Command {
    RolloutDecision rolloutDecision(
        Rollout rollout, Service service, RolloutFacts facts, String reason);
  }

  ReleaseCommandHandler(
      ResourceSnapshot.Reader resources,
      Fleet fleet,
      FactCollector factCollector,
      AnalysisRunner runner,
      TransitionWriter writer,
      EvidenceStore evidence,
      ReleaseSummaries summaries,
      ReleaseForecasts releaseForecasts,
      ControlClock clock,
      Supplier<String> salts,
      Consumer<ResourceRef> wake) {
    this.resources = resources;
    this.fleet = fleet;
    this.factCollector = factCollector;
    this.runner = runner;
    this.writer = writer;
    this.evidence = evidence;
    this.summaries = summaries;
    this.releaseForecasts = releaseForecasts;
    this.clock = clock;
    this.salts = salts;
    this.wake = wake;
  }

  @Override
  public CommandResult pause(ResourceRef rollout, Actor actor, String reason) {
    return run(rollout, actor, reason, ManualCommands::pause);
  }

  @Override
  public CommandResult resume(ResourceRef rollout, Actor actor, String reason) {
    return run(rollout, actor, reason, ManualCommands::resume);
  }

  /// Skips the rest of the running step. After the last step, promotes the version.
  @Override
  public CommandResult promote(ResourceRef rollout, Actor actor, String reason) {
    return run(rollout, actor, reason, ManualCommands::promote);
  }

  @Override
  public CommandResult abort(ResourceRef rollout, Actor actor, String reason) {
    return run(rollout, actor, reason, ManualCommands::abort);
  }

  @Override
  public CommandResult abortNow(ResourceRef rollout, Actor actor, String reason) {
    return run(rollout, actor, reason, ManualCommands::abortNow);
  }

  @Override
  public CommandResult override(
      ResourceRef rollout, Actor actor, String reason, Optional<Duration> lasts) {
    return run(
        rollout,
        actor,
        reason,
        (live, service, facts, why) ->
            ManualCommands.override(
                live,
                facts,
                new Overridden(actor.principal(), why, facts.now(), lasts.map(facts.now()::plus))));
  }

  /// Removes the release from the failed releases. The next pass starts it again from the spec.
  @Override
  public CommandResult retry(ResourceRef ref, Actor actor, String reason) {
    for (int i = 0; i < ATTEMPTS; i++) {
      Optional<Rollout> rollout = resources.current().rollout(ref.namespace(), ref.name());
      Optional<Service> service =
          rollout.flatMap(r -> resources.current().service(ref.namespace(), r.spec().service()));
      if (rollout.isEmpty() || service.isEmpty()) {
        return new CommandResult.NotFound();
      }
      VersionRef version = retried(rollout.get(), service.get());
      Optional<String> obstacle = retryObstacle(version, service.get());
      if (obstacle.isPresent()) {
        return new CommandResult.Refused(obstacle.get());
      }
      ServiceStatus old = service.get().status();
      List<FailedRelease> failed =
          old.failed().stream().filter(f -> !f.version().equals(version)).toList();
      ServiceStatus next = old.withFailed(failed).withMessage("retrying " + version);
      if (writer.progress(ChangeKind.SERVICE_RETRY, service.get(), next, actor, reason)) {
        wake.accept(service.get().ref());
        return new CommandResult.Done("retrying " + version);
      }
    }
    return overtaken();
  }

  /// Aborts the live rollout. Without a live rollout, starts a rollout to a version that was stable
  /// before: the previous one, or the named one. A version within `rollbackWindow` is promoted as
  /// soon as it is Ready; an older one takes the steps of any release. The version that the spec
  /// names becomes a failed release, so that it is not released again automatically. The spec does
  /// not change.
  @Override
  public CommandResult rollback(ResourceRef ref, Optional<String> to, Actor actor, String reason) {
    for (int i = 0; i < ATTEMPTS; i++) {
      ResourceSnapshot now = resources.current();
      Optional<Service> service = now.service(ref.namespace(), ref.name());
      if (service.isEmpty()) {
        return new CommandResult.NotFound();
      }
      Optional<Rollout> live = now.liveRollout(service.get());
      if (live.isPresent()) {
        return to.isEmpty()
            ? abort(live.get().ref(), actor, reason)
            : new CommandResult.Refused(
                "rollout %s is live: abort it first".formatted(live.get().metadata().name()));
      }
      List<VersionRef> served = StableVersionHistory.before(now, service.get());
      Optional<VersionRef> wanted =
          served.stream()
              .filter(version -> to.map(version.toString()::equals).orElse(true))
              .findFirst();
      if (wanted.isEmpty()) {
        return new CommandResult.Refused(nothing(ref, to, served));
      }
      Optional<ModelVersion> version = now.version(ref.namespace(), wanted.get());
      if (version.isEmpty()) {
        return new CommandResult.Refused("there is no ModelVersion " + wanted.get() + " any more");
      }
      boolean recent =
          served.indexOf(wanted.get()) < service.get().spec().release().rollbackWindow();
      if (undo(now, service.get(), version.get(), recent, actor, reason)) {
        wake.accept(ref);
        return new CommandResult.Done(
            "going back to " + wanted.get() + (recent ? "" : ", step by step: it is not recent"));
      }
    }
    return overtaken();
  }

  private static String nothing(ResourceRef ref, Optional<String> to, List<VersionRef> served) {
    if (served.isEmpty()) {
      return "no rollout of %s is live and no earlier version of it is known".formatted(ref.name());
    }
    return "%s did not serve %s before; these did: %s"
        .formatted(to.orElse(""), ref.name(), NumberText.join(served));
  }

  @Override
  public List<Replayed> replay(ResourceRef rollout) {
    return evidence(rollout).stream().map(DecisionReplay::of).toList();
  }

  @Override
  public List<String> forecast(Service service) {
    return runner.forecast(service);
  }

  @Override
  public Optional<String> traffic(Service service) {
    return runner.forecastOf(service).map(TrafficForecast::describe);
  }

  @Override
  public Optional<AdviceView> advice(ResourceRef service) {
    return resources
        .current()
        .service(service.namespace(), service.name())
        .map(found -> ReleaseAdvice.of(found, runner::settledForecast));
  }

  @Override
  public Optional<ReleaseOutlook> outlook(Service service, List<Resource> together) {
    ResourceSnapshot wanted = resources.current().with(together);
    return releaseForecasts.of(service, wanted);
  }

  @Override
  public List<Evidence> evidence(ResourceRef rollout) {
    return resources
        .current()
        .rollout(rollout.namespace(), rollout.name())
        .map(evidence::of)
        .orElseGet(List::of);
  }

  @Override
  public Optional<SummaryView> summary(ResourceRef rollout) {
    return resources.current().rollout(rollout.namespace(), rollout.name()).map(summaries::of);
  }

  private boolean undo(
      ResourceSnapshot now,
      Service service,
      ModelVersion to,
      boolean recent,
      Actor actor,
      String reason) {
    VersionRef stable = service.status().stable().orElseThrow().version();
    ReleaseSpec wanted = service.spec().release();
    Start.Release release =
        ReleaseStarter.release(
            service,
            stable,
            to.spec().ref(),
            ReleaseStarter.hash(service, to),
            recent ? wanted : runner.settled(service),
            recent,
            CapacityPlanner.surgeScale(service, to, now),
            clock.now(),
            salts.get());
    ServiceStatus next = release.service();
    List<FailedRelease> failed = new ArrayList<>(next.failed());
    now.version(service.metadata().namespace(), service.spec().version())
        .map(named ->
            new FailedRelease(
                named.spec().ref(),
                ReleaseStarter.hash(service, named),
                release.rollout().metadata().name()))
        .filter(given -> failed.stream().noneMatch(given::sameRelease))
        .ifPresent(failed::add);
    return writer.start(
        ChangeKind.ROLLOUT_UNDO,
        release.rollout(),
        service,
        next.withFailed(failed),
        actor,
        reason);
  }

  /// The version that a retry releases. The last rollout of a Service stands for the version in the
  /// spec: after an `undo` it released another version.
  private static VersionRef retried(Rollout rollout, Service service) {
    String last = service.metadata().name() + "-" + service.status().rollouts();
    return rollout.metadata().name().equals(last) ? service.spec().version() : rollout.spec().to();
  }

  private static Optional<String> retryObstacle(VersionRef version, Service service) {
    if (service.status().rollout().isPresent()) {
      return Optional.of("rollout " + service.status().rollout().get() + " is live");
    }
    if (!service.spec().version().equals(version)) {
      return Optional.of(
          "the spec names %s, not %s: apply it instead"
              .formatted(service.spec().version(), version));
    }
    if (service.status().stable().filter(serves -> serves.version().equals(version)).isPresent()) {
      return Optional.of(version + " serves already");
    }
    boolean failed = service.status().failed().stream().anyMatch(f -> f.version().equals(version));
    return failed
        ? Optional.empty()
        : Optional.of(
            version + " was not rolled back, aborted or undone: Weir releases it by itself");
  }

  private CommandResult run(ResourceRef ref, Actor actor, String reason, Command command) {
    for (int i = 0; i < ATTEMPTS; i++) {
      ResourceSnapshot now = resources.current();
      Optional<Rollout> rollout = now.rollout(ref.namespace(), ref.name());
      Optional<Service> service =
          rollout.flatMap(r -> now.service(ref.namespace(), r.spec().service()));
      if (rollout.isEmpty() || service.isEmpty()) {
        return new CommandResult.NotFound();
      }
      ServiceObservation serviceObservation =
          factCollector.serviceObservation(service.get(), now, fleet.observe());
      RolloutFacts facts = factCollector.facts(serviceObservation, rollout.get(), Optional.empty());
      RolloutDecision rolloutDecision =
          command.rolloutDecision(rollout.get(), service.get(), facts, reason);
      if (rolloutDecision instanceof NoChange(String why)) {
        return new CommandResult.Refused(why);
      }
      if (rolloutDecision instanceof Transition transition
          && writer.write(
              rollout.get(), service.get(), transition, runner.last(rollout.get()), actor)) {
        wake.accept(ResourceRef.of(Kind.SERVICE, ref.namespace(), service.get().metadata().name()));
        return new CommandResult.Done(message(rollout.get(), transition));
      }
    }
    return overtaken();
  }

  // A transition that changes only its actor leaves the message unchanged.
  private static String message(Rollout before, Transition transition) {
    return transition.status().message().equals(before.status().message())
        ? transition.reason()
        : transition.status().message();
  }

  private static CommandResult overtaken() {
    return new CommandResult.Refused("the rollout is changing too quickly; try again");
  }
}
