// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import dev.weir.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs work by key: never twice at once for one key, different keys side by side, at most
/// `parallel` at a time.
///
/// A key that is woken while it runs runs once more afterwards, so no notification is lost; many
/// wake-ups of a waiting key are one run. A key whose work throws waits, longer each time, and no
/// wake-up shortens that wait: it slows nobody but itself. The queue holds no truth: losing it
/// loses nothing that the next tick does not bring back.
public final class KeyedQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyedQueue.class);
  private static final long LONGEST_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Work work;
  private final int parallel;
  private final int capacity;
  private final BackOff backOff;
  private final LongSupplier nanos;
  private final RandomGenerator random;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Entry> entries = new HashMap<>();
  private int running;
  private boolean closed;
  private @Nullable Thread dispatcher;

  /// What is done for a key. Idempotent, and safe to be cut off anywhere.
  @FunctionalInterface
  public interface Work {
    void run(String key) throws Exception;
  }

  /// @param parallel keys that may run side by side
  /// @param capacity keys that may wait; more are refused (the next tick brings them again)
  public KeyedQueue(
      Work work,
      int parallel,
      int capacity,
      BackOff backOff,
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

  /// Runs the key as soon as it may.
  ///
  /// @return whether it will run: false when the queue is full or closed
  public boolean wake(String key) {
    return wakeAfter(key, Duration.ZERO);
  }

  /// Runs the key after a while, or earlier when something else wakes it.
  public boolean wakeAfter(String key, Duration delay) {
    lock.lock();
    try {
      Entry entry = entries.get(key);
      if (closed || (entry == null && entries.size() >= capacity)) {
        return false;
      }
      if (entry == null) {
        entry = new Entry();
        entries.put(key, entry);
      }
      entry.wake(nanos.getAsLong() + delay.toNanos());
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Runs everything that is due now on the calling thread.
  ///
  /// @return how many keys ran
  public int runDue() {
    List<String> due = takeDue(Integer.MAX_VALUE);
    due.forEach(this::runOne);
    return due.size();
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
      entries.values().removeIf(entry -> !entry.running);
      changed.signalAll();
      long left = TimeUnit.SECONDS.toNanos(10);
      while (running > 0 && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
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
        long wait = running >= parallel ? LONGEST_SLEEP_NANOS : nanosToNext();
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

  private long nanosToNext() {
    long now = nanos.getAsLong();
    return entries.values().stream()
        .filter(Entry::waiting)
        .mapToLong(entry -> entry.dueNanos - now)
        .min()
        .orElse(LONGEST_SLEEP_NANOS);
  }

  private List<String> takeDue(int most) {
    lock.lock();
    try {
      long now = nanos.getAsLong();
      List<String> due = new ArrayList<>();
      entries.forEach((key, entry) -> {
        if (entry.waiting() && entry.dueNanos - now <= 0 && running < most) {
          entry.start();
          running++;
          due.add(key);
        }
      });
      return due;
    } finally {
      lock.unlock();
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
      running--;
      Entry entry = entries.get(key);
      if (entry != null) {
        entry.end(well);
        if (!well) {
          entry.hold(nanos.getAsLong() + backOff.nanos(entry.failures, random));
        }
        if (closed || entry.idle()) {
          entries.remove(key);
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// One key's place in the queue; guarded by the queue's lock.
  private static final class Entry {
    private boolean wanted;
    private boolean running;
    private int failures;
    private long dueNanos;
    private long notBeforeNanos;

    void wake(long at) {
      long due = failures > 0 && notBeforeNanos - at > 0 ? notBeforeNanos : at;
      dueNanos = wanted && dueNanos - due < 0 ? dueNanos : due;
      wanted = true;
    }

    void start() {
      running = true;
      wanted = false;
    }

    void end(boolean well) {
      running = false;
      failures = well ? 0 : failures + 1;
    }

    void hold(long until) {
      notBeforeNanos = until;
      dueNanos = until;
      wanted = true;
    }

    boolean waiting() {
      return wanted && !running;
    }

    boolean idle() {
      return !wanted && !running;
    }
  }
}
