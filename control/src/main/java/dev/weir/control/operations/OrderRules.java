// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.TargetReplica;
import dev.weir.control.operations.ReplicaOperations.Order;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.ReplicaName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Decides on orders, given the active orders. Pure.
final class OrderRules {
  private OrderRules() {}

  /// The decision on an order.
  sealed interface OrderDecision {
    /// @param message what happens now, one line
    record Granted(List<ReplicaOrder> orders, String message) implements OrderDecision {}

    /// The order is already active.
    record Nothing(String message) implements OrderDecision {}

    record Refused(String reason) implements OrderDecision {}
  }

  /// One replica with its context.
  ///
  /// @param possible orders that the provider of its Target can carry out
  record OrderTarget(
      ReplicaName name,
      ServiceStatus status,
      SlotAssignment members,
      Set<OrderKind> possible,
      String longestWait) {
    Optional<ReplicaOrder> activeOrder() {
      return status.order(name.toString());
    }

    Optional<TargetReplica> targetReplica() {
      return Optional.ofNullable(members.observed().get(name));
    }
  }

  /// @param draft the order as it would be stored, of the requested kind
  static OrderDecision rule(OrderTarget subject, Order order, ReplicaOrder draft) {
    return switch (order.verb()) {
      case UNCORDON -> uncordon(subject);
      case CORDON, DRAIN, RESTART ->
          refusalReason(subject, order, draft.kind())
              .<OrderDecision>map(OrderDecision.Refused::new)
              .orElseGet(() -> place(subject, draft));
    };
  }

  private static OrderDecision uncordon(OrderTarget subject) {
    String name = subject.name().toString();
    Optional<ReplicaOrder> active = subject.activeOrder();
    if (active.isEmpty()) {
      return new OrderDecision.Nothing(name + " has no order");
    }
    return new OrderDecision.Granted(
        without(subject),
        switch (active.get().kind()) {
          case CORDON -> name + " gets requests again";
          case DRAIN -> name + " gets requests again as soon as it is ready";
          case RESTART, RESTART_NOW ->
              "the restart of " + name + " is cancelled, unless it has already happened";
        });
  }

  private static Optional<String> refusalReason(OrderTarget subject, Order order, OrderKind kind) {
    String name = subject.name().toString();
    if (!subject.possible().contains(kind)) {
      return Optional.of(
          "Weir does not run %s and can neither stop nor restart it: `weir replica cordon %s` stops requests to it"
              .formatted(name, name));
    }
    Optional<OrderKind> active = subject.activeOrder().map(ReplicaOrder::kind);
    if (active.filter(old -> contradict(old, kind)).isPresent()) {
      return Optional.of(
          "%s has the order %s: cancel it first with `weir replica uncordon %s`"
              .formatted(name, active.get().text(), name));
    }
    if (active.isEmpty() && subject.status().orders().size() >= ServiceStatus.MOST_ORDERS) {
      return Optional.of(
          "%d replicas of this Service have orders, which is the maximum: uncordon some first"
              .formatted(ServiceStatus.MOST_ORDERS));
    }
    return last(subject) && !order.force() ? Optional.of(outage(subject)) : Optional.empty();
  }

  /// A cordon would weaken an active drain or restart, and a drained replica has no process to
  /// restart.
  private static boolean contradict(OrderKind active, OrderKind wanted) {
    boolean weakens = wanted == OrderKind.CORDON && active != OrderKind.CORDON;
    return weakens || (active == OrderKind.DRAIN && wanted.restarts());
  }

  /// Whether it is the only replica of its version that serves.
  private static boolean last(OrderTarget subject) {
    SlotAssignment members = subject.members();
    boolean serves =
        members.routable(subject.name())
            && subject.targetReplica().map(TargetReplica::ready).orElse(false);
    return serves
        && members.observed().values().stream()
            .filter(other -> !other.name().equals(subject.name()))
            .filter(other -> other.version().equals(subject.name().version()))
            .noneMatch(other -> other.ready() && members.routable(other.name()));
  }

  private static String outage(OrderTarget subject) {
    return "%s is the last replica that serves %s: without it, requests fail. Add a replica first, or pass --force"
        .formatted(subject.name(), subject.name().version());
  }

  private static OrderDecision place(OrderTarget subject, ReplicaOrder draft) {
    String name = subject.name().toString();
    if (subject.activeOrder().filter(old -> old.kind() == draft.kind()).isPresent()) {
      return new OrderDecision.Nothing(name + " already has this order");
    }
    List<ReplicaOrder> orders = new ArrayList<>(without(subject));
    orders.add(draft);
    return new OrderDecision.Granted(orders, message(name, draft.kind(), subject.longestWait()));
  }

  private static String message(String name, OrderKind kind, String wait) {
    return switch (kind) {
      case CORDON -> name + " gets no new requests; running requests continue";
      case DRAIN ->
          "%s gets no new requests and stops when its running requests have ended (%s at most); uncordon undoes it"
              .formatted(name, wait);
      case RESTART ->
          "%s gets no new requests and restarts when its running requests have ended (%s at most)"
              .formatted(name, wait);
      case RESTART_NOW -> name + " restarts immediately";
    };
  }

  private static List<ReplicaOrder> without(OrderTarget subject) {
    return subject.status().orders().stream()
        .filter(order -> !order.replica().equals(subject.name().toString()))
        .toList();
  }
}
