// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.ReplicaKey;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
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

/// Picks replicas by fewest requests in flight among those in the best [ReplicaAvailability], and
/// remembers, over snapshot swaps, how many each has and how it fares. Shared by all event loops
/// without blocking.
///
/// A replica whose breaker has been open long enough is given the next request as a probe, when
/// that request could still be sent elsewhere afterwards.
///
/// One whose breaker is open while it may not be ejected gets no more than its even share of first
/// attempts: what fails at once is always the emptiest, and would else draw nearly every request.
public final class Balancer {
  /// From how many answers the share of those that say "full" says something.
  private static final int MIN_ANSWERS = 10;

  private final LongSupplier nanoTime;
  private final Map<ReplicaKey, ReplicaHealth> live = new ConcurrentHashMap<>();

  public Balancer(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// A replica with one request more in flight, until [#ended].
  public static final class Pick {
    private final ReplicaKey key;
    private final ReplicaEntry replica;
    private final ReplicaHealth state;
    private final Isolation policy;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private BreakerRole breakerRole;
    private boolean over;

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

    /// The first byte of an answer came, streamed or not.
    public void delivers() {
      state.deliveries().delivered(startNanos, nanoTime.getAsLong());
    }

    /// Whether this request may still stand in the replica's own queue: the replica answers, but
    /// only requests that were sent earlier.
    ///
    /// @param silenceNanos without any answer, after which the replica is not believed to be busy
    public boolean mayBeQueued(long silenceNanos) {
      return state.deliveries().onlyEarlier(startNanos, nanoTime.getAsLong() - silenceNanos);
    }

    /// The first token of a streamed answer came.
    public void answers() {
      if (breakerRole == BreakerRole.PROBE) {
        breakerRole = BreakerRole.RECOVERING;
        state.answers(nanoTime.getAsLong());
      }
    }

    /// The request is no longer there. Only the first call counts.
    ///
    /// @return whether the replica's breaker opened for it
    public boolean ended(AttemptOutcome attemptOutcome) {
      if (over) {
        return false;
      }
      over = true;
      state.leave();
      return state.ended(policy, attemptOutcome, breakerRole, nanoTime.getAsLong());
    }
  }

  /// Picks among the arm's replicas those not tried yet. An ejected one is asked only when the
  /// request has failed elsewhere and would fail for good.
  ///
  /// @param tried names of replicas that this request has been sent to
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
        return Optional.of(taken(due.get(), service, true));
      }
    }
    return best(tried.isEmpty() ? turn(untried, random) : untried, random, now)
        .filter(candidate ->
            candidate.availability() != ReplicaAvailability.EJECTED || !tried.isEmpty())
        .map(candidate -> taken(candidate, service, candidate.state().takeProbe(now)));
  }

  /// Those whose turn it is: each suspect in one of as many turns as there are replicas, whatever
  /// it has in flight, else whoever is best.
  private static List<Candidate> turn(List<Candidate> all, RandomGenerator random) {
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

  /// Whether a request that met a full replica may be sent to another: one that is not tried and
  /// not full itself, and not while most of the arm's answers say that there is no room, when
  /// trying again would only add to it.
  public boolean hasRoomElsewhere(ServiceEntry service, Arm arm, Set<String> tried) {
    long now = nanoTime.getAsLong();
    List<Candidate> all = candidates(service, arm, now);
    RecentOutcomes.Counts lately =
        all.stream()
            .map(candidate -> candidate.health().recentOutcomes().recent(now))
            .reduce(RecentOutcomes.Counts.NONE, RecentOutcomes.Counts::plus);
    boolean overloaded = lately.all() >= MIN_ANSWERS && 2 * lately.backpressure() > lately.all();
    return !overloaded
        && all.stream()
            .filter(candidate -> !tried.contains(candidate.replica().name()))
            .anyMatch(candidate -> candidate.availability() == ReplicaAvailability.READY);
  }

  /// When the first of the arm's replicas is to be asked again.
  ///
  /// @return nanoseconds from now, 0 when one can be asked at once; empty for an arm without any
  public OptionalLong nanosUntilReady(ServiceEntry service, Arm arm) {
    long now = nanoTime.getAsLong();
    return candidates(service, arm, now).stream()
        .mapToLong(candidate -> candidate.availability().nanosUntilReady(candidate.health(), now))
        .min();
  }

  /// How each of the arm's replicas stands and why, for whoever was served by none of them.
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

    /// Its load as it would be with this request; one that came back lately counts each for more.
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

  /// One pass; among equals each is kept with equal chance (reservoir of one).
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
    int standing = a.availability().compareTo(b.availability());
    return standing != 0 ? standing : Double.compare(a.load(now), b.load(now));
  }

  private Pick taken(Candidate candidate, ServiceEntry service, boolean probe) {
    candidate.state().enter();
    return new Pick(candidate, service.isolation(), probe, nanoTime);
  }

  /// Requests of this gateway in flight at a replica.
  public int inFlight(ReplicaKey key) {
    ReplicaHealth state = live.get(key);
    return state == null ? 0 : state.inFlight();
  }

  /// Every replica with requests of this gateway in flight, in the snapshot or not. A look from
  /// outside: each count is right by itself, all together are no single moment.
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

  /// How many replicas have their breaker `closed`, `open` or `half_open`, by that name; asked anew
  /// at each look.
  public Map<String, LongSupplier> breakers() {
    return Map.of(
        "closed", () -> count(Breaker.Closed.class),
        "open", () -> count(Breaker.Open.class),
        "half_open", () -> count(Breaker.HalfOpen.class));
  }

  private long count(Class<? extends Breaker> state) {
    return live.values().stream().filter(r -> state.isInstance(r.now().breaker())).count();
  }

  /// Forgets replicas that left the snapshot and have nothing in flight; call it every second or
  /// so.
  public void sweep(Predicate<ReplicaKey> present) {
    live.entrySet().removeIf(e -> !present.test(e.getKey()) && e.getValue().inFlight() == 0);
  }
}
