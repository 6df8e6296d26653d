// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import dev.weir.client.Explanation;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.release.Stages;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.SummaryView;
import dev.weir.rehearsal.DemoScenario.ReleaseStyle;
import dev.weir.simulator.player.PlayerReport;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Plays the acts of a scenario in sequence and collects their results.
final class ScenarioRunner {
  private static final Duration RELEASE = Duration.ofMinutes(10);
  private static final Duration RESTART = Duration.ofSeconds(60);

  private final DemoStack stack;
  private final DemoTraffic traffic;
  private final Narrator narrator;
  private final DeadlineWait deadlineWait;
  private final int replicas;
  private final List<Ended> ended = new ArrayList<>();
  private final List<Killed> killed = new ArrayList<>();
  private int stable = 1;
  private int newest = 1;

  ScenarioRunner(
      DemoStack stack,
      DemoTraffic traffic,
      Narrator narrator,
      DeadlineWait deadlineWait,
      int replicas) {
    this.stack = stack;
    this.traffic = traffic;
    this.narrator = narrator;
    this.deadlineWait = deadlineWait;
    this.replicas = replicas;
  }

  /// @param firstAnswer when clients received the first answer from the new version
  private record Ended(
      boolean bad,
      int from,
      int to,
      Rollout rollout,
      Instant applied,
      Optional<Instant> firstAnswer) {}

  /// The clients' counts before a kill and after the replica's restart.
  private record Killed(PlayerReport.Requests before, PlayerReport.Requests after) {}

  void play(DemoScenario.Act act) throws IOException, InterruptedException {
    switch (act) {
      case DemoScenario.GoodRelease(ReleaseStyle releaseStyle) -> release(false, releaseStyle);
      case DemoScenario.BadRelease(ReleaseStyle releaseStyle) -> release(true, releaseStyle);
      case DemoScenario.KillReplica _ -> killReplica();
    }
  }

  private void release(boolean bad, ReleaseStyle releaseStyle)
      throws IOException, InterruptedException {
    int from = stable;
    int to = ++newest;
    narrator.step(
        bad
            ? String.format(
                Locale.ROOT,
                "releasing chat@%d, a bad version: first token %.1f times slower, %.0f %% of answers"
                    + " fail",
                to,
                DemoManifests.BAD_TTFT_FACTOR,
                DemoManifests.BAD_ERROR_RATE * 100)
            : "releasing chat@" + to + ", a good version");
    narrator.detail(releaseStyle.about());
    Instant applied = Instant.now();
    stack
        .client()
        .apply(
            DemoManifests.version(to, bad) + DemoManifests.service(to, replicas, releaseStyle),
            false,
            "rehearsal");
    Optional<Instant> firstAnswer = follow(to);
    Rollout rollout = latestRollout(to).orElseThrow();
    ended.add(new Ended(bad, from, to, rollout, applied, firstAnswer));
    if (rollout.status().phase() == RolloutPhase.COMPLETED) {
      stable = to;
    }
    report(rollout);
  }

  /// Shows the progress of the release until it ends.
  private Optional<Instant> follow(int version) throws IOException, InterruptedException {
    List<Instant> answered = new ArrayList<>();
    List<String> printed = new ArrayList<>();
    deadlineWait.until(
        RELEASE,
        "the release of chat@" + version + " to end",
        () -> {
          stack.mustLive();
          if (answered.isEmpty() && answers(traffic.seen(), version) > 0) {
            answered.add(Instant.now());
          }
          Optional<Rollout> rollout = latestRollout(version);
          rollout.ifPresent(found -> show(found, printed));
          return rollout.map(found -> ended(found)).orElse(false);
        });
    return answered.stream().findFirst();
  }

  private static boolean ended(Rollout rollout) {
    return rollout.status().phase().terminal() || rollout.status().phase() == RolloutPhase.PAUSED;
  }

  private void show(Rollout rollout, List<String> printed) {
    String progress =
        rollout.status().phase().text()
            + (rollout.status().phase() == RolloutPhase.PROGRESSING
                ? String.format(
                    Locale.ROOT,
                    " step %d/%d at %.0f %%",
                    rollout.status().step() + 1,
                    Stages.of(rollout.spec()).size(),
                    rollout.status().weight())
                : "");
    if (!printed.contains(progress)) {
      printed.add(progress);
      narrator.detail(progress);
    }
    narrator.live(progress + ": " + rollout.status().message());
  }

  private void report(Rollout rollout) {
    Explanation explanation =
        stack.client().explanation(Metadata.DEFAULT_NAMESPACE, rollout.metadata().name());
    narrator.detail(
        explanation.summary().map(SummaryView::text).orElse(rollout.status().message()));
    explanation
        .decisions()
        .forEach(decision ->
            narrator.detail("decided: " + decision.verdict() + ", " + decision.summary()));
  }

  private Optional<Rollout> latestRollout(int version) {
    Optional<Service> service =
        stack
            .client()
            .find(ResourceRef.of(Kind.SERVICE, Metadata.DEFAULT_NAMESPACE, DemoManifests.SERVICE))
            .map(Service.class::cast);
    return service
        .filter(found -> found.status().rollouts() > 0)
        .flatMap(found ->
            stack
                .client()
                .find(
                    ResourceRef.of(
                        Kind.ROLLOUT,
                        Metadata.DEFAULT_NAMESPACE,
                        DemoManifests.SERVICE + "-" + found.status().rollouts())))
        .map(Rollout.class::cast)
        .filter(rollout -> rollout.spec().to().version().equals(Integer.toString(version)));
  }

  private void killReplica() throws IOException, InterruptedException {
    ReplicaView victim = victim();
    long pid = victim.pid().orElseThrow();
    narrator.step("killing replica " + victim.name() + " (pid " + pid + ") with SIGKILL");
    PlayerReport.Requests before = traffic.seen().orElseThrow().requests();
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    deadlineWait.until(
        RESTART,
        victim.name() + " to restart",
        () -> {
          stack.mustLive();
          return ready(stack, Integer.toString(stable)) == replicas && !pids().contains(pid);
        });
    deadlineWait.pause(Duration.ofSeconds(2));
    PlayerReport.Requests after = traffic.seen().orElseThrow().requests();
    Killed kill = new Killed(before, after);
    killed.add(kill);
    narrator.detail(
        affected(kill)
            + " requests were resumed or retried on other replicas, "
            + failed(kill)
            + " failed; the replica was restarted");
  }

  private ReplicaView victim() {
    return stack.client().replicas().stream()
        .filter(replica -> replica.version().version().equals(Integer.toString(stable)))
        .filter(replica -> replica.state() == ReplicaState.READY && replica.pid().isPresent())
        .findFirst()
        .orElseThrow(() -> new DemoException("no ready replica of chat@" + stable));
  }

  private List<Long> pids() {
    return stack.client().replicas().stream().flatMap(replica -> replica.pid().stream()).toList();
  }

  static long ready(DemoStack stack, String version) {
    return stack.client().replicas().stream()
        .filter(replica -> replica.version().version().equals(version))
        .filter(replica -> replica.state() == ReplicaState.READY)
        .count();
  }

  private static long affected(Killed kill) {
    return (kill.after().resumed() - kill.before().resumed())
        + (kill.after().retried() - kill.before().retried());
  }

  private static long failed(Killed kill) {
    return (kill.after().failed() - kill.before().failed())
        + (kill.after().harmed() - kill.before().harmed());
  }

  List<DemoReport.Fault> faults() {
    return killed.stream()
        .map(kill ->
            new DemoReport.Fault("kill -9 of a replica mid-stream", affected(kill), failed(kill)))
        .toList();
  }

  List<DemoReport.Release> releases(PlayerReport clientReport) {
    return ended.stream().map(end -> released(end, clientReport)).toList();
  }

  private static DemoReport.Release released(Ended end, PlayerReport clientReport) {
    String from = "chat@" + end.from();
    String to = "chat@" + end.to();
    String outcome = end.rollout().status().phase().text();
    List<String> decidedBy = end.rollout().status().decidedBy();
    if (!end.bad()) {
      return new DemoReport.Good("good", from, to, outcome, seconds(end), decidedBy);
    }
    Optional<PlayerReport.VersionReport> version = version(clientReport, end.to());
    return new DemoReport.Bad(
        "bad",
        from,
        to,
        outcome,
        secondsToRevert(end),
        version.map(PlayerReport.VersionReport::answers).orElse(0L),
        version.map(found -> found.failed() + found.harmed()).orElse(0L),
        decidedBy);
  }

  private static double seconds(Ended end) {
    return end.rollout()
        .status()
        .finishedAt()
        .map(finished -> between(end.applied(), finished))
        .orElse(0.0);
  }

  private static double secondsToRevert(Ended end) {
    Instant first = end.firstAnswer().orElse(end.applied());
    return end.rollout()
        .status()
        .revertedAt()
        .map(reverted -> between(first, reverted))
        .orElse(0.0);
  }

  private static double between(Instant from, Instant to) {
    return Math.max(0, Math.round(Duration.between(from, to).toMillis() / 100.0) / 10.0);
  }

  private static long answers(Optional<PlayerReport> clientReport, int version) {
    return clientReport
        .flatMap(report -> version(report, version))
        .map(PlayerReport.VersionReport::answers)
        .orElse(0L);
  }

  private static Optional<PlayerReport.VersionReport> version(
      PlayerReport clientReport, int version) {
    String text = Integer.toString(version);
    return clientReport.versions().stream()
        .filter(found -> found.version().equals(text) || found.version().endsWith("@" + text))
        .findFirst();
  }
}
