// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// Waits until a provider reports the expected state, and stores everything that it reported.
public final class Watcher {
  private static final long PATIENCE_SECONDS = 60;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Provider provider;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<ObservedReplica> seen = new ArrayList<>();

  public Watcher(Provider provider) {
    this.provider = provider;
    provider.onChange(this::signal);
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  public ObservedReplica await(ReplicaName name, ReplicaState state) throws InterruptedException {
    return await(name, replica -> replica.state() == state);
  }

  /// @throws AssertionError with all observations if the expected state does not occur
  public ObservedReplica await(ReplicaName name, Predicate<ObservedReplica> wanted)
      throws InterruptedException {
    long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    lock.lock();
    try {
      while (left > 0) {
        for (ObservedReplica replica : provider.observe()) {
          seen.add(replica);
          if (replica.name().equals(name) && wanted.test(replica)) {
            return replica;
          }
        }
        // A test may also wait for a file, which no provider reports.
        long poll = Math.min(left, POLL_NANOS);
        left -= poll - Math.max(0, changed.awaitNanos(poll));
      }
      throw new AssertionError("it did not come; seen: " + seen);
    } finally {
      lock.unlock();
    }
  }

  /// Everything observed so far while waiting.
  public List<ObservedReplica> seen() {
    return List.copyOf(seen);
  }
}
