// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.publication.PublicationStore.Loaded;
import dev.weir.control.publication.PublicationStore.State;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.EncodedSnapshots;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.SnapshotCheck;
import dev.weir.snapshot.SnapshotFormats;
import dev.weir.snapshot.StoreHead;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Numbers snapshots: new content gets a new sequence number, the same content keeps its number.
/// Number and snapshot are stored before they are published, so numbers increase across restarts.
public final class Publisher {
  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
  private final Function<Optional<RoutingSnapshot>, SnapshotInputs> inputs;
  private final LongSupplier highestServed;
  private final PublicationStore store;
  private final CrashPoints crashPoints;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition renewed = lock.newCondition();
  private State state;
  private Published current;
  private Map<String, ServiceEntry> entries;
  private @Nullable Compiled compiled;
  private long covers;

  private final PublicationHistory publicationHistory = new PublicationHistory();
  private final ServiceEntryCache compiledEntries = new ServiceEntryCache();
  private EncodedSnapshots encodedSnapshots;

  /// Whether the entries of [#encodedSnapshots] are stored one by one.
  private boolean storedByEntry;

  /// The latest compilation.
  ///
  /// @param until time at which the same inputs have another result
  private record Compiled(SnapshotInputs inputs, Instant until, RoutingSnapshot snapshot) {
    boolean holds(SnapshotInputs now) {
      return now.now().isBefore(until) && !now.now().isBefore(inputs.now()) && inputs.same(now);
    }
  }

  /// @param inputs the inputs of the next snapshot, given the previous one
  /// @param highestServed highest sequence that a gateway reports
  public Publisher(
      Function<Optional<RoutingSnapshot>, SnapshotInputs> inputs,
      LongSupplier highestServed,
      ObservationStore observationStore,
      CrashPoints crashPoints) {
    this.inputs = inputs;
    this.highestServed = highestServed;
    this.store = new PublicationStore(observationStore);
    this.crashPoints = crashPoints;
    Optional<Loaded> loaded = store.read();
    this.state = loaded.map(Loaded::state).orElseGet(Publisher::nothing);
    this.storedByEntry = loaded.map(Loaded::byEntry).orElse(false);
    this.encodedSnapshots =
        EncodedSnapshots.of(
            SnapshotFormats.convert(RoutingSnapshot.FORMAT_VERSION, state.snapshot()));
    this.current = encodedSnapshots.newest().published();
    this.entries = entries(state.snapshot());
    if (encodedSnapshots.sequence() > 0) {
      publicationHistory.add(encodedSnapshots);
    }
  }

  /// Compiles the current state and publishes it if it differs.
  public Published publish() {
    lock.lock();
    try {
      Optional<RoutingSnapshot> before =
          Optional.of(state.snapshot()).filter(s -> s.sequence() > 0);
      SnapshotInputs now = inputs.apply(before);
      RoutingSnapshot compiled = compile(now);
      long highest = highestServed.getAsLong();
      boolean same = before.isPresent() && sameContent(compiled, before.get());
      if (!same || highest > state.snapshot().sequence()) {
        renew(compiled, now.now(), Math.max(state.snapshot().sequence(), highest) + 1);
      }
      covers = compiled.revision();
      return current;
    } finally {
      lock.unlock();
    }
  }

  /// Most ticks find unchanged inputs and need no compilation.
  private RoutingSnapshot compile(SnapshotInputs now) {
    Compiled known = compiled;
    if (known == null || !known.holds(now)) {
      known = new Compiled(now, now.nextExpiry(), SnapshotCompiler.compile(now, compiledEntries));
      compiled = known;
    }
    return known.snapshot();
  }

  /// The recently published snapshots.
  public PublicationHistory publicationHistory() {
    return publicationHistory;
  }

  /// The current snapshot in each supported format.
  public EncodedSnapshots encodedSnapshots() {
    lock.lock();
    try {
      return encodedSnapshots;
    } finally {
      lock.unlock();
    }
  }

  public Published current() {
    lock.lock();
    try {
      return current;
    } finally {
      lock.unlock();
    }
  }

  /// The entry of a Service in the current snapshot, by its id.
  public Optional<ServiceEntry> entry(String service) {
    lock.lock();
    try {
      return Optional.ofNullable(entries.get(service));
    } finally {
      lock.unlock();
    }
  }

  /// The sequence at which the entry of the Service last changed, if the current snapshot covers
  /// all resource changes up to `revision`; else empty.
  public Optional<Long> settledSince(String service, long revision) {
    lock.lock();
    try {
      return covers < revision || state.snapshot().sequence() == 0
          ? Optional.empty()
          : Optional.of(state.changedAt().getOrDefault(service, state.snapshot().sequence()));
    } finally {
      lock.unlock();
    }
  }

  /// Whether a gateway that serves `sequence` may keep routing to canaries.
  public boolean mayFeed(long sequence) {
    lock.lock();
    try {
      return sequence > 0 && sequence >= state.floor() && sequence <= state.snapshot().sequence();
    } finally {
      lock.unlock();
    }
  }

  /// Waits for a snapshot with a higher sequence.
  ///
  /// @return the newest snapshot, or empty after a timeout
  public Optional<Published> awaitAfter(long sequence, long atMostMillis)
      throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(atMostMillis);
      while (current.snapshot().sequence() <= sequence && left > 0) {
        left = renewed.awaitNanos(left);
      }
      return Optional.of(current).filter(p -> p.snapshot().sequence() > sequence);
    } finally {
      lock.unlock();
    }
  }

  private void renew(RoutingSnapshot compiled, Instant now, long sequence) {
    RoutingSnapshot next = numbered(compiled, now, sequence);
    List<String> problems = SnapshotCheck.problems(next, state.snapshot());
    if (!problems.isEmpty()) {
      throw new IllegalStateException(
          "snapshot " + sequence + " would not be accepted by gateways: " + problems);
    }
    State kept = new State(next, changedAt(next, sequence), floor(next, sequence));
    EncodedSnapshots encoded = encodedSnapshots.next(next);
    store.write(
        kept, encoded.newest(), Optional.of(encodedSnapshots.newest()).filter(_ -> storedByEntry));
    storedByEntry = true;
    state = kept;
    current = encoded.newest().published();
    encodedSnapshots = encoded;
    entries = entries(next);
    publicationHistory.add(encodedSnapshots);
    renewed.signalAll();
    LOG.atInfo()
        .addKeyValue("event", "snapshot.published")
        .addKeyValue("sequence", sequence)
        .addKeyValue("revision", next.revision())
        .addKeyValue("hash", current.hash())
        .log("A snapshot is published");
    crashPoints.pass(CrashPoint.HANDED_OUT);
  }

  private Map<String, Long> changedAt(RoutingSnapshot next, long sequence) {
    Map<String, ServiceEntry> before = entries(state.snapshot());
    Map<String, Long> changed = new HashMap<>();
    for (ServiceEntry service : next.services()) {
      boolean same = service.equals(before.get(service.id()));
      long known = state.changedAt().getOrDefault(service.id(), sequence);
      changed.put(service.id(), same ? known : sequence);
    }
    return changed;
  }

  private static Map<String, ServiceEntry> entries(RoutingSnapshot snapshot) {
    Map<String, ServiceEntry> byId = HashMap.newHashMap(snapshot.services().size());
    snapshot.services().forEach(entry -> byId.put(entry.id(), entry));
    return byId;
  }

  // Without a previous snapshot it is unknown which weights this one lowers.
  private long floor(RoutingSnapshot next, long sequence) {
    boolean first = state.snapshot().sequence() == 0;
    return first || lowers(next) ? sequence : state.floor();
  }

  private boolean lowers(RoutingSnapshot next) {
    Map<String, CanaryArm> arms = arms(next);
    Map<String, ServiceEntry> services = entries(next);
    return state.snapshot().services().stream()
        .anyMatch(before ->
            before.canary().stream()
                .filter(old -> !promoted(old, Optional.ofNullable(services.get(before.id()))))
                .anyMatch(old -> lowers(old, Optional.ofNullable(arms.get(old.rollout())))));
  }

  /// Whether the canary is the stable version now. A gateway that still has it as a canary sends
  /// requests to the right version.
  private static boolean promoted(CanaryArm old, Optional<ServiceEntry> next) {
    return next.filter(service -> service.stable().version().equals(old.arm().version()))
        .isPresent();
  }

  /// A changed audience may exclude clients, which lowers the weight for them.
  private static boolean lowers(CanaryArm old, Optional<CanaryArm> next) {
    return next.isEmpty()
        || next.get().weightMillionths() < old.weightMillionths()
        || next.get().mirrorMillionths() < old.mirrorMillionths()
        || !next.get().audience().equals(old.audience());
  }

  private static Map<String, CanaryArm> arms(RoutingSnapshot snapshot) {
    Map<String, CanaryArm> arms = new HashMap<>();
    snapshot.services().stream()
        .flatMap(service -> service.canary().stream())
        .forEach((CanaryArm arm) -> arms.put(arm.rollout(), arm));
    return arms;
  }

  private static boolean sameContent(RoutingSnapshot a, RoutingSnapshot b) {
    return a.formatVersion() == b.formatVersion()
        && a.store().id().equals(b.store().id())
        && a.leaseMillis() == b.leaseMillis()
        && a.keys().equals(b.keys())
        && a.routes().equals(b.routes())
        && a.services().equals(b.services());
  }

  private static RoutingSnapshot numbered(RoutingSnapshot snapshot, Instant now, long sequence) {
    return new RoutingSnapshot(
        snapshot.formatVersion(),
        sequence,
        snapshot.revision(),
        now,
        snapshot.store(),
        snapshot.leaseMillis(),
        snapshot.keys(),
        snapshot.routes(),
        snapshot.services());
  }

  private static State nothing() {
    return new State(
        new RoutingSnapshot(
            RoutingSnapshot.FORMAT_VERSION,
            0,
            0,
            Instant.EPOCH,
            StoreHead.UNKNOWN,
            1,
            List.of(),
            List.of(),
            List.of()),
        Map.of(),
        0);
  }
}
