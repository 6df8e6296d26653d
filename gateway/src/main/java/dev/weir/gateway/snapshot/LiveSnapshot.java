// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.gateway.exchange.Current;
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

/// The picture that is served now, swapped whole. Readers take one volatile read; writers (the
/// link, and once the disk) go one at a time.
///
/// A gateway that runs never stops serving because its picture grew old: with the control plane
/// dead the last good picture is the best there is. Only one that *starts* from an old picture
/// waits.
public final class LiveSnapshot implements SnapshotHolder {
  /// A gateway that starts from a picture older than this is not ready until a fresh one came.
  public static final Duration STARTABLE_AGE = Duration.ofHours(24);

  private static final Logger LOG = LoggerFactory.getLogger(LiveSnapshot.class);

  private final InstantSource clock;
  private final Lease lease;
  private final FollowedStore store = new FollowedStore();
  private final List<Consumer<Current>> listeners = new CopyOnWriteArrayList<>();
  private volatile Held held =
      new Held(Current.NONE, false, Optional.of("no routing snapshot has been received yet"));

  private volatile int gateways = 1;

  public LiveSnapshot(InstantSource clock, LongSupplier nanoTime) {
    this.clock = clock;
    this.lease = new Lease(nanoTime);
  }

  @Override
  public int gateways() {
    return gateways;
  }

  /// @param confirmed whether the control plane gave it in this run
  private record Held(Current current, boolean confirmed, Optional<String> notReady) {}

  @Override
  public Current current() {
    return held.current();
  }

  @Override
  public boolean leaseRuns() {
    return lease.runs();
  }

  @Override
  public Optional<String> notReadyBecause() {
    return held.notReady();
  }

  /// The store whose snapshots are taken.
  public FollowedStore store() {
    return store;
  }

  public Lease lease() {
    return lease;
  }

  /// Calls back after each swap, on the thread that swapped. Callbacks are quick and do not throw.
  public void onSwap(Consumer<Current> listener) {
    listeners.add(listener);
  }

  /// What to ask a link for: snapshots after this number. 0 until the control plane has given one
  /// in this run, so that it confirms (or corrects) what came from disk even if nothing is newer.
  public long subscribeAfter() {
    Held now = held;
    return now.confirmed() && !ofAnotherStore(now.current()) ? now.current().sequence() : 0;
  }

  /// Takes the answer to a telemetry batch.
  ///
  /// @param live gateways, this one included; 0 when that was not said, which changes nothing
  public void answered(long sentNanos, long leaseMillis, int live) {
    if (live > 0) {
      gateways = live;
    }
    renewLease(sentNanos, leaseMillis);
  }

  /// Renews the lease only (see [Lease]).
  public void renewLease(long sentNanos, long leaseMillis) {
    lease.renew(sentNanos, Math.min(leaseMillis, held.current().snapshot().leaseMillis()));
  }

  /// Offers a snapshot that the control plane has just sent.
  public synchronized Installed install(Published published) {
    if (!store.takes(published.snapshot().store())) {
      return new Installed.OtherStore(published.snapshot().store().id());
    }
    Held before = held;
    Current old = before.current();
    long sequence = published.snapshot().sequence();
    if (old != Current.NONE && sequence == old.sequence() && published.hash().equals(old.hash())) {
      return confirm(before);
    }
    // What came from disk yields to anything: a control plane that was restored from a backup
    // counts
    // from a lower number.
    if (before.confirmed() && sequence < old.sequence() && !ofAnotherStore(old)) {
      return new Installed.Overtaken(old.sequence());
    }
    List<String> problems = SnapshotCheck.problems(published.snapshot());
    if (!problems.isEmpty()) {
      LOG.error(
          "event=snapshot.refused sequence={} serving={} problems={}",
          sequence,
          old.sequence(),
          problems);
      return new Installed.Refused(problems);
    }
    if (sequence <= old.sequence()) {
      LOG.warn(
          "event=snapshot.replaced sequence={} before={} because=the control plane counts anew",
          sequence,
          old.sequence());
    }
    return swap(new Held(compile(published), true, Optional.empty()));
  }

  /// Whether a store was adopted since that snapshot came.
  private boolean ofAnotherStore(Current snapshot) {
    return store.witness().contradicts(snapshot.snapshot().store());
  }

  /// Starts from the copy on disk, if there is a usable one and nothing came from a link yet. Comes
  /// without a lease; not ready when it is older than [#STARTABLE_AGE].
  public synchronized void restore(DiskCopy disk) {
    restoreSnapshot(disk);
  }

  /// The same, after the store that an earlier run followed.
  public synchronized void restore(DiskCopy disk, StoreFile followed) {
    store.restore(followed.read());
    restoreSnapshot(disk);
  }

  private void restoreSnapshot(DiskCopy disk) {
    switch (disk.read()) {
      case DiskCopy.Found.Absent() -> LOG.info("event=snapshot.disk.absent file={}", disk.file());
      case DiskCopy.Found.Damaged(String why, var keptAs) ->
          LOG.error(
              "event=snapshot.disk.damaged file={} why=\"{}\" kept={} effect=ignored",
              disk.file(),
              why,
              keptAs.map(Object::toString).orElse("no"));
      case DiskCopy.Found.Usable(Published published) -> restore(published);
    }
  }

  private void restore(Published published) {
    if (held.current() != Current.NONE) {
      return;
    }
    List<String> problems = SnapshotCheck.problems(published.snapshot());
    if (!problems.isEmpty()) {
      LOG.error("event=snapshot.disk.refused problems={} effect=ignored", problems);
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
    LOG.info(
        "event=snapshot.disk.restored sequence={} publishedAt={} ready={}",
        published.snapshot().sequence(),
        publishedAt,
        notReady.isEmpty());
    swap(new Held(compile(published), false, notReady));
  }

  private Installed confirm(Held before) {
    if (before.confirmed()) {
      return new Installed.Overtaken(before.current().sequence());
    }
    held = new Held(before.current(), true, Optional.empty());
    LOG.info("event=snapshot.confirmed sequence={}", before.current().sequence());
    return new Installed.Confirmed(before.current());
  }

  private Installed swap(Held next) {
    held = next;
    listeners.forEach(listener -> listener.accept(next.current()));
    return new Installed.Swapped(next.current());
  }

  private static Current compile(Published published) {
    return Current.of(published.snapshot(), published.hash());
  }
}
