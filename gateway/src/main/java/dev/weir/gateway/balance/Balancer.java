// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.ReplicaKey;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// Picks replicas by fewest requests in flight and remembers, over snapshot swaps, how many each
/// has. Shared by all event loops; counters are atomic and nobody waits.
///
/// A replica that just refused a connection has nothing in flight and would attract every next
/// request, so it is passed over for a second unless no other is left.
public final class Balancer {
  private static final long SHUN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanoTime;
  private final Map<ReplicaKey, Live> live = new ConcurrentHashMap<>();

  private static final class Live {
    final AtomicInteger inFlight = new AtomicInteger();
    volatile long refusedAtNanos;
    volatile boolean refused;
  }

  public Balancer(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// A replica with one request more in flight, until [#release()].
  public static final class Pick {
    private final ReplicaKey key;
    private final ReplicaEntry replica;
    private final Live state;
    private final LongSupplier nanoTime;
    private boolean released;

    private Pick(ReplicaKey key, ReplicaEntry replica, Live state, LongSupplier nanoTime) {
      this.key = key;
      this.replica = replica;
      this.state = state;
      this.nanoTime = nanoTime;
    }

    public ReplicaKey key() {
      return key;
    }

    public ReplicaEntry replica() {
      return replica;
    }

    /// The request is no longer there. Only the first call counts.
    public void release() {
      if (!released) {
        released = true;
        state.inFlight.decrementAndGet();
      }
    }

    /// It could not be connected to.
    public void refused() {
      state.refusedAtNanos = nanoTime.getAsLong();
      state.refused = true;
    }
  }

  /// Picks among the arm's replicas those not tried yet.
  ///
  /// @param tried names of replicas that this request has been sent to
  public Optional<Pick> pick(String service, Arm arm, Set<String> tried, RandomGenerator random) {
    List<Candidate> candidates =
        arm.replicas().stream()
            .filter(replica -> !tried.contains(replica.name()))
            .map(replica -> candidate(service, replica))
            .toList();
    List<Candidate> welcoming = candidates.stream().filter(c -> !shunned(c.state())).toList();
    return fewest(welcoming.isEmpty() ? candidates : welcoming, random).map(this::taken);
  }

  private record Candidate(ReplicaKey key, ReplicaEntry replica, Live state) {}

  private Candidate candidate(String service, ReplicaEntry replica) {
    ReplicaKey key = new ReplicaKey(service, replica.name(), replica.url());
    return new Candidate(key, replica, live.computeIfAbsent(key, _ -> new Live()));
  }

  private boolean shunned(Live state) {
    if (!state.refused) {
      return false;
    }
    boolean lately = nanoTime.getAsLong() - state.refusedAtNanos < SHUN_NANOS;
    if (!lately) {
      state.refused = false;
    }
    return lately;
  }

  /// One pass; among equals each is kept with equal chance (reservoir of one).
  private static Optional<Candidate> fewest(List<Candidate> candidates, RandomGenerator random) {
    Candidate best = null;
    int least = Integer.MAX_VALUE;
    int ties = 0;
    for (Candidate candidate : candidates) {
      int inFlight = candidate.state().inFlight.get();
      if (inFlight < least) {
        best = candidate;
        least = inFlight;
        ties = 1;
      } else if (inFlight == least && random.nextInt(++ties) == 0) {
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  private Pick taken(Candidate candidate) {
    candidate.state().inFlight.incrementAndGet();
    return new Pick(candidate.key(), candidate.replica(), candidate.state(), nanoTime);
  }

  /// Requests of this gateway in flight at a replica.
  public int inFlight(ReplicaKey key) {
    Live state = live.get(key);
    return state == null ? 0 : state.inFlight.get();
  }

  /// Every replica with requests of this gateway in flight, in the picture or not. A look from
  /// outside: each count is right by itself, all together are no single moment.
  public Map<ReplicaKey, Integer> inFlight() {
    Map<ReplicaKey, Integer> busy = new HashMap<>();
    live.forEach((key, state) -> {
      int count = state.inFlight.get();
      if (count > 0) {
        busy.put(key, count);
      }
    });
    return busy;
  }

  /// Forgets replicas that left the picture and have nothing in flight; call it every second or so.
  public void sweep(Predicate<ReplicaKey> present) {
    live.entrySet().removeIf(e -> !present.test(e.getKey()) && e.getValue().inFlight.get() == 0);
  }
}
