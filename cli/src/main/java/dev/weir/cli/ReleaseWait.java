// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.RolloutText;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.model.ReplicaState;
import dev.weir.model.ReplicaView;
import dev.weir.model.ResourceRef;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.Service;
import dev.weir.model.ServiceSpec.Placement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Waits until a Service serves what its spec asks for, or its release ended otherwise.
final class ReleaseWait {
  /// A rollout begins within this after the change that asks for it, or does not at all.
  private static final Duration BEGIN = Duration.ofSeconds(10);

  private final CommandSession session;
  private final RolloutLookup rolloutLookup;
  private final StatusLine progress;
  private final Instant begun;
  private String state = "nothing was seen yet";

  ReleaseWait(CommandSession session, StatusLine progress) {
    this.session = session;
    this.rolloutLookup = new RolloutLookup(session);
    this.progress = progress;
    this.begun = session.now();
  }

  /// Until the rollout of a Service ended; a pause ends it too.
  ///
  /// @param pauses false waits through pauses
  Rollout rollout(String service, Duration atMost, String limit, boolean pauses)
      throws InterruptedException {
    return new Poller(session, atMost, limit).until(() -> ended(service, pauses), () -> state);
  }

  private Optional<Rollout> ended(String name, boolean pauses) {
    Service service = rolloutLookup.service(name);
    Optional<Rollout> latest = rolloutLookup.find(service);
    if (RolloutLookup.due(service, latest) && !refused(service)) {
      show(waits(service));
      return Optional.empty();
    }
    Rollout rollout = latest.orElseGet(() -> rolloutLookup.latest(name));
    show(RolloutText.progress(rollout));
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

  /// A release that failed before is not tried again while the spec is the same.
  private boolean refused(Service service) {
    return overdue()
        && service.status().failed().stream()
            .anyMatch(failed -> failed.version().equals(service.spec().version()));
  }

  private boolean overdue() {
    return Duration.between(begun, session.now()).compareTo(BEGIN) > 0;
  }

  /// Until a Service serves the wanted version on all its replicas, or its release ended without.
  ///
  /// @return an exit status
  int serving(ResourceRef service, Duration atMost, String limit) throws InterruptedException {
    return new Poller(session, atMost, limit).until(() -> served(service), () -> state);
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
          "%s failed before: change the spec, or `weir rollout retry %s`"
              .formatted(service.spec().version(), service.metadata().name()));
      return Optional.of(ExitStatus.REVERTED);
    }
    if (due || latest.isEmpty()) {
      show(waits(service));
      return Optional.empty();
    }
    show(RolloutText.progress(latest.get()));
    int ending = ExitStatus.of(latest.get().status().phase());
    return ending == ExitStatus.OK ? Optional.empty() : Optional.of(ending);
  }

  /// @param stable false at the first deployment, which has no rollout
  private Optional<Integer> ready(Service service, boolean stable) {
    List<ReplicaView> replicas =
        session.client().replicas().stream().filter(replica -> serves(replica, service)).toList();
    replicas.stream()
        .filter(replica -> replica.state() == ReplicaState.FAILED)
        .findFirst()
        .ifPresent(ReleaseWait::failed);
    long ready = replicas.stream().filter(r -> r.state() == ReplicaState.READY).count();
    int wanted = wanted(service);
    show(
        "service %s %s: %d of %d replicas ready%s"
            .formatted(
                service.metadata().name(),
                service.spec().version(),
                ready,
                wanted,
                rest(replicas)));
    return stable && ready >= wanted ? Optional.of(ExitStatus.OK) : Optional.empty();
  }

  private static String rest(List<ReplicaView> replicas) {
    return replicas.stream()
        .filter(replica -> replica.state() != ReplicaState.READY)
        .findFirst()
        .map(replica ->
            " ("
                + replica.name()
                + " "
                + replica.state().text()
                + (replica.reason().isEmpty() ? "" : ": " + replica.reason())
                + ")")
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

  /// On external targets the endpoints are the replicas, one at least for each URL.
  private static int wanted(Service service) {
    int wanted = 0;
    for (Placement placement : service.spec().placements()) {
      List<?> endpoints = placement.endpoints().get(service.spec().version());
      wanted += endpoints == null ? placement.replicas() : endpoints.size();
    }
    return wanted;
  }

  private void show(String text) {
    state = text;
    progress.show(text);
  }
}
