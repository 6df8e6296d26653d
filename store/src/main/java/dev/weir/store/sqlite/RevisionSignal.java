// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The newest committed revision, with a wait for the next. Revisions are announced after their
/// transaction, so a notified reader can read the change.
final class RevisionSignal {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private long newest;
  private boolean closed;

  RevisionSignal(long newest) {
    this.newest = newest;
  }

  long newest() {
    lock.lock();
    try {
      return newest;
    } finally {
      lock.unlock();
    }
  }

  /// Announcements may arrive late and out of order; the newest revision is retained.
  void announce(long revision) {
    lock.lock();
    try {
      if (revision > newest) {
        newest = revision;
        moved.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Ends all waits; later ones do not wait.
  void close() {
    lock.lock();
    try {
      closed = true;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  long awaitAfter(long after, Duration atMost) throws InterruptedException {
    long left = TimeUnit.NANOSECONDS.convert(atMost);
    lock.lockInterruptibly();
    try {
      while (newest <= after && !closed && left > 0) {
        left = moved.awaitNanos(left);
      }
      return newest;
    } finally {
      lock.unlock();
    }
  }
}
