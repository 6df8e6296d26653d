// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.snapshot.RoutingSnapshot.Priority;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// The concurrency slots of one service at this gateway, and the requests that wait for one.
///
/// While no request waits, a slot is acquired and released by one atomic operation on any event
/// loop. All queue operations run on one executor (an event loop), so no request waits for a lock.
///
/// Waiting requests are ordered by priority, then by start-time fair queueing (Goyal, Vin and
/// Cheng, 1996: start tag = max(virtual time, the tenant's last finish tag), finish tag = start +
/// expected tokens / weight; virtual time = start tag of the request that was admitted last), then
/// by arrival. A request is rejected at once if (its position / requests that end per second) +
/// mean time to first token exceeds its deadline, and later if its turn comes too late. When the
/// queue is full, a new request replaces the last one if it sorts before it.
final class AdmissionQueue {
  /// Maximum waiting requests.
  static final int MAX_WAITING = 4_096;

  /// Maximum total bytes of waiting requests.
  static final long MAX_BYTES = 64L * 1024 * 1024;

  /// How often waiting requests get a keep-alive. Proxies and clients close connections that are
  /// silent for 30 to 60 s.
  static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Executor owner;
  private final LongSupplier nanoTime;
  private final DrainRate rate;
  private final AdaptiveConcurrency adaptiveConcurrency;
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile int maximum;
  private volatile boolean open = true;
  private volatile long firstTokenDeadlineNanos;

  // Accessed on the owner only.
  private final List<QueuedRequest> queue = new ArrayList<>();
  private final Map<Account, Double> finishTags = new HashMap<>();
  private final Map<Priority, Double> virtualTime = new HashMap<>();
  private long bytes;
  private long arrivals;

  private record Account(Priority priority, String tenant) {}

  AdmissionQueue(Executor owner, LongSupplier nanoTime) {
    this.owner = owner;
    this.nanoTime = nanoTime;
    this.rate = new DrainRate(nanoTime);
    this.adaptiveConcurrency = new AdaptiveConcurrency(nanoTime.getAsLong());
  }

  /// Sets the current limits.
  ///
  /// @param maximum this gateway's part of the service's maximum, 0 for no maximum
  /// @param open whether there is a replica to run on
  /// @param firstTokenDeadlineNanos first-token timeout, 0 to disable adaptive concurrency
  void configure(int maximum, boolean open, long firstTokenDeadlineNanos) {
    // Called for each request, mostly with the same values. Writing only changes avoids contention
    // on fields that all loops read.
    if (this.maximum != maximum) {
      this.maximum = maximum;
    }
    if (this.open != open) {
      this.open = open;
    }
    if (this.firstTokenDeadlineNanos != firstTokenDeadlineNanos) {
      this.firstTokenDeadlineNanos = firstTokenDeadlineNanos;
    }
  }

  /// The maximum, or the adaptive limit if that is lower; 0 for no limit.
  private int limit() {
    int adaptive = adaptiveConcurrency.limit();
    return maximum == 0 || (adaptive > 0 && adaptive < maximum) ? adaptive : maximum;
  }

  /// The adaptive concurrency limit; 0 while there is none.
  int capacity() {
    return adaptiveConcurrency.limit();
  }

  DrainRate rate() {
    return rate;
  }

  int waiting() {
    return waiting.get();
  }

  /// Takes a slot if no request waits and one is free.
  Optional<ConcurrencySlot> tryAcquire() {
    return waiting.get() == 0 && take(limit()) ? Optional.of(newSlot()) : Optional.empty();
  }

  /// Takes a slot for optional work: only while no request waits, and only from half of the slots.
  /// With a single slot there is none.
  Optional<ConcurrencySlot> tryAcquireSpare() {
    int slots = limit();
    boolean spare = waiting.get() == 0 && slots != 1;
    return spare && take(slots / 2) ? Optional.of(newSlot()) : Optional.empty();
  }

  /// Adds a request to the queue.
  ///
  /// @return removes the request from the queue at any time, when its client disconnects; the
  ///   listener is not called afterwards
  Runnable enqueue(AdmissionRequest request, QueueListener queueListener) {
    waiting.incrementAndGet();
    QueuedRequest[] own = new QueuedRequest[1];
    owner.execute(() -> {
      own[0] =
          new QueuedRequest(
              request, queueListener, arrivals++, nanoTime.getAsLong() + KEEP_ALIVE_NANOS);
      insert(own[0]);
    });
    return () -> owner.execute(() -> withdraw(own[0]));
  }

  void release(long sinceNanos) {
    rate.ended(nanoTime.getAsLong() - sinceNanos);
    running.decrementAndGet();
    if (waiting.get() > 0) {
      owner.execute(this::admitWaiting);
    }
  }

  /// Rejects expired requests, admits those that have a slot, and sends keep-alives to the others.
  /// Call it every 50 ms or so.
  void tick() {
    adaptiveConcurrency.update(
        nanoTime.getAsLong(),
        running.get(),
        waiting.get() > 0,
        rate.soonestFirstTokenNanos(),
        firstTokenDeadlineNanos);
    if (waiting.get() > 0) {
      owner.execute(() -> {
        rejectExpired();
        admitWaiting();
        sendKeepAlives();
      });
    }
  }

  /// @param slots limit on running requests, 0 for no limit
  private boolean take(int slots) {
    if (!open) {
      return false;
    }
    while (true) {
      int now = running.get();
      if (slots > 0 && now >= slots) {
        return false;
      }
      if (running.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  private ConcurrencySlot newSlot() {
    return new ConcurrencySlot(this, nanoTime.getAsLong());
  }

  // --- in the owner's order

  private void insert(QueuedRequest queuedRequest) {
    tag(queuedRequest);
    int position = -1 - Collections.binarySearch(queue, queuedRequest, QueuedRequest.ORDER);
    long predicted = nanoTime.getAsLong() + drainNanos(position + 1) + rate.firstTokenNanos();
    if (open && predicted - queuedRequest.request.deadlineNanos() > 0) {
      reject(queuedRequest, QueueRejection.Reason.TOO_LATE);
      return;
    }
    while (isFullFor(queuedRequest)) {
      QueuedRequest last = queue.isEmpty() ? queuedRequest : queue.getLast();
      if (QueuedRequest.ORDER.compare(last, queuedRequest) <= 0) {
        reject(queuedRequest, QueueRejection.Reason.FULL);
        return;
      }
      remove(last);
      finishTags.put(account(last), last.start); // its tenant's last request: nothing is charged
      reject(last, QueueRejection.Reason.FULL);
    }
    queue.add(
        -1 - Collections.binarySearch(queue, queuedRequest, QueuedRequest.ORDER), queuedRequest);
    finishTags.put(account(queuedRequest), queuedRequest.finish);
    bytes += queuedRequest.request.bytes();
    admitWaiting();
  }

  private void tag(QueuedRequest queuedRequest) {
    double virtual = virtualTime.getOrDefault(queuedRequest.request.priority(), 0.0);
    queuedRequest.start = Math.max(virtual, finishTags.getOrDefault(account(queuedRequest), 0.0));
    queuedRequest.finish =
        queuedRequest.start
            + Math.max(1.0, (double) queuedRequest.request.tokens())
                / queuedRequest.request.weight();
  }

  private static Account account(QueuedRequest queuedRequest) {
    return new Account(queuedRequest.request.priority(), queuedRequest.request.tenant());
  }

  private boolean isFullFor(QueuedRequest queuedRequest) {
    return queue.size() >= MAX_WAITING || bytes + queuedRequest.request.bytes() > MAX_BYTES;
  }

  private void admitWaiting() {
    while (!queue.isEmpty() && take(limit())) {
      QueuedRequest first = queue.getFirst();
      remove(first);
      if (isExpired(first)) {
        running.decrementAndGet();
        reject(first, QueueRejection.Reason.WAITED);
      } else {
        virtualTime.put(first.request.priority(), first.start);
        waiting.decrementAndGet();
        first.queueListener.admitted(newSlot());
      }
    }
    if (queue.isEmpty()) {
      // No requests compete any more, so the next ones start equal.
      finishTags.clear();
      virtualTime.clear();
    }
  }

  private boolean isExpired(QueuedRequest queuedRequest) {
    long firstToken = nanoTime.getAsLong() + rate.firstTokenNanos();
    return firstToken - queuedRequest.request.deadlineNanos() > 0;
  }

  private void rejectExpired() {
    List<QueuedRequest> expired =
        queue.stream()
            .filter(
                queuedRequest -> outlastedReplicaWait(queuedRequest) || isExpired(queuedRequest))
            .toList();
    if (!expired.isEmpty()) {
      removeAndRefund(Set.copyOf(expired));
      expired.forEach(queuedRequest ->
          reject(
              queuedRequest,
              outlastedReplicaWait(queuedRequest)
                  ? QueueRejection.Reason.NO_REPLICA
                  : QueueRejection.Reason.WAITED));
    }
  }

  private boolean outlastedReplicaWait(QueuedRequest queuedRequest) {
    return !open && nanoTime.getAsLong() - queuedRequest.request.replicaDeadlineNanos() > 0;
  }

  /// Removes expired requests from the queue. Their cost is refunded: later requests of the same
  /// tenants move up accordingly.
  private void removeAndRefund(Set<QueuedRequest> expired) {
    Map<Account, Double> refunds = new HashMap<>();
    for (QueuedRequest queuedRequest : queue) {
      if (expired.contains(queuedRequest)) {
        refunds.merge(
            account(queuedRequest), queuedRequest.finish - queuedRequest.start, Double::sum);
        bytes -= queuedRequest.request.bytes();
      } else {
        double refund = refunds.getOrDefault(account(queuedRequest), 0.0);
        queuedRequest.start -= refund;
        queuedRequest.finish -= refund;
      }
    }
    refunds.forEach(
        (account, refund) -> finishTags.computeIfPresent(account, (_, finish) -> finish - refund));
    queue.removeAll(expired);
    queue.sort(QueuedRequest.ORDER);
  }

  private void sendKeepAlives() {
    long now = nanoTime.getAsLong();
    for (QueuedRequest queuedRequest : queue) {
      if (now - queuedRequest.nextKeepAliveNanos >= 0) {
        queuedRequest.nextKeepAliveNanos = now + KEEP_ALIVE_NANOS;
        queuedRequest.queueListener.keepAlive();
      }
    }
  }

  private void withdraw(QueuedRequest queuedRequest) {
    int position = Collections.binarySearch(queue, queuedRequest, QueuedRequest.ORDER);
    if (position >= 0) {
      remove(queuedRequest);
      waiting.decrementAndGet();
    }
  }

  private void remove(QueuedRequest queuedRequest) {
    queue.remove(Collections.binarySearch(queue, queuedRequest, QueuedRequest.ORDER));
    bytes -= queuedRequest.request.bytes();
  }

  private void reject(QueuedRequest queuedRequest, QueueRejection.Reason reason) {
    waiting.decrementAndGet();
    long empty = drainNanos(queue.size() + 1);
    queuedRequest.queueListener.rejected(new QueueRejection(reason, empty));
  }

  /// Estimated time until this many requests have ended; 0 while unknown, which never means full,
  /// and 0 without a limit, because then no request waits for another to end.
  private long drainNanos(int count) {
    int limit = limit();
    double perSecond = limit == 0 ? 0 : rate.perSecond(limit);
    return perSecond == 0 ? 0 : (long) (count / perSecond * 1e9);
  }
}
