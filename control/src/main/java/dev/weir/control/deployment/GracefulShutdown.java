// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.value.ReplicaName;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stops all replicas that Weir runs, concurrently, and waits until they have exited.
///
/// Providers kill replicas that have not stopped after the grace period, so the wait is slightly
/// longer. Replicas on Targets whose provider does not stop them on shutdown keep running.
public final class GracefulShutdown {
  private static final Logger LOG = LoggerFactory.getLogger(GracefulShutdown.class);

  /// The time that a killed process group may take to exit.
  private static final Duration MARGIN = Duration.ofSeconds(3);

  private final Fleet fleet;
  private final LongSupplier nanos;
  private final Runnable pause;

  /// @param nanos monotonic
  /// @param pause a short wait between two checks
  public GracefulShutdown(Fleet fleet, LongSupplier nanos, Runnable pause) {
    this.fleet = fleet;
    this.nanos = nanos;
    this.pause = pause;
  }

  /// Stops the replicas. Nothing may start replicas meanwhile.
  ///
  /// @param grace the time between the request to stop and the kill
  /// @return the replicas that still exist; they are also logged
  public List<ReplicaName> run(Duration grace) {
    long start = nanos.getAsLong();
    long timeout = grace.plus(MARGIN).toNanos();
    Set<ReplicaName> requested = new HashSet<>();
    List<TargetReplica> left = own();
    while (!left.isEmpty() && nanos.getAsLong() - start < timeout && !interrupted()) {
      left.stream()
          .filter(replica -> requested.add(replica.name()))
          .forEach(r -> requestStop(r, grace));
      pause.run();
      left = own();
    }
    report(requested.size(), left, Duration.ofNanos(nanos.getAsLong() - start));
    return left.stream().map(TargetReplica::name).toList();
  }

  private List<TargetReplica> own() {
    fleet.refresh();
    return fleet.observe().all().stream()
        .filter(TargetReplica::present)
        .filter(this::isOwn)
        .toList();
  }

  private boolean isOwn(TargetReplica replica) {
    return fleet.type(replica.target()).map(type -> type.traits().stopsOnShutdown()).orElse(false);
  }

  private void requestStop(TargetReplica replica, Duration grace) {
    LOG.atInfo()
        .addKeyValue("event", "replica.stop")
        .addKeyValue("replica", replica.name())
        .addKeyValue("target", replica.target())
        .log("A replica stops with the control plane");
    try {
      fleet.provider(replica.target()).ifPresent(p -> p.stop(replica.name(), grace));
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("event", "replica.stop.failed")
          .addKeyValue("replica", replica.name())
          .addKeyValue("target", replica.target())
          .addKeyValue("error", e.toString())
          .log("A replica cannot be stopped");
    }
  }

  private static boolean interrupted() {
    return Thread.currentThread().isInterrupted();
  }

  private static void report(int requested, List<TargetReplica> left, Duration took) {
    if (left.isEmpty()) {
      LOG.atInfo()
          .addKeyValue("event", "replicas.stopped")
          .addKeyValue("count", requested)
          .addKeyValue("duration_ms", took.toMillis())
          .log("All replicas stopped");
    } else {
      LOG.atWarn()
          .addKeyValue("event", "replicas.left")
          .addKeyValue(
              "replicas", left.stream().map(r -> r.name() + " " + r.state().text()).toList())
          .addKeyValue("duration_ms", took.toMillis())
          .log("Replicas did not stop in time and continue to run");
    }
  }
}
