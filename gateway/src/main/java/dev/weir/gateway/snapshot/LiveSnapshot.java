// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.SnapshotCheck;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The current snapshot, replaced atomically. Readers do one volatile read; writers (the link, and
/// the disk at startup) are serialised.
///
/// A running gateway never stops serving because its snapshot is old: while the control plane is
/// down, the last valid snapshot is the best available. Only a gateway that *starts* from an old
/// snapshot waits.
public final class LiveSnapshot implements SnapshotHolder {
  /// A gateway that starts from a snapshot older than this is not ready until a new one arrives.
  public static final Duration STARTABLE_AGE = Duration.ofHours(24);

  private static final Logger LOG = LoggerFactory.getLogger(LiveSnapshot.class);

  private final InstantSource clock;
  private final CanaryLease lease;
  private final FollowedStore store = new FollowedStore();
  private final List<Consumer<IndexedSnapshot>> listeners = new CopyOnWriteArrayList<>();
  private volatile Held held =
      new Held(
          IndexedSnapshot.NONE, false, Optional.of("no routing snapshot has been received yet"));

  private volatile int gateways = 1;

  public LiveSnapshot(InstantSource clock, LongSupplier nanoTime) {
    this.clock = clock;
    this.lease = new CanaryLease(nanoTime);
  }

  @Override
  public int gateways() {
    return gateways;
  }

  /// @param confirmed whether the control plane sent it in this run
  private record Held(IndexedSnapshot current, boolean confirmed, Optional<String> notReady) {}

  @Override
  public IndexedSnapshot current() {
    return held.current();
  }

  @Override
  public boolean leaseRuns() {
    return lease.runs();
  }

  @Override
  public Optional<String> notReadyReason() {
    return held.notReady();
  }

  /// The store whose snapshots are accepted.
  public FollowedStore store() {
    return store;
  }

  public CanaryLease lease() {
    return lease;
  }

  /// Registers a listener that runs after each swap, on the swapping thread. Listeners must be
  /// quick and not throw.
  public void onSwap(Consumer<IndexedSnapshot> listener) {
    listeners.add(listener);
  }

  /// The sequence number after which to subscribe. 0 until the control plane has sent a snapshot in
  /// this run, so that it confirms (or corrects) the one from disk even if nothing is newer.
  public long subscribeAfter() {
    Held now = held;
    return now.confirmed() && !ofAnotherStore(now.current()) ? now.current().sequence() : 0;
  }

  /// Applies the response to a telemetry batch.
  ///
  /// @param live number of live gateways, including this one; 0 if unknown, which changes nothing
  public void answered(long sentNanos, long leaseMillis, int live) {
    if (live > 0) {
      gateways = live;
    }
    renewLease(sentNanos, leaseMillis);
  }

  /// Renews only the lease (see [CanaryLease]).
  public void renewLease(long sentNanos, long leaseMillis) {
    lease.renew(sentNanos, Math.min(leaseMillis, held.current().snapshot().leaseMillis()));
  }

  /// Installs a snapshot that the control plane sent.
  public synchronized InstallResult install(Published published) {
    if (!store.accepts(published.snapshot().store())) {
      return new InstallResult.OtherStore(published.snapshot().store().id());
    }
    Held before = held;
    IndexedSnapshot old = before.current();
    long sequence = published.snapshot().sequence();
    if (old != IndexedSnapshot.NONE
        && sequence == old.sequence()
        && published.hash().equals(old.hash())) {
      return confirm(before);
    }
    // A snapshot from disk is replaced by any other: a control plane that was restored from a
    // backup counts from a lower number.
    if (before.confirmed() && sequence < old.sequence() && !ofAnotherStore(old)) {
      return new InstallResult.Overtaken(old.sequence());
    }
    List<String> problems = SnapshotCheck.problems(published.snapshot(), old.snapshot());
    if (!problems.isEmpty()) {
      LOG.atError()
          .addKeyValue("event", "snapshot.refused")
          .addKeyValue("sequence", sequence)
          .addKeyValue("serving", old.sequence())
          .addKeyValue("problems", problems)
          .log("A snapshot is inconsistent; the gateway continues with the old snapshot");
      return new InstallResult.Refused(problems);
    }
    if (sequence <= old.sequence()) {
      LOG.atWarn()
          .addKeyValue("event", "snapshot.replaced")
          .addKeyValue("sequence", sequence)
          .addKeyValue("serving", old.sequence())
          .log(
              "A snapshot has a lower sequence, because the control plane restarted its "
                  + "numbering");
    }
    return swap(new Held(compile(published), true, Optional.empty()));
  }

  /// Whether another store was adopted since that snapshot was received.
  private boolean ofAnotherStore(IndexedSnapshot snapshot) {
    return store.witness().contradicts(snapshot.snapshot().store());
  }

  /// Starts from the copy on disk, if it is usable and no snapshot was received from a link. There
  /// is no lease, and the gateway is not ready if the copy is older than [#STARTABLE_AGE].
  public synchronized void restore(DiskCopy disk) {
    restoreSnapshot(disk);
  }

  /// Same, after restoring the store that an earlier run followed.
  public synchronized void restore(DiskCopy disk, StoreFile followed) {
    store.restore(followed.read());
    restoreSnapshot(disk);
  }

  private void restoreSnapshot(DiskCopy disk) {
    switch (disk.read()) {
      case DiskCopy.Found.Absent() ->
          LOG.atInfo()
              .addKeyValue("event", "snapshot.disk.absent")
              .addKeyValue("file", disk.file())
              .log("There is no snapshot on disk");
      case DiskCopy.Found.Damaged(String why, var keptAs) ->
          LOG.atError()
              .addKeyValue("event", "snapshot.disk.damaged")
              .addKeyValue("file", disk.file())
              .addKeyValue("reason", why)
              .addKeyValue("backup", keptAs.map(Object::toString).orElse("none"))
              .log("The snapshot on disk is damaged and is ignored");
      case DiskCopy.Found.Usable(Published published) -> restore(published);
    }
  }

  private void restore(Published published) {
    if (held.current() != IndexedSnapshot.NONE) {
      return;
    }
    List<String> problems = SnapshotCheck.problems(published.snapshot());
    if (!problems.isEmpty()) {
      LOG.atError()
          .addKeyValue("event", "snapshot.disk.refused")
          .addKeyValue("problems", problems)
          .log("The snapshot on disk is inconsistent and is ignored");
      return;
    }
    store.restore(published.snapshot().store());
    Instant publishedAt = published.snapshot().publishedAt();
    Optional<String> notReady = Optional.empty();
    if (Duration.between(publishedAt, clock.instant()).compareTo(STARTABLE_AGE) > 0) {
      notReady =
          Optional.of(
              "the snapshot on disk was published at "
                  + publishedAt
                  + ", more than 24 h ago, and the control plane has not confirmed it yet");
    }
    LOG.atInfo()
        .addKeyValue("event", "snapshot.disk.restored")
        .addKeyValue("sequence", published.snapshot().sequence())
        .addKeyValue("published_at", publishedAt)
        .addKeyValue("ready", notReady.isEmpty())
        .log("The gateway starts with the snapshot on disk");
    swap(new Held(compile(published), false, notReady));
  }

  private InstallResult confirm(Held before) {
    if (before.confirmed()) {
      return new InstallResult.Overtaken(before.current().sequence());
    }
    held = new Held(before.current(), true, Optional.empty());
    LOG.atInfo()
        .addKeyValue("event", "snapshot.confirmed")
        .addKeyValue("sequence", before.current().sequence())
        .log("The control plane confirmed the snapshot from disk");
    return new InstallResult.Confirmed(before.current());
  }

  private InstallResult swap(Held next) {
    held = next;
    listeners.forEach(listener -> listener.accept(next.current()));
    return new InstallResult.Swapped(next.current());
  }

  private static IndexedSnapshot compile(Published published) {
    return IndexedSnapshot.of(published.snapshot(), published.hash());
  }
}
