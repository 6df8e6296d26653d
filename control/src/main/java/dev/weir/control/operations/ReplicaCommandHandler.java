// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.change.Change;
import dev.weir.control.change.Change.OrderReplica;
import dev.weir.control.change.ChangeCommitter;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.control.change.PlannedChange;
import dev.weir.control.crash.CrashPoint.ChangeKind;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.control.operations.OrderRules.OrderDecision;
import dev.weir.control.operations.OrderRules.OrderTarget;
import dev.weir.model.Service;
import dev.weir.model.notation.Durations;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.ResourceRef;
import dev.weir.runtime.ReplicaLog;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Executes operators' commands to replicas: finds the replica, checks the rules, stores the order
/// with its audit entry. The reconciler then carries the order out, even after a restart of Weir.
public final class ReplicaCommandHandler implements ReplicaOperations {
  private static final int ATTEMPTS = 5;

  private final ResourceSnapshot.Reader resources;
  private final Fleet fleet;
  private final ChangeCommitter committer;
  private final ControlClock clock;
  private final int warmUpRequests;
  private final Consumer<ResourceRef> publish;

  private record Found(Service service, OrderTarget subject, Optional<String> target) {}

  /// @param publish publishes a stored order and wakes its Service
  public ReplicaCommandHandler(
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
  public CommandResult order(Order order, Actor actor, String reason) {
    for (int i = 0; i < ATTEMPTS; i++) {
      Optional<Found> found = find(order.namespace(), order.replica());
      if (found.isEmpty()) {
        return new CommandResult.NotFound();
      }
      ReplicaOrder draft = draft(found.get(), order, actor, reason);
      switch (OrderRules.rule(found.get().subject(), order, draft)) {
        case OrderDecision.Refused(String why) -> {
          return new CommandResult.Refused(why);
        }
        case OrderDecision.Nothing(String message) -> {
          return new CommandResult.Done(message);
        }
        case OrderDecision.Granted granted -> {
          if (store(found.get().service(), order, granted, actor, reason)) {
            return new CommandResult.Done(granted.message());
          }
        }
      }
    }
    return new CommandResult.Refused("the Service is changing too quickly; try again");
  }

  @Override
  public Optional<ReplicaLog> log(String namespace, String replica, int lines, boolean previous) {
    return find(namespace, replica)
        .flatMap(found ->
            found
                .target()
                .flatMap(fleet::provider)
                .flatMap(provider -> provider.log(found.subject().name(), lines, previous)));
  }

  private boolean store(
      Service service, Order order, OrderDecision.Granted granted, Actor actor, String reason) {
    Change change =
        new OrderReplica(
            service.withStatus(service.status().withOrders(granted.orders())),
            service.metadata().revision(),
            order.replica(),
            verb(order.verb()));
    return committer.commit(
        new PlannedChange(ChangeKind.REPLICA_ORDER, change, reason),
        actor,
        () -> publish.accept(service.ref()));
  }

  private ReplicaOrder draft(Found found, Order order, Actor actor, String reason) {
    return new ReplicaOrder(
        order.replica(),
        kind(order),
        clock.now().truncatedTo(ChronoUnit.MILLIS),
        actor.principal(),
        reason,
        found
            .subject()
            .targetReplica()
            .map(targetReplica -> targetReplica.replica().launch())
            .orElse(""));
  }

  private static OrderKind kind(Order order) {
    return switch (order.verb()) {
      case CORDON, UNCORDON -> OrderKind.CORDON;
      case DRAIN -> OrderKind.DRAIN;
      case RESTART -> order.now() ? OrderKind.RESTART_NOW : OrderKind.RESTART;
    };
  }

  private static Change.OrderReplica.Verb verb(Verb verb) {
    return switch (verb) {
      case CORDON -> Change.OrderReplica.Verb.CORDON;
      case UNCORDON -> Change.OrderReplica.Verb.UNCORDON;
      case DRAIN -> Change.OrderReplica.Verb.DRAIN;
      case RESTART -> Change.OrderReplica.Verb.RESTART;
    };
  }

  private Optional<Found> find(String namespace, String replica) {
    return ReplicaLookup.find(
            resources.current(), fleet.observe(), warmUpRequests, namespace, replica)
        .map(replicaLookup ->
            found(replicaLookup.service(), replicaLookup.members(), replicaLookup.name()));
  }

  private Found found(Service service, SlotAssignment members, ReplicaName name) {
    Optional<String> target =
        Optional.ofNullable(members.observed().get(name))
            .map(TargetReplica::target)
            .or(() -> Optional.ofNullable(members.placed().get(name)).map(slot -> slot.target()));
    Set<OrderKind> possible =
        target
            .flatMap(fleet::type)
            .map(type -> type.traits().possibleOrders())
            .orElse(EnumSet.allOf(OrderKind.class));
    String wait = Durations.print(service.spec().traffic().timeouts().total());
    return new Found(
        service, new OrderTarget(name, service.status(), members, possible, wait), target);
  }
}
