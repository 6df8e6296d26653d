// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.change.Change.ChangeFaults;
import dev.weir.control.change.Change.ChangeFaults.Verb;
import dev.weir.control.change.ChangeCommitter;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.PlannedChange;
import dev.weir.control.crash.CrashPoint.ChangeKind;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.operations.FaultRules.FaultDecision;
import dev.weir.control.operations.FaultRules.FaultTarget;
import dev.weir.control.operations.FaultRules.Requester;
import dev.weir.model.Service;
import dev.weir.model.status.Fault;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.FaultAnswer;
import dev.weir.model.view.FaultRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Executes operators' commands that inject and clear faults: finds the target, checks the rules,
/// stores the faults with their audit entry. The snapshots of gateways then contain the faults
/// until they are cleared or expire.
public final class FaultCommandHandler implements FaultOperations {
  private static final int ATTEMPTS = 5;
  private static final Result BUSY =
      new Result.Refused("the Service is changing too quickly; try again");

  private final ResourceSnapshot.Reader resources;
  private final Fleet fleet;
  private final ChangeCommitter committer;
  private final ControlClock clock;
  private final int warmUpRequests;
  private final Consumer<ResourceRef> publish;

  /// @param publish publishes changed faults and wakes their Service
  public FaultCommandHandler(
      ResourceSnapshot.Reader resources,
      Fleet fleet,
      ChangeExecutor changes,
      ControlClock clock,
      int warmUpRequests,
      Consumer<ResourceRef> publish,
      CrashPoints crashPoints) {
    this.resources = resources;
    this.fleet = fleet;
    this.committer = new ChangeCommitter(changes, crashPoints);
    this.clock = clock;
    this.warmUpRequests = warmUpRequests;
    this.publish = publish;
  }

  @Override
  public List<Fault> list(String namespace) {
    Instant now = clock.now();
    return services(namespace).stream()
        .flatMap(service -> service.status().faults().stream())
        .filter(fault -> !fault.hasEnded(now))
        .toList();
  }

  // --- injecting

  @Override
  public Result inject(
      String namespace, FaultRequest request, boolean mayAffectReal, Actor actor, String reason) {
    for (int i = 0; i < ATTEMPTS; i++) {
      ResourceSnapshot now = resources.current();
      Optional<FaultTarget> subject = subject(now, namespace, request.target());
      if (subject.isEmpty()) {
        return new Result.Invalid(noTarget(namespace, request.target()));
      }
      Instant at = clock.now().truncatedTo(ChronoUnit.MILLIS);
      Requester asked = new Requester(request, mayAffectReal, actor.principal(), reason, at);
      switch (FaultRules.rule(
          subject.get(), asked, version -> SimulationCheck.serves(now, namespace, version))) {
        case FaultDecision.Invalid(Problem problem) -> {
          return new Result.Invalid(problem);
        }
        case FaultDecision.Forbidden(String why) -> {
          return new Result.Forbidden(why);
        }
        case FaultDecision.Refused(String why) -> {
          return new Result.Refused(why);
        }
        case FaultDecision.Granted(Fault fault, String message) -> {
          if (store(subject.get().service(), fault, actor)) {
            return new Result.Done(new FaultAnswer(message, List.of(fault)));
          }
        }
      }
    }
    return BUSY;
  }

  private Optional<FaultTarget> subject(ResourceSnapshot now, String namespace, String target) {
    ObservedFleet observed = fleet.observe();
    Optional<Service> service = now.service(namespace, target);
    return service.isPresent()
        ? service.map(found -> wholeService(found, now, observed))
        : ReplicaLookup.find(now, observed, warmUpRequests, namespace, target)
            .map(replica ->
                new FaultTarget(replica.service(), Optional.of(replica.name()), new TreeSet<>()));
  }

  private FaultTarget wholeService(Service service, ResourceSnapshot now, ObservedFleet observed) {
    TreeSet<VersionRef> versions = new TreeSet<>();
    ReplicaLookup.names(ReplicaLookup.members(service, now, observed, warmUpRequests))
        .map(ReplicaName::version)
        .forEach(versions::add);
    return new FaultTarget(service, Optional.empty(), versions);
  }

  private static Problem noTarget(String namespace, String target) {
    return new Problem(
        "target",
        target,
        "must be a Service or a replica in namespace %s: `weir get services` and `weir get replicas` list them"
            .formatted(namespace));
  }

  private boolean store(Service service, Fault fault, Actor actor) {
    List<Fault> faults = new ArrayList<>(service.status().faults());
    faults.add(fault);
    String reason =
        FaultRules.describe(fault) + (fault.reason().isEmpty() ? "" : " (" + fault.reason() + ")");
    return store(service, faults, List.of(fault.name()), Verb.INJECT, actor, reason);
  }

  // --- clearing

  @Override
  public Result clear(String namespace, Optional<String> name, Actor actor, String reason) {
    List<Fault> cleared = new ArrayList<>();
    for (Service service : services(namespace)) {
      Optional<List<Fault>> removed = clear(service.ref(), name, actor, reason);
      if (removed.isEmpty()) {
        return BUSY;
      }
      cleared.addAll(removed.get());
    }
    if (cleared.isEmpty() && name.isPresent()) {
      return new Result.NotFound();
    }
    return new Result.Done(new FaultAnswer(cleared(cleared), cleared));
  }

  private static String cleared(List<Fault> cleared) {
    return cleared.isEmpty()
        ? "no fault is injected"
        : "cleared " + String.join(", ", cleared.stream().map(Fault::name).toList());
  }

  /// @return the cleared faults; empty when the Service changes too quickly
  private Optional<List<Fault>> clear(
      ResourceRef ref, Optional<String> name, Actor actor, String reason) {
    for (int i = 0; i < ATTEMPTS; i++) {
      Optional<Service> service = resources.current().service(ref.namespace(), ref.name());
      List<Fault> removed =
          service.map(found -> found.status().faults()).orElseGet(List::of).stream()
              .filter(fault -> name.map(fault.name()::equals).orElse(true))
              .toList();
      if (removed.isEmpty() || without(service.orElseThrow(), removed, actor, reason)) {
        return Optional.of(removed);
      }
    }
    return Optional.empty();
  }

  private boolean without(Service service, List<Fault> removed, Actor actor, String reason) {
    List<Fault> left =
        service.status().faults().stream().filter(fault -> !removed.contains(fault)).toList();
    List<String> names = removed.stream().map(Fault::name).toList();
    return store(service, left, names, Verb.CLEAR, actor, reason);
  }

  // --- both

  private boolean store(
      Service service,
      List<Fault> faults,
      List<String> names,
      Verb verb,
      Actor actor,
      String reason) {
    ChangeFaults change =
        new ChangeFaults(
            service.withStatus(service.status().withFaults(faults)),
            service.metadata().revision(),
            names,
            verb);
    return committer.commit(
        new PlannedChange(ChangeKind.FAULT, change, reason),
        actor,
        () -> publish.accept(service.ref()));
  }

  private List<Service> services(String namespace) {
    return resources.current().services().values().stream()
        .filter(service -> service.metadata().namespace().equals(namespace))
        .toList();
  }
}
