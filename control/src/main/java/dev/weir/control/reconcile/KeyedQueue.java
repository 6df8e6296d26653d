// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import dev.weir.control.reconcile.DueOrder.Place;
import dev.weir.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs work by key. It runs one key at most once at a time. It runs different keys concurrently,
/// at most `parallel` keys of each [Lane].
///
/// The queue serves keys in the order in which they are due. Under overload, every waiting key runs
/// before any key runs a second time. A key that is woken while it runs runs once more afterwards,
/// so no notification is lost. Several wake-ups of a waiting key cause one run, and the key keeps
/// its position. A key whose work throws waits with an increasing backoff. No wake-up shortens this
/// wait, so a failing key delays no other key. The queue contains no state of record: the next tick
/// wakes again every key that needs work.
///
/// @param <K> the key: a value with `equals` and `hashCode`; its text appears in logs
public final class KeyedQueue<K> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyedQueue.class);
  private static final long LONGEST_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Work<K> work;
  private final int parallel;
  private final int capacity;
  private final RetryBackoff backOff;
  private final LongSupplier nanos;
  private final RandomGenerator random;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<K, Entry> entries = new HashMap<>();
  private final DueOrder<K> waiting = new DueOrder<>();
  private final Map<Lane, Integer> running = new EnumMap<>(Lane.class);
  private boolean closed;
  private long refused;
  private @Nullable Thread dispatcher;

  /// The work for one key. It must be idempotent and safe to interrupt at any point.
  @FunctionalInterface
  public interface Work<K> {
    void run(K key) throws Exception;
  }

  /// @param parallel maximum number of keys of each lane that run concurrently
  /// @param capacity maximum number of keys in the queue; the queue refuses more, and the next tick
  ///   wakes them again
  /// @param nanos monotonic
  public KeyedQueue(
      Work<K> work,
      int parallel,
      int capacity,
      RetryBackoff backOff,
      LongSupplier nanos,
      RandomGenerator random) {
    this.work = work;
    this.parallel = parallel;
    this.capacity = capacity;
    this.backOff = backOff;
    this.nanos = nanos;
    this.random = random;
  }

  /// Starts the thread that runs due keys on virtual threads. Without it, only [#runDue] runs keys.
  public void start() {
    lock.lock();
    try {
      if (dispatcher == null && !closed) {
        dispatcher = Thread.ofVirtual().name("reconcile").start(this::dispatch);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Runs the key as soon as possible, in the ordinary lane.
  ///
  /// @return whether the key will run; false when the queue is full or closed
  public boolean wake(K key) {
    return wake(key, Lane.ORDINARY);
  }

  /// Runs the key as soon as possible. A key that waits in a less urgent lane moves to this lane.
  ///
  /// @return whether the key will run; false when the queue is full or closed
  public boolean wake(K key, Lane lane) {
    return wakeAfter(key, lane, Duration.ZERO);
  }

  /// Runs the key after the delay, or earlier when another wake-up requires it.
  ///
  /// @return whether the key will run; false when the queue is full or closed
  public boolean wakeAfter(K key, Lane lane, Duration delay) {
    lock.lock();
    try {
      Entry entry = entries.get(key);
      if (closed) {
        return false;
      }
      if (entry == null && entries.size() >= capacity) {
        refused++;
        return false;
      }
      if (entry == null) {
        entry = new Entry(key);
        entries.put(key, entry);
      }
      entry.wake(lane, nanos.getAsLong() + delay.toNanos());
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Runs all keys that are due now on the calling thread, the urgent lane first.
  ///
  /// @return the number of keys that ran
  public int runDue() {
    List<K> due = takeDue(Integer.MAX_VALUE);
    due.forEach(this::runOne);
    return due.size();
  }

  /// Runs the next due key of the lane on the calling thread, as a single worker does.
  ///
  /// @return whether a key was due
  boolean runNext(Lane lane) {
    List<K> due = new ArrayList<>();
    lock.lock();
    try {
      takeDue(lane, running(lane) + 1, nanos.getAsLong(), due);
    } finally {
      lock.unlock();
    }
    due.forEach(this::runOne);
    return !due.isEmpty();
  }

  /// The time since which the next key of the lane is due; zero when no key is due. A growing value
  /// means that the lane receives more work than it can process.
  public Duration oldestDue(Lane lane) {
    lock.lock();
    try {
      long left = waiting.nanosToNext(lane, nanos.getAsLong()).orElse(0);
      return Duration.ofNanos(Math.max(0, -left));
    } finally {
      lock.unlock();
    }
  }

  /// The number of wake-ups that the queue refused because it was full, since its creation.
  public long refused() {
    lock.lock();
    try {
      return refused;
    } finally {
      lock.unlock();
    }
  }

  /// The number of consecutive failures of the key; 0 after a success.
  public int failures(K key) {
    lock.lock();
    try {
      Entry entry = entries.get(key);
      return entry == null ? 0 : entry.failures;
    } finally {
      lock.unlock();
    }
  }

  /// Refuses new work and waits up to ten seconds for the running keys.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      dropWaiting();
      changed.signalAll();
      long left = TimeUnit.SECONDS.toNanos(10);
      while (anyRunning() && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void dropWaiting() {
    entries
        .values()
        .removeIf(entry -> {
          entry.leave();
          return !entry.running();
        });
  }

  private void dispatch() {
    try {
      while (awaitDue()) {
        for (K key : takeDue(parallel)) {
          Thread.ofVirtual().name("reconcile " + key).start(() -> runOne(key));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return false when the queue is closed
  private boolean awaitDue() throws InterruptedException {
    lock.lock();
    try {
      while (!closed) {
        long wait = nanosToNext();
        if (wait <= 0) {
          return true;
        }
        long _ = changed.awaitNanos(Math.min(wait, LONGEST_SLEEP_NANOS));
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /// The time until a key is due in a lane that has a free worker.
  private long nanosToNext() {
    long now = nanos.getAsLong();
    long next = LONGEST_SLEEP_NANOS;
    for (Lane lane : Lane.values()) {
      if (running(lane) < parallel) {
        next = Math.min(next, waiting.nanosToNext(lane, now).orElse(LONGEST_SLEEP_NANOS));
      }
    }
    return next;
  }

  private int running(Lane lane) {
    return running.getOrDefault(lane, 0);
  }

  private boolean anyRunning() {
    return running.values().stream().anyMatch(count -> count > 0);
  }

  private List<K> takeDue(int mostRunning) {
    lock.lock();
    try {
      long now = nanos.getAsLong();
      List<K> due = new ArrayList<>();
      for (Lane lane : Lane.values()) {
        takeDue(lane, mostRunning, now, due);
      }
      return due;
    } finally {
      lock.unlock();
    }
  }

  private void takeDue(Lane lane, int mostRunning, long now, List<K> due) {
    while (running(lane) < mostRunning) {
      Place<K> next = waiting.takeDue(lane, now);
      if (next == null) {
        return;
      }
      Objects.requireNonNull(entries.get(next.key())).start(lane);
      due.add(next.key());
    }
  }

  private void runOne(K key) {
    boolean succeeded = false;
    try {
      work.run(key);
      succeeded = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (StoreException e) {
      LOG.atWarn()
          .addKeyValue("event", "reconcile.failed")
          .addKeyValue("key", key)
          .addKeyValue("cause", "store")
          .addKeyValue("error", e.getMessage())
          .log("The store failed during a reconciliation");
    } catch (Exception e) {
      LOG.atWarn()
          .addKeyValue("event", "reconcile.failed")
          .addKeyValue("key", key)
          .setCause(e)
          .log("A reconciliation failed and is repeated");
    } finally {
      ended(key, succeeded);
    }
  }

  private void ended(K key, boolean succeeded) {
    lock.lock();
    try {
      Entry entry = Objects.requireNonNull(entries.get(key));
      entry.end(succeeded);
      if (closed || entry.idle()) {
        entry.leave();
        entries.remove(key);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The state of one key: at most one run and at most one position in [DueOrder]. Guarded by the
  /// lock of the queue.
  private final class Entry {
    private final K key;
    private Lane lane = Lane.ORDINARY;
    private long dueNanos;
    private boolean wanted;
    private @Nullable Lane runsIn;
    private @Nullable Place<K> place;
    private int failures;
    private long notBeforeNanos;

    Entry(K key) {
      this.key = key;
    }

    void wake(Lane requested, long at) {
      long due = failures > 0 && notBeforeNanos - at > 0 ? notBeforeNanos : at;
      lane = wanted && lane.compareTo(requested) < 0 ? lane : requested;
      dueNanos = wanted && dueNanos - due < 0 ? dueNanos : due;
      wanted = true;
      queue();
    }

    void start(Lane in) {
      place = null;
      wanted = false;
      runsIn = in;
      running.merge(in, 1, Integer::sum);
    }

    void end(boolean succeeded) {
      Lane ran = Objects.requireNonNull(runsIn);
      running.merge(ran, -1, Integer::sum);
      runsIn = null;
      failures = succeeded ? 0 : failures + 1;
      if (!succeeded) {
        backOffIn(ran);
      }
      queue();
    }

    private void backOffIn(Lane ran) {
      notBeforeNanos = nanos.getAsLong() + backOff.nanos(failures, random);
      lane = wanted && lane.compareTo(ran) < 0 ? lane : ran;
      dueNanos = notBeforeNanos;
      wanted = true;
    }

    /// Moves the key to the position for its lane and due time. It keeps its position when both are
    /// unchanged.
    private void queue() {
      Place<K> old = place;
      boolean unchanged = old != null && old.lane() == lane && old.dueNanos() == dueNanos;
      if (!wanted || running() || unchanged) {
        return;
      }
      leave();
      place = waiting.add(key, lane, dueNanos);
    }

    void leave() {
      if (place != null) {
        waiting.remove(place);
        place = null;
      }
    }

    boolean running() {
      return runsIn != null;
    }

    boolean idle() {
      return !wanted && !running();
    }
  }
}
