// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.fault;

import dev.weir.gateway.exchange.FaultInjection;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.snapshot.RoutingSnapshot.FaultEntry;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Draws which attempts get an injected fault, from the current snapshot: a cleared fault affects
/// no further attempt, however long its request has been in flight.
///
/// A fault ends without the control plane in two cases. It is injected only under the lease for
/// canary traffic, so a gateway that is disconnected from the control plane stops within the lease.
/// And counted from when the gateway first receives it, it lasts no longer than its remaining time
/// at the publication of the snapshot, whatever the machine's clock. Used by all event loops.
public final class Faults {
  private static final int MILLION = 1_000_000;
  private static final String SIMULATED = "sim";

  private final SnapshotHolder snapshots;
  private final LongSupplier nanoTime;
  private final Map<Id, Long> endNanos = new ConcurrentHashMap<>();

  private record Id(String service, String fault) {}

  public Faults(SnapshotHolder snapshots, LongSupplier nanoTime) {
    this.snapshots = snapshots;
    this.nanoTime = nanoTime;
  }

  /// Draws the fault of an attempt.
  ///
  /// @param service id of the attempt's service
  /// @param version `model@version` of the attempt
  public Optional<FaultInjection> draw(
      String service, String version, ReplicaEntry replica, RandomGenerator random) {
    IndexedSnapshot current = snapshots.current();
    List<FaultEntry> faults =
        current.service(service).map(ServiceEntry::faults).orElseGet(List::of);
    if (faults.isEmpty() || !snapshots.leaseRuns()) {
      return Optional.empty();
    }
    return faults.stream()
        .filter(fault -> matches(fault, version, replica))
        .filter(fault -> runs(current, service, fault))
        .filter(fault -> random.nextInt(MILLION) < fault.shareMillionths())
        .findFirst()
        .map(FaultInjection::new);
  }

  private static boolean matches(FaultEntry fault, String version, ReplicaEntry replica) {
    return (fault.real() || replica.engine().equals(SIMULATED))
        && (fault.replica().isEmpty() || fault.replica().equals(replica.name()))
        && (fault.version().isEmpty() || fault.version().equals(version));
  }

  private boolean runs(IndexedSnapshot current, String service, FaultEntry fault) {
    return nanoTime.getAsLong() - endOf(current, service, fault) < 0;
  }

  private long endOf(IndexedSnapshot current, String service, FaultEntry fault) {
    long leftMillis = fault.untilMillis() - current.snapshot().publishedAt().toEpochMilli();
    return endNanos.computeIfAbsent(
        new Id(service, fault.name()),
        _ -> nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(Math.max(0, leftMillis)));
  }

  /// Registers new faults and removes cleared ones; call it every second or so.
  public void sweep(IndexedSnapshot current) {
    List<ServiceEntry> services = current.snapshot().services();
    services.forEach(
        service -> service.faults().forEach(fault -> endOf(current, service.id(), fault)));
    Set<Id> present =
        services.stream()
            .flatMap(service ->
                service.faults().stream().map(fault -> new Id(service.id(), fault.name())))
            .collect(Collectors.toSet());
    endNanos.keySet().retainAll(present);
  }
}
