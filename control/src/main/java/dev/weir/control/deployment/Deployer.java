// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoint.Act;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.deployment.DeploymentPlanner.Action;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.InFlightRequests;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.ReplicaName;
import dev.weir.model.VersionRef;
import dev.weir.runtime.Provider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries deployment plans out, and lets replicas drain before they stop.
///
/// A replica that lost its place is stopped when no gateway routes to it, every gateway that counts
/// says that nothing runs on it, and both have been so for a moment; or when its deadline has
/// passed, because no answer can be open for longer. Deadlines are stored, the moment is not:
/// losing it makes draining that little longer.
public final class Deployer {
  private static final Logger LOG = LoggerFactory.getLogger(Deployer.class);

  private static final int MOST_TIMERS = 10_000;

  private final Fleet fleet;
  private final DrainTracker drains;
  private final LongSupplier nanos;
  private final Duration quiet;
  private final CrashPoints crashPoints;
  private final Map<ReplicaName, Long> quietSince = new ConcurrentHashMap<>();

  /// @param quiet how long nothing must have run on a replica before it is asked to stop: some
  ///   heartbeats, so that a request that chose it in the instant in which it left is seen
  public Deployer(
      Fleet fleet,
      ObservationStore observationStore,
      LongSupplier nanos,
      Duration quiet,
      CrashPoints crashPoints) {
    this.fleet = fleet;
    this.drains = new DrainTracker(observationStore);
    this.nanos = nanos;
    this.quiet = quiet;
    this.crashPoints = crashPoints;
  }

  /// One pass over a Service's replicas.
  ///
  /// @param unrouted what still runs on the replica; empty while a gateway may route to it
  /// @param most how many replicas there may be on a Target; see [DesiredReplicas#most]
  /// @param longest no answer is open for longer: a replica is waited for that long from when
  ///   nobody routes to it, and then has as much to end by itself what it is doing
  public void apply(
      SlotAssignment slotAssignment,
      Function<TargetReplica, Optional<InFlightRequests>> unrouted,
      VersionRef healed,
      Map<String, Integer> most,
      Duration longest,
      Instant now) {
    Set<ReplicaName> released = released(slotAssignment, unrouted, longest, now);
    for (Action action : DeploymentPlanner.plan(slotAssignment, released, healed, most, now)) {
      fleet.call(action.target(), provider -> act(provider, action, longest));
    }
  }

  private Set<ReplicaName> released(
      SlotAssignment slotAssignment,
      Function<TargetReplica, Optional<InFlightRequests>> unrouted,
      Duration longest,
      Instant now) {
    slotAssignment.placed().keySet().stream()
        .filter(name -> !slotAssignment.emptied(name))
        .forEach(this::stays);
    Set<ReplicaName> released = new TreeSet<>();
    slotAssignment
        .seen()
        .forEach((name, replica) -> {
          if (!slotAssignment.emptied(name)) {
            stays(name);
          } else if (DeploymentPlanner.stopping(replica)) {
            quietSince.remove(name);
          } else if (drained(name, unrouted.apply(replica), longest, now)) {
            released.add(name);
          }
        });
    return released;
  }

  private void stays(ReplicaName name) {
    quietSince.remove(name);
    drains.forget(name);
  }

  private boolean drained(
      ReplicaName name, Optional<InFlightRequests> open, Duration longest, Instant now) {
    if (open.isEmpty()) {
      quietSince.remove(name);
      return false;
    }
    Instant deadline = drains.deadline(name, now, longest);
    if (open.get().none()) {
      return quietFor(name).compareTo(quiet) >= 0;
    }
    quietSince.remove(name);
    boolean late = now.isAfter(deadline);
    if (late) {
      LOG.warn(
          "drain deadline exceeded replica={} deadline={} open=\"{}\"", name, deadline, open.get());
    }
    return late;
  }

  private Duration quietFor(ReplicaName name) {
    if (quietSince.size() > MOST_TIMERS) {
      quietSince.clear();
    }
    long now = nanos.getAsLong();
    return Duration.ofNanos(now - quietSince.computeIfAbsent(name, _ -> now));
  }

  private void act(Provider provider, Action action, Duration grace) {
    switch (action) {
      case Action.Ensure(String target, var intent) -> {
        LOG.info("ensure replica={} target={}", intent.name(), target);
        around(Act.ENSURE, () -> provider.ensure(intent));
      }
      case Action.Stop(String target, ReplicaName name) -> {
        LOG.info("stop replica={} target={}", name, target);
        around(Act.STOP, () -> provider.stop(name, grace));
        quietSince.remove(name);
      }
      case Action.Restart(String target, ReplicaName name, String launch) -> {
        LOG.info("restart replica={} target={} launch={}", name, target, launch);
        around(Act.RESTART, () -> provider.restart(name, launch));
      }
    }
  }

  private void around(Act act, Runnable call) {
    crashPoints.pass(CrashPoint.before(act));
    call.run();
    crashPoints.pass(CrashPoint.after(act));
  }

  /// Names of replicas whose targets have no provider, with the reason.
  public List<String> blocked(SlotAssignment slotAssignment) {
    return slotAssignment.placed().values().stream()
        .map(DesiredReplicas.Slot::target)
        .distinct()
        .flatMap(target -> fleet.refusal(target).map(r -> "target " + target + ": " + r).stream())
        .toList();
  }
}
