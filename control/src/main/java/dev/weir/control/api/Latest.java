// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.snapshot.ControlLink.Published;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Holds the newest snapshot until somebody takes it; what is overtaken is dropped.
final class Latest implements Flow.Subscriber<Published>, AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Optional<Flow.Subscription> subscription = Optional.empty();
  private Optional<Published> newest = Optional.empty();
  private boolean ended;

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    lock.lock();
    try {
      this.subscription = Optional.of(subscription);
    } finally {
      lock.unlock();
    }
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(Published published) {
    lock.lock();
    try {
      newest = Optional.of(published);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onError(Throwable failure) {
    end();
  }

  @Override
  public void onComplete() {
    end();
  }

  /// The newest snapshot that was not taken yet, waited for at most so long.
  Optional<Published> take(Duration atMost) throws InterruptedException {
    long nanos = atMost.toNanos();
    lock.lock();
    try {
      while (newest.isEmpty() && !ended && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      Optional<Published> taken = newest;
      newest = Optional.empty();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// Whether nothing more will come.
  boolean ended() {
    lock.lock();
    try {
      return ended && newest.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      subscription.ifPresent(Flow.Subscription::cancel);
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
