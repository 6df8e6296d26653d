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
/// loop. Everything about the queue happens in the order of one executor (an event loop), so that
/// no request holds a lock that another needs.
///
/// Waiting requests are ordered by priority, then of start-time fair queueing (Goyal, Vin and
/// Cheng, 1996: start tag = max(virtual time, the tenant's last finish tag), finish tag = start +
/// expected tokens / weight; virtual time = start tag of the request that was admitted last), then
/// by arrival. A request is refused at once when (its place in the queue / requests that end per
/// second) + mean time to first token lies beyond its deadline, and when its turn comes too late.
/// When the queue is full, the last request in order is rejected in favour of a request before it.
final class AdmissionQueue {
  /// Requests that may wait.
  static final int MAX_WAITING = 4_096;

  /// Bytes that waiting requests may hold.
  static final long MAX_BYTES = 64L * 1024 * 1024;

  /// How often who waits is told so. Proxies and clients cut what is silent for 30 to 60 s.
  static final long SIGN_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Executor owner;
  private final LongSupplier nanoTime;
  private final DrainRate rate;
  private final AdaptiveConcurrency adaptiveConcurrency;
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile int maximum;
  private volatile boolean open = true;
  private volatile long firstTokenDeadlineNanos;

  // The owner's alone.
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

  /// Says what holds now.
  ///
  /// @param maximum this gateway's part of it, 0 for no maximum
  /// @param open whether there is a replica to run on
  /// @param firstTokenDeadlineNanos what first tokens may take, 0 to learn no capacity from them
  void configure(int maximum, boolean open, long firstTokenDeadlineNanos) {
    // Each request says it again, mostly the same: what all loops read is written only to change
    // it.
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

  /// How many may run: the maximum, or what the engines were found to take where that is less; 0
  /// for as many as come.
  private int limit() {
    int learnt = adaptiveConcurrency.limit();
    return maximum == 0 || (learnt > 0 && learnt < maximum) ? learnt : maximum;
  }

  /// What the engines were found to take at one time, 0 while nothing says that it is too much.
  int capacity() {
    return adaptiveConcurrency.limit();
  }

  DrainRate rate() {
    return rate;
  }

  int waiting() {
    return waiting.get();
  }

  /// A place at once, if nobody waits and one is free.
  Optional<ConcurrencySlot> tryAcquire() {
    return waiting.get() == 0 && take(limit()) ? Optional.of(newSlot()) : Optional.empty();
  }

  /// A place for what may be left undone, which leaves half of the places to everybody else: while
  /// nobody waits. Of a single place that is none.
  Optional<ConcurrencySlot> tryAcquireSpare() {
    int places = limit();
    boolean spare = waiting.get() == 0 && places != 1;
    return spare && take(places / 2) ? Optional.of(newSlot()) : Optional.empty();
  }

  /// Lines up.
  ///
  /// @return takes it out of the line again, at any time, when the guest is gone; it is not called
  ///   back then
  Runnable enqueue(AdmissionRequest request, QueueListener queueListener) {
    waiting.incrementAndGet();
    QueuedRequest[] own = new QueuedRequest[1];
    owner.execute(() -> {
      own[0] =
          new QueuedRequest(request, queueListener, arrivals++, nanoTime.getAsLong() + SIGN_NANOS);
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

  /// Turns away whose time is over, seats whom it can, tells the others that they wait. Call it
  /// every 50 ms or so.
  void tick() {
    adaptiveConcurrency.look(
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

  /// @param places that may be taken, 0 for as many as come
  private boolean take(int places) {
    if (!open) {
      return false;
    }
    while (true) {
      int now = running.get();
      if (places > 0 && now >= places) {
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
    int place = -1 - Collections.binarySearch(queue, queuedRequest, QueuedRequest.ORDER);
    long predicted = nanoTime.getAsLong() + drainNanos(place + 1) + rate.firstTokenNanos();
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
      finishTags.put(account(last), last.start); // the last of its tenant: nothing is charged
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
      // Nobody competes any more; the next to come begin as equals.
      finishTags.clear();
      virtualTime.clear();
    }
  }

  private boolean isExpired(QueuedRequest queuedRequest) {
    long firstToken = nanoTime.getAsLong() + rate.firstTokenNanos();
    return firstToken - queuedRequest.request.deadlineNanos() > 0;
  }

  private void rejectExpired() {
    List<QueuedRequest> late =
        queue.stream()
            .filter(
                queuedRequest -> outlastedReplicaWait(queuedRequest) || isExpired(queuedRequest))
            .toList();
    if (!late.isEmpty()) {
      removeAndRefund(Set.copyOf(late));
      late.forEach(queuedRequest ->
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

  /// Takes who is late out of the line. What they were to cost is not charged to their tenants:
  /// whom the same tenant sent after them moves up by it.
  private void removeAndRefund(Set<QueuedRequest> late) {
    Map<Account, Double> spared = new HashMap<>();
    for (QueuedRequest queuedRequest : queue) {
      if (late.contains(queuedRequest)) {
        spared.merge(
            account(queuedRequest), queuedRequest.finish - queuedRequest.start, Double::sum);
        bytes -= queuedRequest.request.bytes();
      } else {
        double less = spared.getOrDefault(account(queuedRequest), 0.0);
        queuedRequest.start -= less;
        queuedRequest.finish -= less;
      }
    }
    spared.forEach(
        (account, less) -> finishTags.computeIfPresent(account, (_, finish) -> finish - less));
    queue.removeAll(late);
    queue.sort(QueuedRequest.ORDER);
  }

  private void sendKeepAlives() {
    long now = nanoTime.getAsLong();
    for (QueuedRequest queuedRequest : queue) {
      if (now - queuedRequest.nextSignNanos >= 0) {
        queuedRequest.nextSignNanos = now + SIGN_NANOS;
        queuedRequest.queueListener.keepAlive();
      }
    }
  }

  private void withdraw(QueuedRequest queuedRequest) {
    int place = Collections.binarySearch(queue, queuedRequest, QueuedRequest.ORDER);
    if (place >= 0) {
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

  /// Until so many have left; 0 while nobody knows, which never means full.
  private long drainNanos(int count) {
    double perSecond = rate.perSecond(limit());
    return perSecond == 0 ? 0 : (long) (count / perSecond * 1e9);
  }
}
