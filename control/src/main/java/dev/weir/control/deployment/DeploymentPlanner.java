// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.deployment.DesiredReplicas.Slot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.ReplicaIntent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Computes actions from slots and replicas. Pure.
public final class DeploymentPlanner {
  /// How long after its failure a stable replica is restarted. A failed canary is not restarted:
  /// its failure is evidence.
  static final Duration RETRY_FAILED_AFTER = Duration.ofMinutes(1);

  private DeploymentPlanner() {}

  /// An action on a Target.
  public sealed interface Action {
    String target();

    /// Ensures that the replica exists.
    record Ensure(String target, ReplicaIntent intent) implements Action {}

    /// Stops a replica that is out of routing and drained.
    record Stop(String target, ReplicaName name) implements Action {}

    /// Starts a new process for a failed or drained replica.
    ///
    /// @param launch the launch to replace; a later launch is left running
    record Restart(String target, ReplicaName name, String launch) implements Action {}
  }

  /// @param released replicas that no gateway routes to and that have drained; only these may stop,
  ///   and only if they have no slot or an order to stop
  /// @param restartable the version whose failed replicas are started again
  /// @param limits the maximum number of replicas by Target, including leaving ones; other Targets
  ///   have no limit
  public static List<Action> plan(
      SlotAssignment slotAssignment,
      Set<ReplicaName> released,
      VersionRef restartable,
      Map<String, Integer> limits,
      Instant now) {
    List<Action> actions = new ArrayList<>();
    Map<String, Integer> remaining = remaining(slotAssignment, limits);
    slotAssignment
        .placed()
        .forEach((name, slot) ->
            wanted(actions, slotAssignment, name, slot, restartable, now, remaining));
    slotAssignment
        .orders()
        .forEach((name, order) -> ordered(actions, slotAssignment, order, name, released));
    for (ReplicaName name : slotAssignment.stopping()) {
      TargetReplica replica = slotAssignment.observed().get(name);
      if (replica != null && released.contains(name) && !stopping(replica)) {
        actions.add(new Action.Stop(replica.target(), name));
      }
    }
    return actions;
  }

  private static Map<String, Integer> remaining(
      SlotAssignment slotAssignment, Map<String, Integer> limits) {
    Map<String, Integer> remaining = new HashMap<>(limits);
    slotAssignment.observed().values().stream()
        .filter(TargetReplica::present)
        .forEach(replica -> remaining.computeIfPresent(replica.target(), (_, left) -> left - 1));
    return remaining;
  }

  private static void wanted(
      List<Action> actions,
      SlotAssignment slotAssignment,
      ReplicaName name,
      Slot slot,
      VersionRef restartable,
      Instant now,
      Map<String, Integer> remaining) {
    TargetReplica replica = slotAssignment.observed().get(name);
    if (slotAssignment.drained(name)) {
      return;
    }
    if (replica == null || !replica.present()) {
      int left = remaining.getOrDefault(slot.target(), Integer.MAX_VALUE);
      if (left > 0) {
        remaining.put(slot.target(), left - 1);
        actions.add(new Action.Ensure(slot.target(), slot.intent(name)));
      }
    } else if (replica.state() == ReplicaState.FAILED
        && slot.version().equals(restartable)
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
    TargetReplica replica = slotAssignment.observed().get(name);
    if (replica == null || slotAssignment.stopping().contains(name) || stopping(replica)) {
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
