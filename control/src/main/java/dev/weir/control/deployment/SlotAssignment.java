// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.deployment.DesiredReplicas.Slot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The assignment of replicas to slots. Pure: the same slots and replicas give the same result, for
/// routing and for deployment.
///
/// @param placed every slot with the name of its replica, which exists or must be started
/// @param observed the observed replicas of the Service, by name
/// @param retained replicas without a slot that stay in routing until their replacements are Ready
/// @param stopping replicas without a slot that must leave routing and then stop
/// @param orders the active orders of operators; a restart is active until another process runs
///   than the one it was ordered for
public record SlotAssignment(
    Map<ReplicaName, Slot> placed,
    Map<ReplicaName, TargetReplica> observed,
    Set<ReplicaName> retained,
    Set<ReplicaName> stopping,
    Map<ReplicaName, ReplicaOrder> orders) {

  public static SlotAssignment of(
      String namespace,
      String service,
      List<Slot> slots,
      List<TargetReplica> observed,
      List<ReplicaOrder> ordered) {
    Map<ReplicaName, TargetReplica> targetReplicas = new TreeMap<>();
    for (TargetReplica replica : observed) {
      if (replica.of(namespace, service)) {
        targetReplicas.merge(replica.name(), replica, (a, b) -> a.present() ? a : b);
      }
    }
    Map<ReplicaName, Slot> placed = place(namespace, service, slots, targetReplicas);
    Map<ReplicaName, ReplicaOrder> orders = activeOrders(ordered, placed.keySet(), targetReplicas);
    Set<ReplicaName> surplus = new TreeSet<>();
    targetReplicas.values().stream()
        .filter(replica -> replica.present() && !placed.containsKey(replica.name()))
        .forEach(replica -> surplus.add(replica.name()));
    Set<ReplicaName> held = hold(placed, targetReplicas, surplus, orders.keySet());
    surplus.removeAll(held);
    return new SlotAssignment(placed, targetReplicas, held, surplus, orders);
  }

  /// Whether requests may go to the replica once it is Ready.
  public boolean routable(ReplicaName name) {
    return (placed.containsKey(name) || retained.contains(name)) && !orders.containsKey(name);
  }

  /// Whether the replica must drain: it lost its slot, or an operator ordered it.
  public boolean mustDrain(ReplicaName name) {
    return stopping.contains(name)
        || Optional.ofNullable(orders.get(name))
            .map(order ->
                switch (order.kind()) {
                  case DRAIN, RESTART -> true;
                  case CORDON, RESTART_NOW -> false;
                })
            .orElse(false);
  }

  /// Whether an operator drained the replica: it keeps its slot and must not start.
  public boolean drained(ReplicaName name) {
    ReplicaOrder order = orders.get(name);
    return order != null && order.kind() == OrderKind.DRAIN;
  }

  /// Whether the replica is Ready.
  public boolean serves(ReplicaName name) {
    return isReady(observed, name);
  }

  /// The number of wanted replicas of the version.
  public int wanted(VersionRef version) {
    return (int) placed.values().stream().filter(s -> s.version().equals(version)).count();
  }

  /// The number of wanted replicas of the version that are Ready and not cordoned.
  public int ready(VersionRef version) {
    return (int)
        placed.entrySet().stream()
            .filter(e -> e.getValue().version().equals(version))
            .filter(e -> isReady(observed, e.getKey()) && !orders.containsKey(e.getKey()))
            .count();
  }

  /// The number of replicas of the version that are Ready and not cordoned, wanted or not.
  public int answering(VersionRef version) {
    return (int)
        observed.values().stream()
            .filter(s -> s.version().equals(version) && s.ready() && !orders.containsKey(s.name()))
            .count();
  }

  /// Replicas of the version that exist in any state.
  public List<TargetReplica> present(VersionRef version) {
    return observed.values().stream()
        .filter(s -> s.version().equals(version) && s.present())
        .toList();
  }

  private static Map<ReplicaName, ReplicaOrder> activeOrders(
      List<ReplicaOrder> ordered,
      Set<ReplicaName> placed,
      Map<ReplicaName, TargetReplica> targetReplicas) {
    Map<ReplicaName, ReplicaOrder> active = new TreeMap<>();
    Stream.concat(placed.stream(), targetReplicas.keySet().stream())
        .distinct()
        .forEach(name ->
            ordered.stream()
                .filter(order -> order.replica().equals(name.toString()))
                .filter(order -> !startedSince(order, targetReplicas.get(name)))
                .forEach(order -> active.put(name, order)));
    return active;
  }

  /// Whether another process runs than the one that a restart was ordered for.
  static boolean startedSince(ReplicaOrder order, @Nullable TargetReplica replica) {
    return order.kind().restarts()
        && replica != null
        && !replica.replica().launch().isEmpty()
        && !replica.replica().launch().equals(order.launch());
  }

  // Existing replicas keep their slots. Ready ones come first, so that a surplus stops others.
  private static Map<ReplicaName, Slot> place(
      String namespace,
      String service,
      List<Slot> slots,
      Map<ReplicaName, TargetReplica> targetReplicas) {
    Map<ReplicaName, Slot> placed = new TreeMap<>();
    List<Slot> open = new ArrayList<>();
    for (Slot slot : slots) {
      targetReplicas.values().stream()
          .filter(s -> s.present() && fits(slot, s) && !placed.containsKey(s.name()))
          .min(
              Comparator.comparing((TargetReplica s) -> !s.ready())
                  .thenComparing(TargetReplica::name))
          .ifPresentOrElse(s -> placed.put(s.name(), slot), () -> open.add(slot));
    }
    Map<VersionRef, Set<Integer>> used = new HashMap<>();
    targetReplicas.values().stream()
        .filter(TargetReplica::present)
        .forEach(s -> take(used, s.name()));
    for (Slot slot : open) {
      Set<Integer> taken = used.computeIfAbsent(slot.version(), v -> new HashSet<>());
      int ordinal = slot.firstOrdinal();
      while (!taken.add(ordinal)) {
        ordinal++;
      }
      placed.put(new ReplicaName(namespace, service, slot.version(), ordinal), slot);
    }
    return placed;
  }

  private static boolean fits(Slot slot, TargetReplica replica) {
    return slot.version().equals(replica.version())
        && slot.target().equals(replica.target())
        && slot.specHash().equals(replica.replica().specHash());
  }

  private static void take(Map<VersionRef, Set<Integer>> used, ReplicaName name) {
    used.computeIfAbsent(name.version(), v -> new HashSet<>()).add(name.ordinal());
  }

  // A serving version loses an old replica only once a new one is Ready.
  private static Set<ReplicaName> hold(
      Map<ReplicaName, Slot> placed,
      Map<ReplicaName, TargetReplica> targetReplicas,
      Set<ReplicaName> surplus,
      Set<ReplicaName> ordered) {
    Map<VersionRef, Integer> lacking = new LinkedHashMap<>();
    placed.forEach((name, slot) -> {
      boolean serves = isReady(targetReplicas, name) && !ordered.contains(name);
      lacking.merge(slot.version(), serves ? 0 : 1, Integer::sum);
    });
    Set<ReplicaName> held = new TreeSet<>();
    for (ReplicaName name : surplus) {
      int missing = lacking.getOrDefault(name.version(), 0);
      if (missing > 0 && isReady(targetReplicas, name)) {
        held.add(name);
        lacking.put(name.version(), missing - 1);
      }
    }
    return held;
  }

  private static boolean isReady(Map<ReplicaName, TargetReplica> targetReplicas, ReplicaName name) {
    TargetReplica replica = targetReplicas.get(name);
    return replica != null && replica.ready();
  }
}
