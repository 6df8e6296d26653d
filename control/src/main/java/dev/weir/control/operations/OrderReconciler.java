// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.change.Change.OrderReplica;
import dev.weir.control.change.Change.OrderReplica.Verb;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoint.Door;
import dev.weir.control.crash.CrashPoint.Stage;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.ReplicaName;
import dev.weir.model.ReplicaOrder;
import dev.weir.model.Service;
import dev.weir.store.Commit;
import java.util.Optional;
import java.util.stream.Stream;

/// Ends orders: a restart when another process is Ready than the one it was ordered for; any order
/// when its replica no longer exists.
public final class OrderReconciler {
  private final ChangeExecutor changes;
  private final Runnable stored;
  private final CrashPoints crashPoints;

  /// @param stored called when an order has ended
  public OrderReconciler(ChangeExecutor changes, Runnable stored, CrashPoints crashPoints) {
    this.changes = changes;
    this.stored = stored;
    this.crashPoints = crashPoints;
  }

  /// Ends one completed order, if there is one.
  ///
  /// @param allKnown whether all replicas have been observed, so that an unobserved one no longer
  ///   exists
  /// @return whether something was stored
  public boolean reconcile(Service service, SlotAssignment members, boolean allKnown) {
    for (ReplicaOrder order : service.status().orders()) {
      Optional<Verb> ending = ending(order, members, allKnown);
      if (ending.isPresent()) {
        return end(service, order, ending.get());
      }
    }
    return false;
  }

  private static Optional<Verb> ending(
      ReplicaOrder order, SlotAssignment members, boolean allKnown) {
    Optional<ReplicaName> name =
        Stream.concat(
                members.placed().keySet().stream(),
                members.seen().values().stream()
                    .filter(TargetReplica::present)
                    .map(TargetReplica::name))
            .filter(each -> each.toString().equals(order.replica()))
            .findFirst();
    if (name.isEmpty()) {
      return allKnown ? Optional.of(Verb.FORGOTTEN) : Optional.empty();
    }
    boolean over = !members.orders().containsKey(name.get());
    TargetReplica replica = members.seen().get(name.get());
    return over && replica != null && replica.ready()
        ? Optional.of(Verb.RESTARTED)
        : Optional.empty();
  }

  private boolean end(Service service, ReplicaOrder order, Verb verb) {
    crashPoints.pass(CrashPoint.of(Door.REPLICA_ORDER_OVER, Stage.DECIDED));
    Commit commit =
        changes.execute(
            new OrderReplica(
                service.withStatus(
                    service
                        .status()
                        .withOrders(
                            service.status().orders().stream()
                                .filter(other -> !other.equals(order))
                                .toList())),
                service.metadata().revision(),
                order.replica(),
                verb),
            Actor.WEIR,
            reason(order, verb));
    return switch (commit) {
      case Commit.Conflict _ -> false;
      case Commit.Done _ -> {
        crashPoints.pass(CrashPoint.of(Door.REPLICA_ORDER_OVER, Stage.COMMITTED));
        stored.run();
        crashPoints.pass(CrashPoint.of(Door.REPLICA_ORDER_OVER, Stage.PUBLISHED));
        yield true;
      }
    };
  }

  private static String reason(ReplicaOrder order, Verb verb) {
    return verb == Verb.RESTARTED
        ? "a new process is Ready, as ordered by " + order.by()
        : "the replica no longer exists, so the order of " + order.by() + " ends";
  }
}
