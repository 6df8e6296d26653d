// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.TargetReplica;
import dev.weir.control.operations.ReplicaOperations.Order;
import dev.weir.model.ReplicaName;
import dev.weir.model.ReplicaOrder;
import dev.weir.model.ReplicaOrder.OrderKind;
import dev.weir.model.ServiceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What an order makes of the orders that stand. Pure.
final class OrderRules {
  private OrderRules() {}

  /// How an order goes.
  sealed interface OrderDecision {
    /// @param message what happens now, one line
    record Granted(List<ReplicaOrder> orders, String message) implements OrderDecision {}

    /// It is so already.
    record Nothing(String message) implements OrderDecision {}

    record Refused(String reason) implements OrderDecision {}
  }

  /// One replica with what is known around it.
  ///
  /// @param external whether it is run by somebody else
  record OrderTarget(
      ReplicaName name,
      ServiceStatus status,
      SlotAssignment members,
      boolean external,
      String longestWait) {
    Optional<ReplicaOrder> activeOrder() {
      return status.order(name.toString());
    }

    Optional<TargetReplica> targetReplica() {
      return Optional.ofNullable(members.seen().get(name));
    }
  }

  /// @param draft the order as it would be stored, of the kind that is asked for
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
    Optional<ReplicaOrder> standing = subject.activeOrder();
    if (standing.isEmpty()) {
      return new OrderDecision.Nothing(name + " is under no order");
    }
    return new OrderDecision.Granted(
        without(subject),
        switch (standing.get().kind()) {
          case CORDON -> name + " gets requests again";
          case DRAIN -> name + " gets requests again as soon as it is ready";
          case RESTART, RESTART_NOW ->
              "the restart of " + name + " is called off, unless it has happened already";
        });
  }

  private static Optional<String> refusalReason(OrderTarget subject, Order order, OrderKind kind) {
    String name = subject.name().toString();
    if (subject.external() && kind != OrderKind.CORDON) {
      return Optional.of(
          "Weir does not run %s and can neither stop nor restart it: `weir replica cordon %s` keeps requests away"
              .formatted(name, name));
    }
    Optional<OrderKind> standing = subject.activeOrder().map(ReplicaOrder::kind);
    if (standing.filter(old -> contradict(old, kind)).isPresent()) {
      return Optional.of(
          "%s is under the order %s: take that back first with `weir replica uncordon %s`"
              .formatted(name, standing.get().text(), name));
    }
    if (standing.isEmpty() && subject.status().orders().size() >= ServiceStatus.MOST_ORDERS) {
      return Optional.of(
          "%d replicas of this Service are under orders, which is the most: uncordon some first"
              .formatted(ServiceStatus.MOST_ORDERS));
    }
    return last(subject) && !order.force() ? Optional.of(outage(subject)) : Optional.empty();
  }

  /// A cordon would loosen what stands, and what was drained has no process to start anew.
  private static boolean contradict(OrderKind standing, OrderKind wanted) {
    boolean loosens = wanted == OrderKind.CORDON && standing != OrderKind.CORDON;
    return loosens || (standing == OrderKind.DRAIN && wanted.restarts());
  }

  /// Whether it serves, and nothing else of its version does.
  private static boolean last(OrderTarget subject) {
    SlotAssignment members = subject.members();
    boolean serves =
        members.routable(subject.name())
            && subject.targetReplica().map(TargetReplica::ready).orElse(false);
    return serves
        && members.seen().values().stream()
            .filter(other -> !other.name().equals(subject.name()))
            .filter(other -> other.version().equals(subject.name().version()))
            .noneMatch(other -> other.ready() && members.routable(other.name()));
  }

  private static String outage(OrderTarget subject) {
    return "%s is the last replica that serves %s: without it requests fail. Add a replica first, or say --force"
        .formatted(subject.name(), subject.name().version());
  }

  private static OrderDecision place(OrderTarget subject, ReplicaOrder draft) {
    String name = subject.name().toString();
    if (subject.activeOrder().filter(old -> old.kind() == draft.kind()).isPresent()) {
      return new OrderDecision.Nothing(name + " is under that order already");
    }
    List<ReplicaOrder> orders = new ArrayList<>(without(subject));
    orders.add(draft);
    return new OrderDecision.Granted(orders, message(name, draft.kind(), subject.longestWait()));
  }

  private static String message(String name, OrderKind kind, String wait) {
    return switch (kind) {
      case CORDON -> name + " gets no new requests; running requests continue";
      case DRAIN ->
          "%s gets no new requests and stops when what runs has ended (%s at most); uncordon undoes it"
              .formatted(name, wait);
      case RESTART ->
          "%s gets no new requests and restarts when its running requests have ended (%s at most)"
              .formatted(name, wait);
      case RESTART_NOW -> name + " restarts at once";
    };
  }

  private static List<ReplicaOrder> without(OrderTarget subject) {
    return subject.status().orders().stream()
        .filter(order -> !order.replica().equals(subject.name().toString()))
        .toList();
  }
}
