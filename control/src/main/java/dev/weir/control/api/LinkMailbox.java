// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.Question;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Buffers the newest snapshot and pending questions until they are sent. A superseded snapshot is
/// dropped, as are questions beyond a limit.
final class LinkMailbox implements ControlLink.Subscriber, AutoCloseable {
  private static final int MAX_QUESTIONS = 32;

  /// A buffered message.
  sealed interface LinkMessage {
    record SnapshotPublished(Published published) implements LinkMessage {}

    record QuestionAsked(Question question) implements LinkMessage {}
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Optional<Flow.Subscription> subscription = Optional.empty();
  private final Deque<Question> questions = new ArrayDeque<>();
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
  public void onQuestion(Question question) {
    lock.lock();
    try {
      if (questions.size() < MAX_QUESTIONS) {
        questions.add(question);
        changed.signalAll();
      }
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

  /// Takes the newest snapshot, or else the oldest question. Waits for at most `atMost`.
  Optional<LinkMessage> take(Duration atMost) throws InterruptedException {
    long nanos = atMost.toNanos();
    lock.lock();
    try {
      while (newest.isEmpty() && questions.isEmpty() && !ended && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      if (newest.isEmpty()) {
        return Optional.ofNullable(questions.poll()).map(LinkMessage.QuestionAsked::new);
      }
      LinkMessage taken = new LinkMessage.SnapshotPublished(newest.get());
      newest = Optional.empty();
      return Optional.of(taken);
    } finally {
      lock.unlock();
    }
  }

  /// Whether no more messages will arrive.
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
