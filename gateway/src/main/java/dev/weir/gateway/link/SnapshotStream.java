// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.link;

import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.SnapshotFrames;
import dev.weir.snapshot.SnapshotFrames.Frame;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// One open snapshot stream: delivers frames on demand, and detects a silent control plane. Without
/// demand it stops reading, so the sender encounters backpressure and retains only its newest
/// snapshot.
final class SnapshotStream implements Flow.Subscription {
  private final ControlLink.Subscriber subscriber;
  private final Duration silence;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long demand;
  private boolean ended;
  private Runnable cancelAction = () -> {};
  private volatile long lastByteNanos;
  private volatile boolean waitingForDemand;

  SnapshotStream(ControlLink.Subscriber subscriber, Duration silence, LongSupplier nanoTime) {
    this.subscriber = subscriber;
    this.silence = silence;
    this.nanoTime = nanoTime;
  }

  /// Sets the action that aborts the blocking call; runs it at once if the stream was already
  /// cancelled.
  void onCancel(Runnable action) {
    boolean cancelled;
    lock.lock();
    try {
      cancelAction = action;
      cancelled = ended;
    } finally {
      lock.unlock();
    }
    if (cancelled) {
      action.run();
    }
  }

  /// Reads to the end of the stream.
  void follow(InputStream body) throws IOException, InterruptedException {
    lastByteNanos = nanoTime.getAsLong();
    onCancel(() -> closeQuietly(body));
    Thread watchdog = Thread.ofVirtual().name("snapshot-silence").start(() -> watch(body));
    try (body) {
      var reader = new SnapshotFrames.Reader(new TimestampingStream(body));
      for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
        switch (frame.get()) {
          case Frame.Snapshot(var published) -> {
            if (!awaitDemand()) {
              return;
            }
            subscriber.onNext(published);
          }
          case Frame.Ask(var question) -> subscriber.onQuestion(question);
          case Frame.Ping() -> {}
        }
      }
    } catch (IOException e) {
      throw isSilent() ? new IOException("no data for " + silence, e) : e;
    } finally {
      watchdog.interrupt();
    }
  }

  private boolean awaitDemand() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      waitingForDemand = true;
      while (demand == 0 && !ended) {
        changed.await();
      }
      demand--;
      return !ended;
    } finally {
      waitingForDemand = false;
      lastByteNanos = nanoTime.getAsLong();
      lock.unlock();
    }
  }

  private boolean isSilent() {
    return !waitingForDemand && nanoTime.getAsLong() - lastByteNanos >= silence.toNanos();
  }

  private void watch(InputStream body) {
    long checkIntervalNanos = Math.max(1, silence.toNanos() / 4);
    lock.lock();
    try {
      while (!ended && !isSilent()) {
        changed.awaitNanos(checkIntervalNanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the stream ended normally
      return;
    } finally {
      lock.unlock();
    }
    closeQuietly(body);
  }

  @Override
  public void request(long n) {
    lock.lock();
    try {
      demand = n > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + n;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel() {
    end().run();
  }

  void complete() {
    if (endIfOpen()) {
      subscriber.onComplete();
    }
  }

  void fail(Throwable why) {
    if (endIfOpen()) {
      subscriber.onError(why);
    }
  }

  /// No events follow after a cancellation.
  private boolean endIfOpen() {
    lock.lock();
    try {
      boolean open = !ended;
      ended = true;
      changed.signalAll();
      return open;
    } finally {
      lock.unlock();
    }
  }

  private Runnable end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
      return cancelAction;
    } finally {
      lock.unlock();
    }
  }

  private static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException _) {
      // the stream is discarded
    }
  }

  /// Records the time of the last byte.
  private final class TimestampingStream extends FilterInputStream {
    TimestampingStream(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int read = super.read(into, from, length);
      lastByteNanos = nanoTime.getAsLong();
      return read;
    }
  }
}
