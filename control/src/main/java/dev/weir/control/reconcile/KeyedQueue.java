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

/// Runs work by key: never twice at once for one key, different keys side by side, at most
/// `parallel` of each [Lane] at a time.
///
/// Keys are served in the order in which they are due, so under overload every key that waits runs
/// before any key runs a second time. A key that is woken while it runs runs once more afterwards,
/// so no notification is lost; many wake-ups of a waiting key are one run, and it keeps its place.
/// A key whose work throws waits, longer each time, and no wake-up shortens that wait, so it delays
/// no other key. The queue holds no truth: losing it loses nothing that the next tick does not
/// bring back.
public final class KeyedQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyedQueue.class);
  private static final long LONGEST_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Work work;
  private final int parallel;
  private final int capacity;
  private final RetryBackoff backOff;
  private final LongSupplier nanos;
  private final RandomGenerator random;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Entry> entries = new HashMap<>();
  private final DueOrder waiting = new DueOrder();
  private final Map<Lane, Integer> running = new EnumMap<>(Lane.class);
  private boolean closed;
  private long refused;
  private @Nullable Thread dispatcher;

  /// What is done for a key. Idempotent, and safe to be cut off anywhere.
  @FunctionalInterface
  public interface Work {
    void run(String key) throws Exception;
  }

  /// @param parallel keys of each lane that may run side by side
  /// @param capacity keys that may wait; more are refused (the next tick brings them again)
  public KeyedQueue(
      Work work,
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

  /// Starts the thread that hands due keys to virtual threads. Without it `runDue` does the work.
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

  /// Runs the key as soon as it may, in the ordinary lane.
  ///
  /// @return whether it will run: false when the queue is full or closed
  public boolean wake(String key) {
    return wake(key, Lane.ORDINARY);
  }

  /// Runs the key as soon as it may. A key that waits in a less urgent lane changes to this one.
  ///
  /// @return whether it will run: false when the queue is full or closed
  public boolean wake(String key, Lane lane) {
    return wakeAfter(key, lane, Duration.ZERO);
  }

  /// Runs the key after a while, or earlier when something else wakes it.
  public boolean wakeAfter(String key, Lane lane, Duration delay) {
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

  /// Runs everything that is due now on the calling thread, the urgent lane first.
  ///
  /// @return how many keys ran
  public int runDue() {
    List<String> due = takeDue(Integer.MAX_VALUE);
    due.forEach(this::runOne);
    return due.size();
  }

  /// Runs the key that is next in the lane on the calling thread, as a single worker would.
  ///
  /// @return whether one was due
  boolean runNext(Lane lane) {
    List<String> due = new ArrayList<>();
    lock.lock();
    try {
      takeDue(lane, running(lane) + 1, nanos.getAsLong(), due);
    } finally {
      lock.unlock();
    }
    due.forEach(this::runOne);
    return !due.isEmpty();
  }

  /// For how long the key that is next in the lane has been due; zero when none is due. A value
  /// that grows means that the lane gets more work than it can do.
  public Duration oldestDue(Lane lane) {
    lock.lock();
    try {
      long left = waiting.nanosToNext(lane, nanos.getAsLong()).orElse(0);
      return Duration.ofNanos(Math.max(0, -left));
    } finally {
      lock.unlock();
    }
  }

  /// How many wake-ups were refused because the queue was full, since it was made.
  public long refused() {
    lock.lock();
    try {
      return refused;
    } finally {
      lock.unlock();
    }
  }

  /// How often in a row the key has failed; 0 when it is well.
  public int failures(String key) {
    lock.lock();
    try {
      Entry entry = entries.get(key);
      return entry == null ? 0 : entry.failures;
    } finally {
      lock.unlock();
    }
  }

  /// Takes no more work and waits, at most ten seconds, until what runs has ended.
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
        for (String key : takeDue(parallel)) {
          Thread.ofVirtual().name("reconcile " + key).start(() -> runOne(key));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return false when the queue was closed
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

  /// Until a key is due in a lane that has a free worker.
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

  private List<String> takeDue(int mostRunning) {
    lock.lock();
    try {
      long now = nanos.getAsLong();
      List<String> due = new ArrayList<>();
      for (Lane lane : Lane.values()) {
        takeDue(lane, mostRunning, now, due);
      }
      return due;
    } finally {
      lock.unlock();
    }
  }

  private void takeDue(Lane lane, int mostRunning, long now, List<String> due) {
    while (running(lane) < mostRunning) {
      Place next = waiting.takeDue(lane, now);
      if (next == null) {
        return;
      }
      Objects.requireNonNull(entries.get(next.key())).start(lane);
      due.add(next.key());
    }
  }

  private void runOne(String key) {
    boolean well = false;
    try {
      work.run(key);
      well = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (StoreException e) {
      LOG.warn("reconcile failed key={} cause=store message=\"{}\"", key, e.getMessage());
    } catch (Exception e) {
      LOG.warn("reconcile failed key={} message={}", key, e.toString(), e);
    } finally {
      ended(key, well);
    }
  }

  private void ended(String key, boolean well) {
    lock.lock();
    try {
      Entry entry = Objects.requireNonNull(entries.get(key));
      entry.end(well);
      if (closed || entry.idle()) {
        entry.leave();
        entries.remove(key);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// One key: at most one run and at most one place among those that wait. Guarded by the queue's
  /// lock.
  private final class Entry {
    private final String key;
    private Lane lane = Lane.ORDINARY;
    private long dueNanos;
    private boolean wanted;
    private @Nullable Lane runsIn;
    private @Nullable Place place;
    private int failures;
    private long notBeforeNanos;

    Entry(String key) {
      this.key = key;
    }

    void wake(Lane asked, long at) {
      long due = failures > 0 && notBeforeNanos - at > 0 ? notBeforeNanos : at;
      lane = wanted && lane.compareTo(asked) < 0 ? lane : asked;
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

    void end(boolean well) {
      Lane ran = Objects.requireNonNull(runsIn);
      running.merge(ran, -1, Integer::sum);
      runsIn = null;
      failures = well ? 0 : failures + 1;
      if (!well) {
        hold(ran);
      }
      queue();
    }

    private void hold(Lane ran) {
      notBeforeNanos = nanos.getAsLong() + backOff.nanos(failures, random);
      lane = wanted && lane.compareTo(ran) < 0 ? lane : ran;
      dueNanos = notBeforeNanos;
      wanted = true;
    }

    /// Takes the place that lane and time ask for, and keeps the one that it has where they are the
    /// same.
    private void queue() {
      Place old = place;
      boolean right = old != null && old.lane() == lane && old.dueNanos() == dueNanos;
      if (!wanted || running() || right) {
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
