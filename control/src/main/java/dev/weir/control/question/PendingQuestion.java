// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.question;

import dev.weir.snapshot.GatewayAnswer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A question that waits for answers.
final class PendingQuestion {
  /// The maximum size of all answers together; an answer beyond it is dropped, and its gateway
  /// counts as silent.
  private static final long MAX_TOTAL_CHARS = 16L * GatewayAnswer.MAX_CHARS;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, String> answers = new HashMap<>();
  private final Set<String> waitingFor;
  private final Set<String> unusable = new TreeSet<>();
  private long chars;

  /// @param expected the gateways to wait for; answers of others are ignored
  PendingQuestion(Collection<String> expected) {
    this.waitingFor = new TreeSet<>(expected);
  }

  void answered(GatewayAnswer answer) {
    lock.lock();
    try {
      if (!waitingFor.remove(answer.gateway())) {
        return;
      }
      if (answer.json().isEmpty() || chars + answer.json().length() > MAX_TOTAL_CHARS) {
        unusable.add(answer.gateway());
      } else {
        answers.put(answer.gateway(), answer.json());
        chars += answer.json().length();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  GatewayReplies await(Duration patience) throws InterruptedException {
    long nanos = patience.toNanos();
    lock.lock();
    try {
      while (!waitingFor.isEmpty() && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      Set<String> silent = new TreeSet<>(waitingFor);
      silent.addAll(unusable);
      return GatewayReplies.of(answers, List.copyOf(silent));
    } finally {
      lock.unlock();
    }
  }
}
