// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.change.Change;
import dev.weir.control.change.Change.ServiceProgress;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoint.ChangeKind;
import dev.weir.control.crash.CrashPoint.Stage;
import dev.weir.control.crash.CrashPoints;
import dev.weir.store.Commit;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Stores the first version of Services. An apply with hundreds of Services causes hundreds of
/// these changes at once. Changes that arrive during a commit are combined into the next one: one
/// transaction, one audit entry, one publication. A single change does not wait.
///
/// Thread-safe.
final class FirstVersions {
  /// The maximum number of Services in one transaction. It keeps the audit entry readable.
  static final int MOST = 20;

  private final ChangeExecutor changes;
  private final Runnable publish;
  private final CrashPoints crashPoints;
  private final Queue<Pending> pending = new ConcurrentLinkedQueue<>();
  private final ReentrantLock committing = new ReentrantLock();

  /// One Service and the result of its change; guarded by the lock.
  private static final class Pending {
    private final ServiceProgress progress;
    private final String reason;
    private boolean over;
    private boolean stored;
    private @Nullable RuntimeException failure;

    Pending(ServiceProgress progress, String reason) {
      this.progress = progress;
      this.reason = reason;
    }
  }

  /// @param publish publishes the routing that follows from what is stored
  FirstVersions(ChangeExecutor changes, Runnable publish, CrashPoints crashPoints) {
    this.changes = changes;
    this.publish = publish;
    this.crashPoints = crashPoints;
  }

  /// Blocks until the change is stored and published.
  ///
  /// @return false when another change was committed first; the caller must decide again
  boolean store(ServiceProgress progress, String reason) {
    crashPoints.pass(CrashPoint.of(ChangeKind.SERVICE_FIRST, Stage.DECIDED));
    Pending own = new Pending(progress, reason);
    pending.add(own);
    committing.lock();
    try {
      while (!own.over) {
        storeNext();
      }
    } finally {
      committing.unlock();
    }
    if (own.failure != null) {
      throw own.failure;
    }
    return own.stored;
  }

  /// The number of Services that wait for the running transaction.
  int waiting() {
    return pending.size();
  }

  private void storeNext() {
    List<Pending> batch = new ArrayList<>();
    for (Pending next = pending.poll(); next != null; next = pending.poll()) {
      batch.add(next);
      if (batch.size() == MOST) {
        break;
      }
    }
    // A change that conflicts or is refused must not block the others.
    if (batch.size() < 2 || !storeTogether(batch)) {
      batch.forEach(this::storeAlone);
    }
    if (batch.stream().anyMatch(one -> one.stored)) {
      crashPoints.pass(CrashPoint.of(ChangeKind.SERVICE_FIRST, Stage.COMMITTED));
      publish.run();
      crashPoints.pass(CrashPoint.of(ChangeKind.SERVICE_FIRST, Stage.PUBLISHED));
    }
  }

  private boolean storeTogether(List<Pending> batch) {
    String reason =
        batch.stream().map(one -> one.reason).distinct().collect(Collectors.joining("; "));
    List<ServiceProgress> services = batch.stream().map(one -> one.progress).toList();
    try {
      boolean stored =
          changes.execute(new Change.ServicesProgress(services), Actor.WEIR, reason)
              instanceof Commit.Done;
      batch.forEach(one -> {
        one.stored = stored;
        one.over = stored;
      });
      return stored;
    } catch (RuntimeException e) {
      // Each change is stored separately next, and gets its own failure.
      return false;
    }
  }

  private void storeAlone(Pending one) {
    try {
      one.stored = changes.execute(one.progress, Actor.WEIR, one.reason) instanceof Commit.Done;
    } catch (RuntimeException e) {
      one.failure = e;
    }
    one.over = true;
  }
}
