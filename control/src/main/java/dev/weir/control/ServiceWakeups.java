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

/// Selects the Services that a tick reconciles: Services that are not settled, Services whose
/// inputs changed, and every other Service once per [#SWEEP].
///
/// A Service is settled when its last pass had nothing to do and nothing to wait for (see
/// [dev.weir.control.rollout.ReleaseEngine#reconcile]). This depends on its own resource, its
/// replicas and the inputs that all Services share. A missed change is delayed until the sweep,
/// never lost.
final class ServiceWakeups {
  static final Duration SWEEP = Duration.ofSeconds(30);
  private static final int SLOTS = 60;
  private static final long SLOT_NANOS = SWEEP.toNanos() / SLOTS;

  private final LongSupplier nanos;
  private final Map<ServiceName, Inputs> settled = new ConcurrentHashMap<>();
  private long sweptTo;
  private @Nullable Shared shared;
  private long sharedChanges;

  /// The inputs of a pass over a settled Service.
  private record Inputs(Service service, List<TargetReplica> replicas) {}

  /// The inputs that all Services share.
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

  /// The number of changes of the shared inputs. The caller reads it before a pass.
  synchronized long sharedChanges() {
    return sharedChanges;
  }

  /// Records that a pass over the Service found nothing to do and nothing to wait for. Ignored when
  /// the shared inputs changed since the start of the pass, because the pass may have read the old
  /// ones.
  ///
  /// @param before [#sharedChanges] before the pass
  /// @param service that the pass read
  /// @param replicas of the Service that the pass observed
  synchronized void settled(
      ServiceName name, long before, Service service, List<TargetReplica> replicas) {
    if (before == sharedChanges) {
      Inputs _ = settled.put(name, new Inputs(service, replicas));
    }
  }

  /// Every tick reconciles the Service until a pass reports it as settled.
  void unsettled(ServiceName name) {
    Inputs _ = settled.remove(name);
  }

  /// All Services that exist, and all deleted Services with remaining replicas.
  static Set<ServiceName> all(ResourceSnapshot now, ObservedFleet fleet) {
    Set<ServiceName> names = new TreeSet<>();
    now.services().keySet().forEach(ref -> names.add(new ServiceName(ref.namespace(), ref.name())));
    names.addAll(fleet.services());
    return names;
  }

  /// The Services that this tick must reconcile. Only one thread may call this.
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

  /// Whether the sweep reaches the Service between the last tick and this one.
  private boolean sweeps(ServiceName name, long slot) {
    long turn = Math.floorMod(name.hashCode(), SLOTS);
    return slot - sweptTo >= SLOTS || Math.floorMod(turn - sweptTo - 1, SLOTS) < slot - sweptTo;
  }

  private long slot() {
    return Math.floorDiv(nanos.getAsLong(), SLOT_NANOS);
  }
}
