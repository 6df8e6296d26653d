// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.snapshot.ControlLink.Published;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes snapshots to disk on a thread of its own, the newest only: a revert must reach requests
/// without waiting for a disk.
public final class DiskWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskWriter.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final DiskCopy disk;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Optional<Published> waiting = Optional.empty();
  private boolean closed;

  /// Starts its thread.
  public DiskWriter(DiskCopy disk) {
    this.disk = disk;
    this.thread = Thread.ofVirtual().name("snapshot-disk").start(this::run);
  }

  /// Hands a snapshot over; one that still waits is overtaken.
  public void offer(Published published) {
    lock.lock();
    try {
      waiting = Optional.of(published);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Writes what still waits, then ends; waits 5 s at most.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (!thread.join(CLOSE_WAIT)) {
        LOG.warn("event=snapshot.disk.slow effect=left behind file={}", disk.file());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      for (Optional<Published> next = take(); next.isPresent(); next = take()) {
        write(next.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Empty when there will be no more.
  private Optional<Published> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && !closed) {
        changed.await();
      }
      Optional<Published> next = waiting;
      waiting = Optional.empty();
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void write(Published published) {
    try {
      disk.write(published);
    } catch (IOException | RuntimeException e) {
      LOG.error(
          "event=snapshot.disk.failed sequence={} file={} effect=\"a restart starts from an older one\"",
          published.snapshot().sequence(),
          disk.file(),
          e);
    }
  }
}
