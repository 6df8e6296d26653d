// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.Poller;
import dev.weir.cli.text.RolloutText;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.ReplicaView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Waits until a Service serves its `spec.version`, or until its release ends otherwise.
public final class ReleaseWait {
  /// A rollout starts within this time after the change of the spec, or not at all.
  private static final Duration START_DELAY = Duration.ofSeconds(10);

  private final CommandSession session;
  private final RolloutLookup rolloutLookup;
  private final WaitProgress progress;
  private final Instant startedAt;
  private String state = "no state received yet";

  public ReleaseWait(CommandSession session, WaitProgress progress) {
    this.session = session;
    this.rolloutLookup = new RolloutLookup(session);
    this.progress = progress;
    this.startedAt = session.now();
  }

  /// Waits for the end of a Service's rollout.
  ///
  /// @param pauses whether a pause also ends the wait
  public Rollout rollout(String service, Duration maxWait, String limit, boolean pauses)
      throws InterruptedException {
    return new Poller(session, maxWait, limit).until(() -> ended(service, pauses), () -> state);
  }

  private Optional<Rollout> ended(String name, boolean pauses) {
    Service service = rolloutLookup.service(name);
    Optional<Rollout> latest = rolloutLookup.find(service);
    if (RolloutLookup.due(service, latest) && !refused(service)) {
      show(waits(service));
      return Optional.empty();
    }
    Rollout rollout = latest.orElseGet(() -> rolloutLookup.latest(name));
    show(rollout);
    RolloutPhase phase = rollout.status().phase();
    boolean over = phase.terminal() || (pauses && phase == RolloutPhase.PAUSED);
    return over ? Optional.of(rollout) : Optional.empty();
  }

  private static String waits(Service service) {
    String message = TerminalSanitizer.line(service.status().message());
    return "service "
        + service.metadata().name()
        + " waits for the rollout of "
        + service.spec().version()
        + (message.isEmpty() ? "" : ": " + message);
  }

  /// Whether the version failed before: it is not retried until the spec changes.
  private boolean refused(Service service) {
    return overdue()
        && service.status().failed().stream()
            .anyMatch(failed -> failed.version().equals(service.spec().version()));
  }

  private boolean overdue() {
    return Duration.between(startedAt, session.now()).compareTo(START_DELAY) > 0;
  }

  /// Waits until all replicas of a Service serve the desired version, or until its release ends
  /// otherwise.
  ///
  /// @return an exit status
  int serving(ResourceRef service, Duration maxWait, String limit) throws InterruptedException {
    return new Poller(session, maxWait, limit).until(() -> served(service), () -> state);
  }

  private Optional<Integer> served(ResourceRef ref) {
    Service service = rolloutLookup.service(ref);
    boolean stable =
        service
            .status()
            .stable()
            .filter(s -> s.version().equals(service.spec().version()))
            .isPresent();
    Optional<Rollout> latest = rolloutLookup.find(service);
    Optional<Rollout> live = latest.filter(rollout -> service.status().rollout().isPresent());
    if (live.isPresent() || (!stable && service.status().stable().isPresent())) {
      return released(service, latest);
    }
    return ready(service, stable);
  }

  private Optional<Integer> released(Service service, Optional<Rollout> latest) {
    boolean due = RolloutLookup.due(service, latest);
    if (due && refused(service)) {
      show(
          "%s failed before: change the spec or run `weir rollout retry %s`"
              .formatted(service.spec().version(), service.metadata().name()));
      return Optional.of(ExitStatus.REVERTED);
    }
    if (due || latest.isEmpty()) {
      show(waits(service));
      return Optional.empty();
    }
    show(latest.get());
    int status = ExitStatus.of(latest.get().status().phase());
    return status == ExitStatus.OK ? Optional.empty() : Optional.of(status);
  }

  /// @param stable false for the first deployment, which has no rollout
  private Optional<Integer> ready(Service service, boolean stable) {
    List<ReplicaView> replicas =
        session.client().replicas().stream().filter(replica -> serves(replica, service)).toList();
    replicas.stream()
        .filter(replica -> replica.state() == ReplicaState.FAILED)
        .findFirst()
        .ifPresent(ReleaseWait::failed);
    long ready = replicas.stream().filter(r -> r.state() == ReplicaState.READY).count();
    int desiredReplicas = desiredReplicas(service);
    show(
        "service %s %s: %d of %d replicas ready%s"
            .formatted(
                service.metadata().name(),
                service.spec().version(),
                ready,
                desiredReplicas,
                firstUnready(replicas, ready < desiredReplicas)));
    return stable && ready >= desiredReplicas ? Optional.of(ExitStatus.OK) : Optional.empty();
  }

  /// @param missing whether a desired replica is missing; otherwise an unready one is additional,
  ///   such as one that is being replaced
  private static String firstUnready(List<ReplicaView> replicas, boolean missing) {
    return replicas.stream()
        .filter(replica -> replica.state() != ReplicaState.READY)
        .findFirst()
        .map(replica ->
            (missing ? " (%s %s%s)" : "; additional replica %s is %s%s")
                .formatted(
                    replica.name(),
                    replica.state().text(),
                    replica.reason().isEmpty() ? "" : ": " + replica.reason()))
        .orElse("");
  }

  private static void failed(ReplicaView replica) {
    throw CliException.error(
        "replica " + replica.name() + " failed: " + replica.reason() + "; see `weir get replicas`");
  }

  private static boolean serves(ReplicaView replica, Service service) {
    return replica.namespace().equals(service.metadata().namespace())
        && replica.service().equals(service.metadata().name())
        && replica.version().equals(service.spec().version());
  }

  /// On external targets each endpoint counts as at least one replica.
  private static int desiredReplicas(Service service) {
    int desiredReplicas = 0;
    for (Placement placement : service.spec().placements()) {
      List<?> endpoints = placement.endpoints().get(service.spec().version());
      desiredReplicas += endpoints == null ? placement.replicas() : endpoints.size();
    }
    return desiredReplicas;
  }

  private void show(Rollout rollout) {
    state = RolloutText.progress(rollout);
    progress.show(rollout);
  }

  private void show(String text) {
    state = text;
    progress.show(text);
  }
}
