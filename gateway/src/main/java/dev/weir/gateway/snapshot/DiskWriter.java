// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.StoreHead;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes the newest snapshot, and the identity of its store, to disk on its own thread: a rollback
/// must take effect without waiting for a disk.
///
/// The store is written before the snapshot, so that a gateway that crashes in between follows the
/// new store and still serves the snapshot of the old one.
public final class DiskWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskWriter.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final DiskCopy disk;
  private final StoreFile storeFile;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Optional<Published> waiting = Optional.empty();
  private Optional<StoreHead> waitingStore = Optional.empty();
  private boolean closed;

  private record Job(Optional<StoreHead> store, Optional<Published> published) {}

  /// Starts its thread.
  public DiskWriter(DiskCopy disk, StoreFile storeFile) {
    this.disk = disk;
    this.storeFile = storeFile;
    this.thread = Thread.ofVirtual().name("snapshot-disk").start(this::run);
  }

  /// Offers a snapshot; replaces one that still waits.
  public void offer(Published published) {
    lock.lock();
    try {
      waiting = Optional.of(published);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Offers the followed store; replaces one that still waits.
  public void offer(StoreHead store) {
    lock.lock();
    try {
      waitingStore = Optional.of(store);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Writes what still waits, then ends; waits at most 5 s.
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
        LOG.atWarn()
            .addKeyValue("event", "snapshot.disk.slow")
            .addKeyValue("file", disk.file())
            .log("The disk did not accept the snapshot before the gateway stopped");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      for (Optional<Job> next = take(); next.isPresent(); next = take()) {
        next.get().store().ifPresent(this::write);
        next.get().published().ifPresent(this::write);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Empty after the writer was closed.
  private Optional<Job> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && waitingStore.isEmpty() && !closed) {
        changed.await();
      }
      Job next = new Job(waitingStore, waiting);
      waiting = Optional.empty();
      waitingStore = Optional.empty();
      return Optional.of(next).filter(j -> j.store().isPresent() || j.published().isPresent());
    } finally {
      lock.unlock();
    }
  }

  private void write(StoreHead store) {
    try {
      storeFile.write(store);
    } catch (IOException | RuntimeException e) {
      LOG.atError()
          .addKeyValue("event", "store.file.failed")
          .addKeyValue("store", store.id())
          .addKeyValue("error", e.toString())
          .log("The followed store cannot be written; a restart knows an older audit head");
    }
  }

  private void write(Published published) {
    try {
      disk.write(published);
    } catch (IOException | RuntimeException e) {
      LOG.atError()
          .addKeyValue("event", "snapshot.disk.failed")
          .addKeyValue("sequence", published.snapshot().sequence())
          .addKeyValue("file", disk.file())
          .addKeyValue("error", e.toString())
          .log("The snapshot cannot be written; a restart uses an older snapshot");
    }
  }
}
