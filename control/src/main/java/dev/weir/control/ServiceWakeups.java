// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ObservedFleet.ServiceName;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Chooses the Services that a tick reconciles: those that are not settled, those whose inputs
/// changed, and in turn all others, each once in [#SWEEP].
///
/// A Service is settled when its last pass found nothing to do and nothing to wait for (see
/// [dev.weir.control.rollout.ReleaseEngine#reconcile]). What it found depends on its own resource,
/// its own replicas and on what all Services share. A change that this overlooks is delayed until
/// the sweep, never lost.
final class ServiceWakeups {
  static final Duration SWEEP = Duration.ofSeconds(30);
  private static final int SLOTS = 60;
  private static final long SLOT_NANOS = SWEEP.toNanos() / SLOTS;

  private final LongSupplier nanos;
  private final Map<ServiceName, Inputs> settled = new ConcurrentHashMap<>();
  private long sweptTo;
  private @Nullable Shared shared;
  private long sharedChanges;

  /// What a pass over a settled Service was made from.
  private record Inputs(Service service, List<TargetReplica> replicas) {}

  /// What can change what any Service needs.
  private record Shared(
      Object versions, Object targets, Object policies, Object names, Object loans) {
    static Shared of(ResourceSnapshot now) {
      return new Shared(now.versions(), now.targets(), now.policies(), now.names(), now.loans());
    }
  }

  /// @param nanos monotonic
  ServiceWakeups(LongSupplier nanos) {
    this.nanos = nanos;
    this.sweptTo = slot();
  }

  /// How often what all Services share has changed. To be read before a pass.
  synchronized long sharedChanges() {
    return sharedChanges;
  }

  /// A pass over the Service found nothing to do and nothing to wait for. Ignored when what all
  /// Services share changed since the pass began: the pass may have seen what was before.
  ///
  /// @param before [#sharedChanges] before the pass
  /// @param service as the pass saw it
  /// @param replicas of the Service, as the pass saw them
  synchronized void settled(
      ServiceName name, long before, Service service, List<TargetReplica> replicas) {
    if (before == sharedChanges) {
      Inputs _ = settled.put(name, new Inputs(service, replicas));
    }
  }

  /// Each tick reconciles the Service until a pass says that it is settled.
  void unsettled(ServiceName name) {
    Inputs _ = settled.remove(name);
  }

  /// Everything that there is, and everything that is left of what there was.
  static Set<ServiceName> all(ResourceSnapshot now, ObservedFleet fleet) {
    Set<ServiceName> names = new TreeSet<>();
    now.services().keySet().forEach(ref -> names.add(new ServiceName(ref.namespace(), ref.name())));
    names.addAll(fleet.services());
    return names;
  }

  /// The Services that this tick has to reconcile. One thread at a time.
  synchronized List<ServiceName> due(ResourceSnapshot now, ObservedFleet fleet) {
    Set<ServiceName> names = all(now, fleet);
    settled.keySet().retainAll(names);
    forgetAllIfSharedChanged(now);
    long slot = slot();
    List<ServiceName> due = new ArrayList<>();
    for (ServiceName name : names) {
      if (sweeps(name, slot) || !unchanged(name, now, fleet)) {
        due.add(name);
      }
    }
    sweptTo = slot;
    return due;
  }

  private void forgetAllIfSharedChanged(ResourceSnapshot now) {
    Shared current = Shared.of(now);
    if (!current.equals(shared)) {
      settled.clear();
      shared = current;
      sharedChanges++;
    }
  }

  private boolean unchanged(ServiceName name, ResourceSnapshot now, ObservedFleet fleet) {
    Inputs known = settled.get(name);
    return known != null
        && now.service(name.namespace(), name.name()).filter(known.service()::equals).isPresent()
        && known.replicas().equals(fleet.of(name.namespace(), name.name()));
  }

  /// Whether the Service's turn lies between the last tick and this one.
  private boolean sweeps(ServiceName name, long slot) {
    long turn = Math.floorMod(name.hashCode(), SLOTS);
    return slot - sweptTo >= SLOTS || Math.floorMod(turn - sweptTo - 1, SLOTS) < slot - sweptTo;
  }

  private long slot() {
    return Math.floorDiv(nanos.getAsLong(), SLOT_NANOS);
  }
}
