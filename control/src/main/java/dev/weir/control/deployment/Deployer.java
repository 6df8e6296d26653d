// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.deployment.DeploymentPlanner.Action;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.Seen;
import dev.weir.model.ReplicaName;
import dev.weir.model.VersionRef;
import dev.weir.runtime.Provider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries deployment plans out, and times how long a replica has been out of all routing.
///
/// The timers are the only thing it remembers, and losing them (a restart) only makes draining
/// longer.
public final class Deployer {
  private static final Logger LOG = LoggerFactory.getLogger(Deployer.class);

  private static final int MOST_TIMERS = 10_000;

  private final Fleet fleet;
  private final LongSupplier nanos;
  private final Duration drain;
  private final Map<ReplicaName, Long> unroutedSince = new ConcurrentHashMap<>();

  /// @param drain how long a replica is left alone after the last gateway has let go of it, so
  ///   that short answers end before it is asked to stop
  public Deployer(Fleet fleet, LongSupplier nanos, Duration drain) {
    this.fleet = fleet;
    this.nanos = nanos;
    this.drain = drain;
  }

  /// One pass over a Service's replicas.
  ///
  /// @param unrouted whether no gateway can route to the replica any more
  /// @param grace given to a stopping replica to end its open answers
  public void apply(
      Membership membership,
      Predicate<Seen> unrouted,
      VersionRef healed,
      Duration grace,
      Instant now) {
    Set<ReplicaName> released = released(membership, unrouted);
    for (Action action : DeploymentPlanner.plan(membership, released, healed, now)) {
      Optional<Provider> provider = fleet.provider(action.target());
      if (provider.isPresent()) {
        act(provider.get(), action, grace);
      }
    }
  }

  /// Whether the replica is on its way out but not stopped yet.
  public static boolean draining(Membership membership, ReplicaName name) {
    return membership.leaving().contains(name);
  }

  private Set<ReplicaName> released(Membership membership, Predicate<Seen> unrouted) {
    Set<ReplicaName> released = new TreeSet<>();
    Map<ReplicaName, Seen> leaving = new TreeMap<>(membership.seen());
    leaving.keySet().retainAll(membership.leaving());
    membership.seen().keySet().stream()
        .filter(name -> !leaving.containsKey(name))
        .forEach(unroutedSince::remove);
    leaving.forEach(
        (name, replica) -> {
          if (DeploymentPlanner.goingAlready(replica) || !unrouted.test(replica)) {
            unroutedSince.remove(name);
          } else if (drained(name)) {
            released.add(name);
          }
        });
    return released;
  }

  private boolean drained(ReplicaName name) {
    if (unroutedSince.size() > MOST_TIMERS) {
      unroutedSince.clear();
    }
    long since = unroutedSince.computeIfAbsent(name, n -> nanos.getAsLong());
    return nanos.getAsLong() - since >= drain.toNanos();
  }

  private void act(Provider provider, Action action, Duration grace) {
    switch (action) {
      case Action.Ensure(String target, var intent) -> {
        LOG.info("ensure replica={} target={}", intent.name(), target);
        provider.ensure(intent);
      }
      case Action.Stop(String target, ReplicaName name) -> {
        LOG.info("stop replica={} target={}", name, target);
        provider.stop(name, grace);
        unroutedSince.remove(name);
      }
      case Action.Restart(String target, ReplicaName name) -> {
        LOG.info("restart given-up replica={} target={}", name, target);
        provider.restart(name);
      }
    }
  }

  /// Names of replicas whose targets have no provider, with the reason.
  public List<String> blocked(Membership membership) {
    return membership.placed().values().stream()
        .map(DesiredReplicas.Slot::target)
        .distinct()
        .flatMap(target -> fleet.refusal(target).map(r -> "target " + target + ": " + r).stream())
        .toList();
  }
}
