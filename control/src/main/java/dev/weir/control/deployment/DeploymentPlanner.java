// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.deployment.DesiredReplicas.Slot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.ReplicaName;
import dev.weir.model.ReplicaOrder;
import dev.weir.model.ReplicaOrder.OrderKind;
import dev.weir.model.ReplicaState;
import dev.weir.model.VersionRef;
import dev.weir.runtime.ReplicaIntent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// From places and replicas to actions. Pure.
public final class DeploymentPlanner {
  /// A stable replica that its provider gave up is tried again after so long; a canary is not: it
  /// is evidence.
  static final Duration RETRY_FAILED_AFTER = Duration.ofMinutes(1);

  private DeploymentPlanner() {}

  /// What is to be done on a Target.
  public sealed interface Action {
    String target();

    /// Wants the replica to exist.
    record Ensure(String target, ReplicaIntent intent) implements Action {}

    /// Wants it gone; it is out of routing and drained.
    record Stop(String target, ReplicaName name) implements Action {}

    /// Gives a replica that was given up another chance, or one that has been emptied a new
    /// process.
    ///
    /// @param launch the start that is over; a later one stays
    record Restart(String target, ReplicaName name, String launch) implements Action {}
  }

  /// @param released replicas that no gateway routes to any more and that have drained; only these
  ///   are ever stopped, and of these only those that have no place or were ordered to be
  /// @param healed the version whose replicas are started again after they were given up
  /// @param most how many replicas there may be on a Target, those that are on their way out too;
  ///   one that is not named has no limit
  public static List<Action> plan(
      SlotAssignment slotAssignment,
      Set<ReplicaName> released,
      VersionRef healed,
      Map<String, Integer> most,
      Instant now) {
    List<Action> actions = new ArrayList<>();
    Map<String, Integer> room = room(slotAssignment, most);
    slotAssignment
        .placed()
        .forEach((name, slot) -> wanted(actions, slotAssignment, name, slot, healed, now, room));
    slotAssignment
        .orders()
        .forEach((name, order) -> ordered(actions, slotAssignment, order, name, released));
    for (ReplicaName name : slotAssignment.leaving()) {
      TargetReplica replica = slotAssignment.seen().get(name);
      if (replica != null && released.contains(name) && !stopping(replica)) {
        actions.add(new Action.Stop(replica.target(), name));
      }
    }
    return actions;
  }

  private static Map<String, Integer> room(
      SlotAssignment slotAssignment, Map<String, Integer> most) {
    Map<String, Integer> room = new HashMap<>(most);
    slotAssignment.seen().values().stream()
        .filter(TargetReplica::present)
        .forEach(replica -> room.computeIfPresent(replica.target(), (_, left) -> left - 1));
    return room;
  }

  private static void wanted(
      List<Action> actions,
      SlotAssignment slotAssignment,
      ReplicaName name,
      Slot slot,
      VersionRef healed,
      Instant now,
      Map<String, Integer> room) {
    TargetReplica replica = slotAssignment.seen().get(name);
    if (slotAssignment.keptStopped(name)) {
      return;
    }
    if (replica == null || !replica.present()) {
      int left = room.getOrDefault(slot.target(), Integer.MAX_VALUE);
      if (left > 0) {
        room.put(slot.target(), left - 1);
        actions.add(new Action.Ensure(slot.target(), slot.intent(name)));
      }
    } else if (replica.state() == ReplicaState.FAILED
        && slot.version().equals(healed)
        && replica.replica().since().plus(RETRY_FAILED_AFTER).isBefore(now)) {
      actions.add(new Action.Restart(slot.target(), name, replica.replica().launch()));
    }
  }

  private static void ordered(
      List<Action> actions,
      SlotAssignment slotAssignment,
      ReplicaOrder order,
      ReplicaName name,
      Set<ReplicaName> released) {
    TargetReplica replica = slotAssignment.seen().get(name);
    if (replica == null || slotAssignment.leaving().contains(name) || stopping(replica)) {
      return;
    }
    boolean due = order.kind() == OrderKind.RESTART_NOW || released.contains(name);
    if (due && order.kind().restarts()) {
      actions.add(new Action.Restart(replica.target(), name, order.launch()));
    } else if (due && order.kind() == OrderKind.DRAIN) {
      actions.add(new Action.Stop(replica.target(), name));
    }
  }

  static boolean stopping(TargetReplica replica) {
    return replica.state() == ReplicaState.STOPPING || replica.state() == ReplicaState.STOPPED;
  }
}
