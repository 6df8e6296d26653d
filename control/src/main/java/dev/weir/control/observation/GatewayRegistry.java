// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.snapshot.EncodedSnapshots;
import dev.weir.snapshot.SnapshotFormats;
import dev.weir.snapshot.Telemetry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// The known gateways: which snapshot each serves, its requests in flight by replica, and how long
/// it has been silent.
///
/// Requests in flight are known only from gateways that have reported to this process: after a
/// restart they are unknown, which differs from zero. Within one run of a gateway, an older batch
/// that is sent again is ignored.
///
/// Silence is measured with the monotonic clock. After a restart of the control plane, every known
/// gateway counts as heard just now: a longer wait is safe, a shorter one is not.
public final class GatewayRegistry {
  /// A gateway that is silent for longer is removed; its next heartbeat adds it again. Longer than
  /// any wait for a silent gateway.
  private static final Duration FORGET_AFTER = Duration.ofMinutes(15);

  private static final int MAX_GATEWAYS = 10_000;
  private static final String COLLECTION = "gateways";

  private final String store;
  private final ObservationStore observationStore;
  private final ControlClock clock;
  private final LongSupplier nanos;
  private final Duration connectedWithin;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, GatewayRecord> known = new TreeMap<>();

  /// The last heartbeat of a gateway.
  ///
  /// @param sequence the snapshot that it serves, 0 for none
  /// @param store identity of the store that it follows; empty if unknown
  record LastReport(
      String id,
      String boot,
      String version,
      long sequence,
      String hash,
      String store,
      Instant at,
      long nanos) {
    /// A previous version of Weir stored no `store`.
    LastReport {
      store = store == null ? "" : store;
    }
  }

  /// The state of one gateway.
  ///
  /// @param running empty until the gateway has reported to this process
  /// @param since when it first reported the snapshot that it serves
  /// @param leaseEndNanos the latest end of its last lease
  private record GatewayRecord(
      LastReport lastReport, Optional<Running> running, Instant since, long leaseEndNanos) {
    GatewayRecord leasedUntil(long endNanos) {
      return new GatewayRecord(lastReport, running, since, endNanos);
    }
  }

  /// The requests in flight of a gateway, from the same batch as the snapshot that it serves.
  ///
  /// @param formats the snapshot formats that it reads
  /// @param whole whether an unnamed replica has no requests in flight
  private record Running(
      long batch,
      List<Integer> formats,
      boolean whole,
      Map<Place, Integer> inFlight,
      List<String> problems) {
    static Running of(Telemetry telemetry) {
      Map<Place, Integer> inFlight = new HashMap<>();
      telemetry
          .inFlight()
          .forEach(entry ->
              inFlight.merge(
                  new Place(entry.service(), entry.replica()), entry.count(), Integer::sum));
      return new Running(
          telemetry.batch(),
          telemetry.formatVersions(),
          telemetry.namesAllInFlight(),
          inFlight,
          telemetry.problems());
    }
  }

  private record Place(String service, String replica) {}

  /// Whether every relevant gateway serves a snapshot at least as new as the requested one.
  ///
  /// @param waitingFor gateways that do not serve it yet
  /// @param givenUp gateways that are silent for too long, so that nothing waits for them
  public record Convergence(List<String> waitingFor, List<String> givenUp) {
    public Convergence {
      waitingFor = List.copyOf(waitingFor);
      givenUp = List.copyOf(givenUp);
    }

    public boolean settled() {
      return waitingFor.isEmpty();
    }
  }

  /// @param store identity of the store that gateways should follow
  /// @param lease that a previous control plane may have granted just before it ended
  public GatewayRegistry(
      String store,
      ObservationStore observationStore,
      ControlClock clock,
      LongSupplier nanos,
      Duration connectedWithin,
      Duration lease) {
    this.store = store;
    this.observationStore = observationStore;
    this.clock = clock;
    this.nanos = nanos;
    this.connectedWithin = connectedWithin;
    for (ObservationStore.StoredObservation<LastReport> storedObservation :
        observationStore.list(COLLECTION, "", LastReport.class)) {
      LastReport old = storedObservation.value();
      known.put(
          old.id(),
          new GatewayRecord(
              justNow(old), Optional.empty(), old.at(), nanos.getAsLong() + lease.toNanos()));
    }
  }

  /// Records a heartbeat.
  ///
  /// @return whether the gateway is new or serves another snapshot than before
  public boolean recordHeartbeat(Telemetry telemetry) {
    LastReport now =
        new LastReport(
            telemetry.gateway(),
            telemetry.boot(),
            telemetry.version(),
            telemetry.snapshotSequence(),
            telemetry.snapshotHash(),
            telemetry.witness().id(),
            clock.now(),
            nanos.getAsLong());
    boolean changed;
    lock.lock();
    try {
      GatewayRecord before = known.get(now.id());
      if (before == null && known.size() >= MAX_GATEWAYS) {
        throw new IllegalArgumentException(
            "more than " + MAX_GATEWAYS + " gateways; " + now.id() + " is refused");
      }
      if (before != null && outdated(before, telemetry)) {
        known.put(
            now.id(),
            new GatewayRecord(
                justNow(before.lastReport()),
                before.running(),
                before.since(),
                before.leaseEndNanos()));
        return false;
      }
      changed = before == null || differs(before.lastReport(), now);
      known.put(
          now.id(),
          new GatewayRecord(
              now,
              Optional.of(Running.of(telemetry)),
              before == null || changed ? now.at() : before.since(),
              before == null ? now.nanos() : before.leaseEndNanos()));
    } finally {
      lock.unlock();
    }
    if (changed) {
      observationStore.put(COLLECTION, now.id(), now);
    }
    return changed;
  }

  // A batch of the same run that is older than the last one.
  private static boolean outdated(GatewayRecord before, Telemetry telemetry) {
    return before.lastReport().boot().equals(telemetry.boot())
        && before.running().filter(running -> running.batch() > telemetry.batch()).isPresent();
  }

  private static boolean differs(LastReport before, LastReport now) {
    return before.sequence() != now.sequence()
        || !before.hash().equals(now.hash())
        || !before.store().equals(now.store())
        || !before.boot().equals(now.boot());
  }

  private LastReport justNow(LastReport old) {
    return new LastReport(
        old.id(),
        old.boot(),
        old.version(),
        old.sequence(),
        old.hash(),
        old.store(),
        clock.now(),
        nanos.getAsLong());
  }

  /// Whether all gateways serve `sequence` or newer.
  ///
  /// @param silentFor a gateway that is silent for longer is not waited for
  public Convergence convergence(long sequence, EncodedSnapshots current, Duration silentFor) {
    return convergence(copy(), sequence, current, silentFor);
  }

  /// The removal progress of a replica that left routing with `sequence`. Both parts come from the
  /// same batch of each gateway, so a gateway's count is never older than its acknowledgement.
  ///
  /// @param service id, `namespace/name`
  /// @param replica its name in snapshots
  /// @param silentFor a gateway that is silent for longer is not waited for
  public ReplicaRemoval replicaRemoval(
      String service, String replica, long sequence, EncodedSnapshots current, Duration silentFor) {
    List<GatewayRecord> now = copy();
    Convergence routing = convergence(now, sequence, current, silentFor);
    return new ReplicaRemoval(routing, open(now, new Place(service, replica), silentFor));
  }

  private Convergence convergence(
      List<GatewayRecord> gateways, long sequence, EncodedSnapshots current, Duration silentFor) {
    List<String> waiting = new ArrayList<>();
    List<String> givenUp = new ArrayList<>();
    for (GatewayRecord gateway : gateways) {
      if (!serves(gateway, sequence, current)) {
        boolean silent = silence(gateway).compareTo(silentFor) > 0;
        (silent ? givenUp : waiting).add(gateway.lastReport().id());
      }
    }
    return new Convergence(waiting, givenUp);
  }

  private InFlightRequests open(List<GatewayRecord> gateways, Place place, Duration silentFor) {
    SortedMap<String, Integer> inFlight = new TreeMap<>();
    List<String> unknown = new ArrayList<>();
    for (GatewayRecord gateway : gateways) {
      if (silence(gateway).compareTo(silentFor) > 0) {
        continue;
      }
      String id = gateway.lastReport().id();
      Optional<Integer> count = gateway.running().map(r -> r.inFlight().getOrDefault(place, 0));
      if (count.isPresent() && count.get() > 0) {
        inFlight.put(id, count.get());
      } else if (!gateway.running().map(Running::whole).orElse(false)) {
        unknown.add(id);
      }
    }
    return new InFlightRequests(inFlight, unknown);
  }

  /// A gateway silent for longer is not connected.
  public Duration connectedWithin() {
    return connectedWithin;
  }

  /// The ids of gateways that are connected.
  public SortedSet<String> connected() {
    SortedSet<String> ids = new TreeSet<>();
    for (GatewayRecord gateway : copy()) {
      if (silence(gateway).compareTo(connectedWithin) <= 0) {
        ids.add(gateway.lastReport().id());
      }
    }
    return ids;
  }

  /// The highest sequence that any gateway reports; above that of this control plane only after a
  /// restore of the store from a backup.
  public long highestSequence() {
    return copy().stream().mapToLong(g -> g.lastReport().sequence()).max().orElse(0);
  }

  public List<GatewayState> states() {
    return copy().stream().map(this::state).toList();
  }

  private GatewayState state(GatewayRecord gateway) {
    LastReport lastReport = gateway.lastReport();
    return new GatewayState(
        lastReport.id(),
        lastReport.boot(),
        lastReport.version(),
        lastReport.sequence(),
        lastReport.hash(),
        format(gateway),
        gateway.since(),
        lastReport.at(),
        silence(gateway),
        Duration.ofNanos(Math.max(0, gateway.leaseEndNanos() - nanos.getAsLong())),
        silence(gateway).compareTo(connectedWithin) <= 0,
        lastReport.store(),
        followsAnother(lastReport),
        gateway.running().map(Running::problems).orElse(List.of()));
  }

  /// Records the lease in the response to a heartbeat: the time for which the gateway may send
  /// requests to canaries.
  public void granted(String id, long leaseMillis) {
    lock.lock();
    try {
      GatewayRecord gateway = known.get(id);
      if (gateway != null) {
        long end = nanos.getAsLong() + TimeUnit.MILLISECONDS.toNanos(leaseMillis);
        known.put(id, gateway.leasedUntil(end));
      }
    } finally {
      lock.unlock();
    }
  }

  /// Removes gateways that have been silent for too long.
  public void sweep() {
    List<String> removed =
        copy().stream()
            .filter(g -> silence(g).compareTo(FORGET_AFTER) > 0)
            .map(g -> g.lastReport().id())
            .toList();
    lock.lock();
    try {
      removed.forEach(known::remove);
    } finally {
      lock.unlock();
    }
    observationStore.delete(COLLECTION, removed);
  }

  private boolean followsAnother(LastReport gateway) {
    return !gateway.store().isEmpty() && !gateway.store().equals(store);
  }

  private boolean serves(GatewayRecord known, long sequence, EncodedSnapshots current) {
    LastReport gateway = known.lastReport();
    if (gateway.sequence() == 0) {
      return true; // without a snapshot it routes no requests
    }
    if (followsAnother(gateway)) {
      return false;
    }
    if (gateway.sequence() == current.sequence()) {
      return current.matches(format(known), gateway.hash());
    }
    return gateway.sequence() >= sequence && gateway.sequence() < current.sequence();
  }

  // The format that it receives; empty until the gateway has reported to this process.
  private static Optional<Integer> format(GatewayRecord known) {
    return known.running().flatMap(running -> SnapshotFormats.newestCommon(running.formats()));
  }

  private Duration silence(GatewayRecord gateway) {
    return Duration.ofNanos(nanos.getAsLong() - gateway.lastReport().nanos());
  }

  private List<GatewayRecord> copy() {
    lock.lock();
    try {
      return List.copyOf(known.values());
    } finally {
      lock.unlock();
    }
  }
}
