// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.ReplicaName;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The end of everything that Weir runs itself: every replica is asked to stop, all at once, and
/// waited for until it is gone.
///
/// Providers kill what has not stopped after the grace, so the wait is a little longer than that.
/// Replicas of `external` targets are not managed by Weir and are left alone.
public final class GracefulShutdown {
  private static final Logger LOG = LoggerFactory.getLogger(GracefulShutdown.class);

  /// What a killed process group may take to be gone.
  private static final Duration MARGIN = Duration.ofSeconds(3);

  private final Fleet fleet;
  private final LongSupplier nanos;
  private final Runnable pause;

  /// @param nanos monotonic
  /// @param pause between two looks at what is left; short
  public GracefulShutdown(Fleet fleet, LongSupplier nanos, Runnable pause) {
    this.fleet = fleet;
    this.nanos = nanos;
    this.pause = pause;
  }

  /// Nobody may want replicas meanwhile.
  ///
  /// @param grace from being asked to being killed
  /// @return the replicas that are still there, which are logged too
  public List<ReplicaName> run(Duration grace) {
    long start = nanos.getAsLong();
    long most = grace.plus(MARGIN).toNanos();
    Set<ReplicaName> asked = new HashSet<>();
    List<TargetReplica> left = own();
    while (!left.isEmpty() && nanos.getAsLong() - start < most && !interrupted()) {
      left.stream().filter(replica -> asked.add(replica.name())).forEach(r -> ask(r, grace));
      pause.run();
      left = own();
    }
    report(asked.size(), left, Duration.ofNanos(nanos.getAsLong() - start));
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
    return fleet
        .type(replica.target())
        .map(type ->
            switch (type) {
              case PROCESS -> true;
              case EXTERNAL -> false;
            })
        .orElse(false);
  }

  private void ask(TargetReplica replica, Duration grace) {
    LOG.info("stop replica={} target={}", replica.name(), replica.target());
    try {
      fleet.provider(replica.target()).ifPresent(p -> p.stop(replica.name(), grace));
    } catch (RuntimeException e) {
      LOG.warn(
          "replica cannot be stopped replica={} target={} message={}",
          replica.name(),
          replica.target(),
          e.toString());
    }
  }

  private static boolean interrupted() {
    return Thread.currentThread().isInterrupted();
  }

  private static void report(int asked, List<TargetReplica> left, Duration took) {
    if (left.isEmpty()) {
      LOG.info("replicas stopped count={} millis={}", asked, took.toMillis());
    } else {
      LOG.warn(
          "replicas did not stop and are left running replicas={} millis={}",
          left.stream().map(r -> r.name() + " " + r.state().text()).toList(),
          took.toMillis());
    }
  }
}
