// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.ReplicaKey;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// Picks the replica with the fewest requests in flight among those with the best
/// [ReplicaAvailability]. Tracks each replica's requests in flight and health across snapshot
/// swaps. Shared by all event loops without blocking.
///
/// A replica whose breaker has been open long enough receives the next request as a probe, provided
/// that request can still be retried elsewhere.
///
/// A replica whose breaker is open but that may not be ejected gets no more than its even share of
/// first attempts: a replica that fails fast always has the fewest requests in flight and would
/// otherwise attract nearly every request.
public final class Balancer {
  /// Minimum number of answers before the share of backpressure is significant.
  private static final int MIN_ANSWERS = 10;

  private final LongSupplier nanoTime;
  private final Map<ReplicaKey, ReplicaHealth> live = new ConcurrentHashMap<>();

  public Balancer(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// A picked replica with this request counted as in flight, until [#ended].
  public static final class Pick {
    private final ReplicaKey key;
    private final ReplicaEntry replica;
    private final ReplicaHealth state;
    private final Isolation policy;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private BreakerRole breakerRole;
    private boolean ended;

    private Pick(Candidate from, Isolation policy, boolean probe, LongSupplier nanoTime) {
      this.key = from.key();
      this.replica = from.replica();
      this.state = from.state();
      this.policy = policy;
      this.breakerRole = probe ? BreakerRole.PROBE : BreakerRole.ORDINARY;
      this.nanoTime = nanoTime;
      this.startNanos = nanoTime.getAsLong();
    }

    public ReplicaKey key() {
      return key;
    }

    public ReplicaEntry replica() {
      return replica;
    }

    /// Notes that this replica receives a request.
    ///
    /// @return bytes of the body after the beginning that this replica received before
    public int receive(ByteBuf body) {
      return state.prompts().receive(body);
    }

    /// The first byte of any answer arrived.
    public void firstByte() {
      state.deliveries().delivered(startNanos, nanoTime.getAsLong());
    }

    /// Whether this request may still be in the replica's queue: the replica answers, but only
    /// requests that were sent earlier.
    ///
    /// @param silenceNanos after which a replica without any answer no longer counts as busy
    public boolean mayBeQueued(long silenceNanos) {
      return state.deliveries().onlyEarlier(startNanos, nanoTime.getAsLong() - silenceNanos);
    }

    /// The first token of a streamed answer arrived.
    public void firstToken() {
      if (breakerRole == BreakerRole.PROBE) {
        breakerRole = BreakerRole.RECOVERING;
        state.firstToken(nanoTime.getAsLong());
      }
    }

    /// The request ended. Later calls are no-ops.
    ///
    /// @return whether this opened the replica's breaker
    public boolean ended(AttemptOutcome attemptOutcome) {
      if (ended) {
        return false;
      }
      ended = true;
      state.leave();
      return state.ended(policy, attemptOutcome, breakerRole, nanoTime.getAsLong());
    }
  }

  /// Picks one of the arm's replicas that was not tried yet. An ejected replica is used only for a
  /// request that has failed elsewhere and would otherwise fail permanently.
  ///
  /// @param tried names of replicas that received this request
  public Optional<Pick> pick(
      ServiceEntry service, Arm arm, Set<String> tried, RandomGenerator random) {
    long now = nanoTime.getAsLong();
    List<Candidate> untried =
        candidates(service, arm, now).stream()
            .filter(candidate -> !tried.contains(candidate.replica().name()))
            .toList();
    if (tried.isEmpty() && untried.size() > 1) {
      Optional<Candidate> due = untried.stream().filter(c -> c.state().takeProbe(now)).findFirst();
      if (due.isPresent()) {
        return Optional.of(toPick(due.get(), service, true));
      }
    }
    return best(tried.isEmpty() ? suspectsInTurn(untried, random) : untried, random, now)
        .filter(candidate ->
            candidate.availability() != ReplicaAvailability.EJECTED || !tried.isEmpty())
        .map(candidate -> toPick(candidate, service, candidate.state().takeProbe(now)));
  }

  /// Limits suspect replicas to an even share: each is the only candidate with probability 1 /
  /// number of replicas, regardless of its load; otherwise all are candidates.
  private static List<Candidate> suspectsInTurn(List<Candidate> all, RandomGenerator random) {
    List<Candidate> suspects =
        all.stream()
            .filter(candidate -> candidate.availability() == ReplicaAvailability.SUSPECT)
            .toList();
    if (suspects.isEmpty()) {
      return all;
    }
    int turn = random.nextInt(all.size());
    return turn < suspects.size() ? List.of(suspects.get(turn)) : all;
  }

  /// Whether a request rejected by a full replica may be retried on another: one that is untried
  /// and not full. False while most of the arm's answers report backpressure, because retries would
  /// add to the overload.
  public boolean hasRoomElsewhere(ServiceEntry service, Arm arm, Set<String> tried) {
    long now = nanoTime.getAsLong();
    List<Candidate> all = candidates(service, arm, now);
    RecentOutcomes.Counts recent =
        all.stream()
            .map(candidate -> candidate.health().recentOutcomes().recent(now))
            .reduce(RecentOutcomes.Counts.NONE, RecentOutcomes.Counts::plus);
    boolean overloaded = recent.all() >= MIN_ANSWERS && 2 * recent.backpressure() > recent.all();
    return !overloaded
        && all.stream()
            .filter(candidate -> !tried.contains(candidate.replica().name()))
            .anyMatch(candidate -> candidate.availability() == ReplicaAvailability.READY);
  }

  /// When the first of the arm's replicas is available again.
  ///
  /// @return nanoseconds from now, 0 if one is available now; empty for an arm without replicas
  public OptionalLong nanosUntilReady(ServiceEntry service, Arm arm) {
    long now = nanoTime.getAsLong();
    return candidates(service, arm, now).stream()
        .mapToLong(candidate -> candidate.availability().nanosUntilReady(candidate.health(), now))
        .min();
  }

  /// The state of each of the arm's replicas and its reason, for error messages.
  public List<String> describeArm(ServiceEntry service, Arm arm) {
    long now = nanoTime.getAsLong();
    return candidates(service, arm, now).stream()
        .map(candidate -> candidate.replica().name() + ": " + candidate.describe(now))
        .toList();
  }

  private record Candidate(
      ReplicaKey key,
      ReplicaEntry replica,
      ReplicaHealth state,
      PassiveHealth health,
      ReplicaAvailability availability) {
    String describe(long nowNanos) {
      String why = health.last().map(failure -> "; last failure: " + failure.message()).orElse("");
      return availability.describe(health, nowNanos) + why;
    }

    /// Its load including this request. During slow start each request counts for more.
    double load(long nowNanos) {
      return (state.inFlight() + 1) / health.share(nowNanos);
    }
  }

  private List<Candidate> candidates(ServiceEntry service, Arm arm, long now) {
    List<ReplicaEntry> replicas = arm.replicas();
    List<ReplicaKey> keys =
        replicas.stream().map(r -> new ReplicaKey(service.id(), r.name(), r.url())).toList();
    List<ReplicaHealth> states =
        keys.stream().map(key -> live.computeIfAbsent(key, _ -> new ReplicaHealth(now))).toList();
    List<PassiveHealth> healths = states.stream().map(ReplicaHealth::now).toList();
    Set<Integer> ejected = OutlierEjection.of(healths, service.isolation());
    return IntStream.range(0, replicas.size())
        .mapToObj(i ->
            new Candidate(
                keys.get(i),
                replicas.get(i),
                states.get(i),
                healths.get(i),
                ReplicaAvailability.of(healths.get(i), ejected.contains(i), now)))
        .toList();
  }

  /// One pass; each of several equal candidates is chosen with equal probability (reservoir of
  /// one).
  private static Optional<Candidate> best(
      List<Candidate> candidates, RandomGenerator random, long now) {
    Candidate best = null;
    int ties = 0;
    for (Candidate candidate : candidates) {
      int order = best == null ? -1 : compare(candidate, best, now);
      if (order < 0) {
        best = candidate;
        ties = 1;
      } else if (order == 0 && random.nextInt(++ties) == 0) {
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  private static int compare(Candidate a, Candidate b, long now) {
    int byAvailability = a.availability().compareTo(b.availability());
    return byAvailability != 0 ? byAvailability : Double.compare(a.load(now), b.load(now));
  }

  private Pick toPick(Candidate candidate, ServiceEntry service, boolean probe) {
    candidate.state().enter();
    return new Pick(candidate, service.isolation(), probe, nanoTime);
  }

  /// Number of this gateway's requests in flight at a replica.
  public int inFlight(ReplicaKey key) {
    ReplicaHealth state = live.get(key);
    return state == null ? 0 : state.inFlight();
  }

  /// Requests in flight per replica, including replicas that left the snapshot. The counts are read
  /// one after the other, not atomically.
  public Map<ReplicaKey, Integer> inFlight() {
    Map<ReplicaKey, Integer> busy = new HashMap<>();
    live.forEach((key, state) -> {
      int count = state.inFlight();
      if (count > 0) {
        busy.put(key, count);
      }
    });
    return busy;
  }

  /// Number of replicas per breaker state: `closed`, `open` or `half_open`; computed at each call.
  public Map<String, LongSupplier> breakers() {
    return Map.of(
        "closed", () -> count(Breaker.Closed.class),
        "open", () -> count(Breaker.Open.class),
        "half_open", () -> count(Breaker.HalfOpen.class));
  }

  private long count(Class<? extends Breaker> state) {
    return live.values().stream().filter(r -> state.isInstance(r.now().breaker())).count();
  }

  /// Removes replicas that left the snapshot and have nothing in flight; call it every second or
  /// so.
  public void sweep(Predicate<ReplicaKey> present) {
    live.entrySet().removeIf(e -> !present.test(e.getKey()) && e.getValue().inFlight() == 0);
  }
}
