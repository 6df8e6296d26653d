// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoint.ReplicaAction;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.deployment.DeploymentPlanner.Action;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.InFlightRequests;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
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

/// Executes deployment plans, and drains replicas before they stop.
///
/// A replica that lost its slot stops when no gateway routes to it and every relevant gateway has
/// reported for a short time that no request is in flight on it. It also stops at its deadline,
/// because no request can be open for longer. Deadlines are stored. The quiet time is not: losing
/// it only extends the drain a little.
public final class Deployer {
  private static final Logger LOG = LoggerFactory.getLogger(Deployer.class);

  private static final int MAX_TIMERS = 10_000;

  private final Fleet fleet;
  private final DrainTracker drains;
  private final LongSupplier nanos;
  private final Duration quiet;
  private final CrashPoints crashPoints;
  private final Map<ReplicaName, Long> quietSince = new ConcurrentHashMap<>();

  /// @param quiet how long a replica must have no requests before it stops: some heartbeats, so
  ///   that a request that chose the replica just before its removal is counted
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

  /// Runs one pass over the replicas of a Service.
  ///
  /// @param unrouted the requests in flight on the replica; empty while a gateway may route to it
  /// @param restartable the version whose failed replicas are started again
  /// @param limits the maximum number of replicas by Target; see [DesiredReplicas#most]
  /// @param longest the maximum duration of a request: the drain deadline after the last gateway
  ///   has stopped routing to the replica, and then the grace period of its process
  public void apply(
      SlotAssignment slotAssignment,
      Function<TargetReplica, Optional<InFlightRequests>> unrouted,
      VersionRef restartable,
      Map<String, Integer> limits,
      Duration longest,
      Instant now) {
    Set<ReplicaName> released = released(slotAssignment, unrouted, longest, now);
    for (Action action :
        DeploymentPlanner.plan(slotAssignment, released, restartable, limits, now)) {
      fleet.call(action.target(), provider -> act(provider, action, longest));
    }
  }

  private Set<ReplicaName> released(
      SlotAssignment slotAssignment,
      Function<TargetReplica, Optional<InFlightRequests>> unrouted,
      Duration longest,
      Instant now) {
    slotAssignment.placed().keySet().stream()
        .filter(name -> !slotAssignment.mustDrain(name))
        .forEach(this::keepRunning);
    Set<ReplicaName> released = new TreeSet<>();
    slotAssignment
        .observed()
        .forEach((name, replica) -> {
          if (!slotAssignment.mustDrain(name)) {
            keepRunning(name);
          } else if (DeploymentPlanner.stopping(replica)) {
            quietSince.remove(name);
          } else if (drained(name, unrouted.apply(replica), longest, now)) {
            released.add(name);
          }
        });
    return released;
  }

  private void keepRunning(ReplicaName name) {
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
      LOG.atWarn()
          .addKeyValue("event", "replica.drain.expired")
          .addKeyValue("replica", name)
          .addKeyValue("deadline", deadline)
          .addKeyValue("in_flight", open.get())
          .log("The drain deadline passed with requests in flight; the replica stops");
    }
    return late;
  }

  private Duration quietFor(ReplicaName name) {
    if (quietSince.size() > MAX_TIMERS) {
      quietSince.clear();
    }
    long now = nanos.getAsLong();
    return Duration.ofNanos(now - quietSince.computeIfAbsent(name, _ -> now));
  }

  private void act(Provider provider, Action action, Duration grace) {
    switch (action) {
      case Action.Ensure(String target, var intent) -> {
        LOG.atInfo()
            .addKeyValue("event", "replica.ensure")
            .addKeyValue("replica", intent.name())
            .addKeyValue("target", target)
            .log("The control plane requests a replica from its provider");
        execute(ReplicaAction.ENSURE, () -> provider.ensure(intent));
      }
      case Action.Stop(String target, ReplicaName name) -> {
        LOG.atInfo()
            .addKeyValue("event", "replica.stop")
            .addKeyValue("replica", name)
            .addKeyValue("target", target)
            .log("The control plane stops a replica");
        execute(ReplicaAction.STOP, () -> provider.stop(name, grace));
        quietSince.remove(name);
      }
      case Action.Restart(String target, ReplicaName name, String launch) -> {
        LOG.atInfo()
            .addKeyValue("event", "replica.restart")
            .addKeyValue("replica", name)
            .addKeyValue("target", target)
            .addKeyValue("launch", launch)
            .log("The control plane restarts a replica");
        execute(ReplicaAction.RESTART, () -> provider.restart(name, launch));
      }
    }
  }

  private void execute(ReplicaAction act, Runnable call) {
    crashPoints.pass(CrashPoint.before(act));
    call.run();
    crashPoints.pass(CrashPoint.after(act));
  }

  /// The Targets of wanted replicas that have no provider, with the reason.
  public List<String> blocked(SlotAssignment slotAssignment) {
    return slotAssignment.placed().values().stream()
        .map(DesiredReplicas.Slot::target)
        .distinct()
        .flatMap(target -> fleet.refusal(target).map(r -> "target " + target + ": " + r).stream())
        .toList();
  }
}
