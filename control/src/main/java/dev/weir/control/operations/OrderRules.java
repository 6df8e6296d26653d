// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.api.ReplicaCommands.Order;
import dev.weir.control.deployment.Membership;
import dev.weir.control.observation.Seen;
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
  sealed interface Ruling {
    /// @param message what happens now, one line
    record Granted(List<ReplicaOrder> orders, String message) implements Ruling {}

    /// It is so already.
    record Nothing(String message) implements Ruling {}

    record Refused(String reason) implements Ruling {}
  }

  /// One replica with what is known around it.
  ///
  /// @param external whether it is run by somebody else
  record Subject(
      ReplicaName name,
      ServiceStatus status,
      Membership members,
      boolean external,
      String longestWait) {
    Optional<ReplicaOrder> standing() {
      return status.order(name.toString());
    }

    Optional<Seen> seen() {
      return Optional.ofNullable(members.seen().get(name));
    }
  }

  /// @param draft the order as it would be stored, of the kind that is asked for
  static Ruling rule(Subject subject, Order order, ReplicaOrder draft) {
    return switch (order.verb()) {
      case UNCORDON -> uncordon(subject);
      case CORDON, DRAIN, RESTART ->
          obstacle(subject, order, draft.kind())
              .<Ruling>map(Ruling.Refused::new)
              .orElseGet(() -> place(subject, draft));
    };
  }

  private static Ruling uncordon(Subject subject) {
    String name = subject.name().toString();
    Optional<ReplicaOrder> standing = subject.standing();
    if (standing.isEmpty()) {
      return new Ruling.Nothing(name + " is under no order");
    }
    return new Ruling.Granted(
        without(subject),
        switch (standing.get().kind()) {
          case CORDON -> name + " gets requests again";
          case DRAIN -> name + " gets requests again as soon as it is ready";
          case RESTART, RESTART_NOW ->
              "the restart of " + name + " is called off, unless it has happened already";
        });
  }

  private static Optional<String> obstacle(Subject subject, Order order, OrderKind kind) {
    String name = subject.name().toString();
    if (subject.external() && kind != OrderKind.CORDON) {
      return Optional.of(
          "Weir does not run %s and can neither stop nor restart it: `weir replica cordon %s` keeps requests away"
              .formatted(name, name));
    }
    Optional<OrderKind> standing = subject.standing().map(ReplicaOrder::kind);
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
  private static boolean last(Subject subject) {
    Membership members = subject.members();
    boolean serves =
        members.routable(subject.name()) && subject.seen().map(Seen::ready).orElse(false);
    return serves
        && members.seen().values().stream()
            .filter(other -> !other.name().equals(subject.name()))
            .filter(other -> other.version().equals(subject.name().version()))
            .noneMatch(other -> other.ready() && members.routable(other.name()));
  }

  private static String outage(Subject subject) {
    return "%s is the last replica that serves %s: without it requests fail. Add a replica first, or say --force"
        .formatted(subject.name(), subject.name().version());
  }

  private static Ruling place(Subject subject, ReplicaOrder draft) {
    String name = subject.name().toString();
    if (subject.standing().filter(old -> old.kind() == draft.kind()).isPresent()) {
      return new Ruling.Nothing(name + " is under that order already");
    }
    List<ReplicaOrder> orders = new ArrayList<>(without(subject));
    orders.add(draft);
    return new Ruling.Granted(orders, message(name, draft.kind(), subject.longestWait()));
  }

  private static String message(String name, OrderKind kind, String wait) {
    return switch (kind) {
      case CORDON -> name + " gets no new requests; what runs there goes on";
      case DRAIN ->
          "%s gets no new requests and stops when what runs has ended (%s at most); uncordon undoes it"
              .formatted(name, wait);
      case RESTART ->
          "%s gets no new requests and is started anew when what runs has ended (%s at most)"
              .formatted(name, wait);
      case RESTART_NOW -> name + " is started anew at once";
    };
  }

  private static List<ReplicaOrder> without(Subject subject) {
    return subject.status().orders().stream()
        .filter(order -> !order.replica().equals(subject.name().toString()))
        .toList();
  }
}
