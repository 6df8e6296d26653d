// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.change.Change.OrderReplica;
import dev.weir.control.change.Change.OrderReplica.Verb;
import dev.weir.control.change.PlannedChange;
import dev.weir.control.crash.CrashPoint.ChangeKind;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.Service;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.value.ReplicaName;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds operators' orders that are complete: a restart when a process other than the one that it
/// was ordered for is Ready, any order when its replica no longer exists. Pure.
public final class FinishedOrders {
  private FinishedOrders() {}

  /// The removal of the first order that is complete; empty when none is.
  ///
  /// @param allKnown whether every existing replica has been observed, so that a replica that was
  ///   not observed does not exist
  public static Optional<PlannedChange> removal(
      Service service, SlotAssignment members, boolean allKnown) {
    return service.status().orders().stream()
        .flatMap(order ->
            ending(order, members, allKnown).map(verb -> removal(service, order, verb)).stream())
        .findFirst();
  }

  private static Optional<Verb> ending(
      ReplicaOrder order, SlotAssignment members, boolean allKnown) {
    Optional<ReplicaName> name =
        Stream.concat(
                members.placed().keySet().stream(),
                members.observed().values().stream()
                    .filter(TargetReplica::present)
                    .map(TargetReplica::name))
            .filter(each -> each.toString().equals(order.replica()))
            .findFirst();
    if (name.isEmpty()) {
      return allKnown ? Optional.of(Verb.FORGOTTEN) : Optional.empty();
    }
    boolean over = !members.orders().containsKey(name.get());
    TargetReplica replica = members.observed().get(name.get());
    return over && replica != null && replica.ready()
        ? Optional.of(Verb.RESTARTED)
        : Optional.empty();
  }

  private static PlannedChange removal(Service service, ReplicaOrder order, Verb verb) {
    var left = service.status().orders().stream().filter(other -> !other.equals(order)).toList();
    return new PlannedChange(
        ChangeKind.REPLICA_ORDER_OVER,
        new OrderReplica(
            service.withStatus(service.status().withOrders(left)),
            service.metadata().revision(),
            order.replica(),
            verb),
        reason(order, verb));
  }

  private static String reason(ReplicaOrder order, Verb verb) {
    return verb == Verb.RESTARTED
        ? "a new process is Ready, as ordered by " + order.by()
        : "the replica no longer exists, so the order of " + order.by() + " ends";
  }
}
