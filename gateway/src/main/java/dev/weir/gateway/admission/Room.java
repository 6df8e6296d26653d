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

/// The places of one service at this gateway, and who waits for one.
///
/// While nobody waits, a place is taken and left by one atomic step on any event loop. Everything
/// about the queue happens in the order of one executor (an event loop), so that no request holds a
/// lock that another needs.
///
/// Who waits stands in the order of priority, then of start-time fair queueing (Goyal, Vin and
/// Cheng, 1996: start tag = max(virtual time, the tenant's last finish tag), finish tag = start +
/// expected tokens / weight; virtual time = start tag of who was seated last), then of arrival. A
/// request is refused at once when (its place in the queue / requests that end per second) + mean
/// time to first token lies beyond its deadline, and when its turn comes too late. In a full room
/// the last in order makes way for who stands before it.
final class Room {
  /// Requests that may wait.
  static final int MAX_WAITING = 4_096;

  /// Bytes that waiting requests may hold.
  static final long MAX_BYTES = 64L * 1024 * 1024;

  /// How often who waits is told so. Proxies and clients cut what is silent for 30 to 60 s.
  static final long SIGN_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Executor owner;
  private final LongSupplier nanoTime;
  private final DrainRate rate;
  private final Capacity capacity;
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile int maximum;
  private volatile boolean open = true;
  private volatile long firstTokenDeadlineNanos;

  // The owner's alone.
  private final List<Wait> queue = new ArrayList<>();
  private final Map<Account, Double> finishTags = new HashMap<>();
  private final Map<Priority, Double> virtualTime = new HashMap<>();
  private long bytes;
  private long arrivals;

  private record Account(Priority priority, String tenant) {}

  Room(Executor owner, LongSupplier nanoTime) {
    this.owner = owner;
    this.nanoTime = nanoTime;
    this.rate = new DrainRate(nanoTime);
    this.capacity = new Capacity(nanoTime.getAsLong());
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
  private int places() {
    int learnt = capacity.limit();
    return maximum == 0 || (learnt > 0 && learnt < maximum) ? learnt : maximum;
  }

  /// What the engines were found to take at one time, 0 while nothing says that it is too much.
  int capacity() {
    return capacity.limit();
  }

  DrainRate rate() {
    return rate;
  }

  int waiting() {
    return waiting.get();
  }

  /// A place at once, if nobody waits and one is free.
  Optional<Seat> seatNow() {
    return waiting.get() == 0 && take(places()) ? Optional.of(seat()) : Optional.empty();
  }

  /// A place for what may be left undone, which leaves half of the places to everybody else: while
  /// nobody waits. Of a single place that is none.
  Optional<Seat> spareSeat() {
    int places = places();
    boolean spare = waiting.get() == 0 && places != 1;
    return spare && take(places / 2) ? Optional.of(seat()) : Optional.empty();
  }

  /// Lines up.
  ///
  /// @return takes it out of the line again, at any time, when the guest is gone; it is not called
  ///   back then
  Runnable line(WaitRequest request, Guest guest) {
    waiting.incrementAndGet();
    Wait[] own = new Wait[1];
    owner.execute(() -> {
      own[0] = new Wait(request, guest, arrivals++, nanoTime.getAsLong() + SIGN_NANOS);
      arrive(own[0]);
    });
    return () -> owner.execute(() -> withdraw(own[0]));
  }

  void left(long sinceNanos) {
    rate.ended(nanoTime.getAsLong() - sinceNanos);
    running.decrementAndGet();
    if (waiting.get() > 0) {
      owner.execute(this::seatWaiting);
    }
  }

  /// Turns away whose time is over, seats whom it can, tells the others that they wait. Call it
  /// every 50 ms or so.
  void tick() {
    capacity.look(
        nanoTime.getAsLong(),
        running.get(),
        waiting.get() > 0,
        rate.soonestFirstTokenNanos(),
        firstTokenDeadlineNanos);
    if (waiting.get() > 0) {
      owner.execute(() -> {
        turnAwayLate();
        seatWaiting();
        giveSigns();
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

  private Seat seat() {
    return new Seat(this, nanoTime.getAsLong());
  }

  // --- in the owner's order

  private void arrive(Wait wait) {
    tag(wait);
    int place = -1 - Collections.binarySearch(queue, wait, Wait.ORDER);
    long predicted = nanoTime.getAsLong() + drainNanos(place + 1) + rate.firstTokenNanos();
    if (open && predicted - wait.request.deadlineNanos() > 0) {
      turnAway(wait, Shed.Reason.TOO_LATE);
      return;
    }
    while (isFullFor(wait)) {
      Wait last = queue.isEmpty() ? wait : queue.getLast();
      if (Wait.ORDER.compare(last, wait) <= 0) {
        turnAway(wait, Shed.Reason.FULL);
        return;
      }
      remove(last);
      finishTags.put(account(last), last.start); // the last of its tenant: nothing is charged
      turnAway(last, Shed.Reason.FULL);
    }
    queue.add(-1 - Collections.binarySearch(queue, wait, Wait.ORDER), wait);
    finishTags.put(account(wait), wait.finish);
    bytes += wait.request.bytes();
    seatWaiting();
  }

  private void tag(Wait wait) {
    double virtual = virtualTime.getOrDefault(wait.request.priority(), 0.0);
    wait.start = Math.max(virtual, finishTags.getOrDefault(account(wait), 0.0));
    wait.finish =
        wait.start + Math.max(1.0, (double) wait.request.tokens()) / wait.request.weight();
  }

  private static Account account(Wait wait) {
    return new Account(wait.request.priority(), wait.request.tenant());
  }

  private boolean isFullFor(Wait wait) {
    return queue.size() >= MAX_WAITING || bytes + wait.request.bytes() > MAX_BYTES;
  }

  private void seatWaiting() {
    while (!queue.isEmpty() && take(places())) {
      Wait first = queue.getFirst();
      remove(first);
      if (isLate(first)) {
        running.decrementAndGet();
        turnAway(first, Shed.Reason.WAITED);
      } else {
        virtualTime.put(first.request.priority(), first.start);
        waiting.decrementAndGet();
        first.guest.seated(seat());
      }
    }
    if (queue.isEmpty()) {
      // Nobody competes any more; the next to come begin as equals.
      finishTags.clear();
      virtualTime.clear();
    }
  }

  private boolean isLate(Wait wait) {
    long firstToken = nanoTime.getAsLong() + rate.firstTokenNanos();
    return firstToken - wait.request.deadlineNanos() > 0;
  }

  private void turnAwayLate() {
    List<Wait> late = queue.stream().filter(wait -> isInVain(wait) || isLate(wait)).toList();
    if (!late.isEmpty()) {
      moveUpBehind(Set.copyOf(late));
      late.forEach(
          wait -> turnAway(wait, isInVain(wait) ? Shed.Reason.NO_REPLICA : Shed.Reason.WAITED));
    }
  }

  private boolean isInVain(Wait wait) {
    return !open && nanoTime.getAsLong() - wait.request.replicaDeadlineNanos() > 0;
  }

  /// Takes who is late out of the line. What they were to cost is not charged to their tenants:
  /// whom the same tenant sent after them moves up by it.
  private void moveUpBehind(Set<Wait> late) {
    Map<Account, Double> spared = new HashMap<>();
    for (Wait wait : queue) {
      if (late.contains(wait)) {
        spared.merge(account(wait), wait.finish - wait.start, Double::sum);
        bytes -= wait.request.bytes();
      } else {
        double less = spared.getOrDefault(account(wait), 0.0);
        wait.start -= less;
        wait.finish -= less;
      }
    }
    spared.forEach(
        (account, less) -> finishTags.computeIfPresent(account, (_, finish) -> finish - less));
    queue.removeAll(late);
    queue.sort(Wait.ORDER);
  }

  private void giveSigns() {
    long now = nanoTime.getAsLong();
    for (Wait wait : queue) {
      if (now - wait.nextSignNanos >= 0) {
        wait.nextSignNanos = now + SIGN_NANOS;
        wait.guest.stillWaits();
      }
    }
  }

  private void withdraw(Wait wait) {
    int place = Collections.binarySearch(queue, wait, Wait.ORDER);
    if (place >= 0) {
      remove(wait);
      waiting.decrementAndGet();
    }
  }

  private void remove(Wait wait) {
    queue.remove(Collections.binarySearch(queue, wait, Wait.ORDER));
    bytes -= wait.request.bytes();
  }

  private void turnAway(Wait wait, Shed.Reason reason) {
    waiting.decrementAndGet();
    long empty = drainNanos(queue.size() + 1);
    wait.guest.turnedAway(new Shed(reason, empty));
  }

  /// Until so many have left; 0 while nobody knows, which never means full.
  private long drainNanos(int count) {
    double perSecond = rate.perSecond(places());
    return perSecond == 0 ? 0 : (long) (count / perSecond * 1e9);
  }
}
