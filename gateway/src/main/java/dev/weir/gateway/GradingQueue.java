// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.Bulkhead;
import dev.weir.gateway.admission.Bulkheads;
import dev.weir.gateway.admission.ConcurrencySlot;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Grading;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The answers that one gateway sends to judges: which are in flight, which wait, and their
/// results. Shared by all event loops.
///
/// A judge's own clients go first: no grading request is sent while a client waits, or above half
/// of the judge's concurrency limit. A request without a slot waits here, because a grade may
/// arrive later than an answer, but no longer than the release allows.
final class GradingQueue {
  /// Maximum requests in flight per judge.
  static final int MAX_OF_JUDGE = 16;

  /// Maximum waiting requests in total. Each stores a question and an answer of together at most 32
  /// KiB characters.
  static final int MAX_WAITING = 256;

  /// How often waiting requests are checked.
  static final long TICK_MILLIS = 20;

  private final Bulkheads judges;
  private final Queue<GradingRequest> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Map<Result, LongAdder> counts = new EnumMap<>(Result.class);

  /// The result of grading one answer.
  enum Result {
    GRADED,
    /// The judge's answer contains no grade.
    UNREADABLE,
    /// The judge did not answer or does not exist.
    FAILED,
    /// The time limit for grading passed.
    LATE,
    /// The queue was full.
    DROPPED
  }

  /// Capacity reserved at a judge.
  record Slot(Bulkhead own, Bulkhead clients, ConcurrencySlot concurrencySlot) {
    void leave() {
      concurrencySlot.leave();
      clients.leave();
      own.leave();
    }
  }

  GradingQueue(LongSupplier nanoTime) {
    this.judges = new Bulkheads(nanoTime);
    for (Result result : Result.values()) {
      counts.put(result, new LongAdder());
    }
  }

  /// Grades an answer, now or when there is a slot.
  void put(GradingRequest next) {
    if (queue.isEmpty() && next.tryStart()) {
      return;
    }
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      ended(Result.DROPPED);
    } else {
      queue.add(next);
    }
  }

  /// Starts waiting requests that can start, oldest first. Must not run concurrently.
  void tick() {
    Set<String> full = new HashSet<>();
    for (Iterator<GradingRequest> all = queue.iterator(); all.hasNext(); ) {
      GradingRequest next = all.next();
      boolean mustWait = full.contains(next.judge()) && !next.late();
      if (!mustWait && next.tryStart()) {
        all.remove();
        waiting.decrementAndGet();
      } else {
        full.add(next.judge());
      }
    }
  }

  /// Reserves a slot at the judge that no client needs now. The caller must release it.
  Optional<Slot> tryAcquire(RequestPipeline.Components components, ServiceEntry judge) {
    Bulkhead own = judges.of(judge.id());
    if (!own.enter(MAX_OF_JUDGE)) {
      return Optional.empty();
    }
    Bulkhead clients = components.bulkheads().of(judge.id());
    if (!clients.enterIfSpare(judge.isolation().maxInFlight())) {
      own.leave();
      return Optional.empty();
    }
    Optional<ConcurrencySlot> concurrencySlot = components.admissionQueues().tryAcquireSpare(judge);
    if (concurrencySlot.isEmpty()) {
      clients.leave();
      own.leave();
    }
    return concurrencySlot.map(taken -> new Slot(own, clients, taken));
  }

  void ended(Result how) {
    counter(how).increment();
  }

  private LongAdder counter(Result result) {
    return Objects.requireNonNull(counts.get(result));
  }

  int waiting() {
    return waiting.get();
  }

  /// Counts since the start: `graded`, `unreadable`, `failed`, `late`, `dropped`.
  Map<String, LongSupplier> counts() {
    return Stream.of(Result.values())
        .collect(
            Collectors.toUnmodifiableMap(
                result -> result.name().toLowerCase(Locale.ROOT), result -> counter(result)::sum));
  }

  /// Releases whose judge is missing, as text.
  static List<String> problems(IndexedSnapshot current) {
    return current.snapshot().services().stream()
        .flatMap(service ->
            service.canary().stream()
                .map(CanaryArm::grading)
                .filter(Grading::any)
                .flatMap(rules ->
                    absence(current.service(rules.judge())).stream()
                        .map(why ->
                            "service %s: its judge %s %s"
                                .formatted(service.id(), rules.judge(), why))))
        .toList();
  }

  private static Optional<String> absence(Optional<ServiceEntry> judge) {
    if (judge.isEmpty()) {
      return Optional.of("does not exist");
    }
    return judge.get().stable().replicas().isEmpty()
        ? Optional.of("has no replica")
        : Optional.empty();
  }

  /// Forgets judges that left the snapshot and have no requests in flight.
  void sweep(Predicate<String> present) {
    judges.sweep(present);
  }
}
