// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.HoldReason;
import dev.weir.analysis.Verdict;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.control.deployment.ReplicaAllocation;
import dev.weir.control.rollout.machine.ManualCommands;
import dev.weir.control.rollout.machine.RolloutDecision;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.control.rollout.machine.RolloutFacts;
import dev.weir.control.rollout.machine.RolloutFacts.Group;
import dev.weir.control.rollout.machine.RolloutFacts.Limits;
import dev.weir.control.rollout.machine.RolloutFacts.Routing;
import dev.weir.control.rollout.machine.RolloutFacts.Trouble;
import dev.weir.control.rollout.machine.RolloutMachine;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.BakeSpec;
import dev.weir.model.spec.ReleaseSpec.BlueGreenSpec;
import dev.weir.model.spec.ReleaseSpec.Match;
import dev.weir.model.spec.ReleaseSpec.RollingSpec;
import dev.weir.model.spec.ReleaseSpec.ShadowSpec;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.spec.RolloutSpec.Room;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.VersionRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// One Service in the middle of a release, small enough for ten thousand of them: so many replicas
/// of each version, and what the machine makes of what happens to them.
final class SequenceWorld {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final VersionRef ONE = new VersionRef("chat", "1");
  private static final VersionRef TWO = new VersionRef("chat", "2");
  private static final VersionRef THREE = new VersionRef("chat", "3");
  private static final Limits LIMITS =
      new Limits(
          Duration.ofSeconds(30),
          Duration.ofMinutes(1),
          Duration.ofMinutes(15),
          Duration.ofSeconds(30));
  private static final int MOST_QUIET_STEPS = 3_000;

  private final Random random;
  private final int replicas;
  private final List<String> story = new ArrayList<>();
  private Rollout rollout;
  private Service service;
  private Instant now = START;

  /// Ready replicas, and those that are on their way in or out.
  private int oldReady;

  private int oldStarting;
  private int oldLeaving;
  private int newReady;
  private int newStarting;
  private int newLeaving;
  private boolean broken;
  private boolean deaf;
  private boolean died;

  SequenceWorld(int seed, Random random, Strategy strategy, Room room) {
    this.random = random;
    this.replicas = 1 + random.nextInt(6);
    this.oldReady = replicas;
    Rollout blank = Resources.rollout("chat", 1, "chat@1", "chat@2");
    RolloutSpec spec = blank.spec();
    this.rollout =
        blank
            .withSpec(
                new RolloutSpec(
                    "chat",
                    ONE,
                    TWO,
                    7,
                    spec.specHash(),
                    spec.salt(),
                    release(strategy),
                    spec.firstTokenTimeout(),
                    spec.totalTimeout(),
                    new Scale(replicas, 1 + random.nextInt(2), room),
                    Optional.of(random.nextInt(8) == 0)))
            .withStatus(
                new RolloutStatus(
                    RolloutPhase.PENDING,
                    -1,
                    0,
                    Optional.of(START),
                    Optional.of(START),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    ""));
    this.service = wanting(TWO, 7, ServiceStatus.empty().withStable(new StableVersion(ONE, 1)));
    story.add("seed %d, %s, %s, %d replicas".formatted(seed, strategy, room, replicas));
  }

  private ReleaseSpec release(Strategy strategy) {
    List<ReleaseSpec.Step> steps = new ArrayList<>();
    if (random.nextInt(4) == 0) {
      steps.add(step(50, List.of(new Match(Map.of(), List.of("qa")))));
    }
    steps.add(step(5, List.of()));
    steps.add(step(50, List.of()));
    boolean ramps = random.nextInt(3) == 0;
    return new ReleaseSpec(
        strategy,
        ramps ? List.of() : steps,
        Resources.release().analysis(),
        new BakeSpec(Duration.ofMinutes(random.nextInt(3)), Percentage.of(random.nextInt(2) * 5)),
        new BlueGreenSpec(
            List.of(),
            Percentage.of(random.nextInt(2) * 10),
            random.nextBoolean(),
            Duration.ofMinutes(random.nextInt(3))),
        new RollingSpec(
            random.nextBoolean() ? Optional.empty() : Optional.of(2 + random.nextInt(3)),
            random.nextInt(4),
            Duration.ofSeconds(30)),
        new ShadowSpec(Percentage.of(10 + random.nextInt(50)), random.nextBoolean()),
        Duration.ofHours(1),
        3,
        List.of(),
        Optional.empty());
  }

  private ReleaseSpec.Step step(double weight, List<Match> match) {
    return new ReleaseSpec.Step(
        weight,
        match,
        random.nextBoolean(),
        Optional.of(Duration.ofMinutes(1 + random.nextInt(2))),
        random.nextInt(4) == 0,
        Map.of());
  }

  private static Service wanting(VersionRef version, long specRevision, ServiceStatus status) {
    return Resources.service("chat", version)
        .withMetadata(
            new Metadata(
                "default", "chat", Map.of(), Map.of(), 20, specRevision, Optional.of(START)))
        .withStatus(status.withRollout(Optional.of("chat-1")).withRollouts(1));
  }

  boolean over() {
    return rollout.status().phase().terminal();
  }

  boolean completed() {
    return rollout.status().phase() == RolloutPhase.COMPLETED;
  }

  String story() {
    return String.join("\n", story)
        + "\nold %d+%d+%d new %d+%d+%d %s, %s"
            .formatted(
                oldReady,
                oldStarting,
                oldLeaving,
                newReady,
                newStarting,
                newLeaving,
                service.status().stable(),
                rollout.status());
  }

  // ---- what happens
  // ------------------------------------------------------------------------------

  /// One event, and what the control plane makes of it.
  void disturb() {
    now = now.plusSeconds(random.nextInt(40));
    switch (random.nextInt(40)) {
      case 0 -> broken = true;
      case 1 -> broken = false;
      case 2 -> deaf = !deaf;
      case 3 -> newReady = die(newReady);
      case 4 -> oldReady = die(oldReady);
      case 5 -> service = wanting(ONE, 8, service.status());
      case 6 -> service = wanting(THREE, 9, service.status());
      case 7 -> take(ManualCommands.pause(rollout, service, facts(Optional.empty()), ""));
      case 8, 9 -> take(ManualCommands.resume(rollout, service, facts(Optional.empty()), ""));
      case 10, 11, 12 ->
          take(ManualCommands.promote(rollout, service, facts(Optional.empty()), ""));
      case 13 -> take(ManualCommands.abort(rollout, service, facts(Optional.empty()), ""));
      default -> {}
    }
    turn(verdict());
  }

  private int die(int ready) {
    died |= ready > 0;
    return Math.max(0, ready - 1);
  }

  /// Nobody does anything any more, everything works, and the statistics prove nothing bad.
  void runOut() {
    broken = false;
    deaf = false;
    for (int i = 0; i < MOST_QUIET_STEPS && !over(); i++) {
      now = now.plusSeconds(20);
      turn(random.nextInt(3) == 0 ? Optional.of(passes()) : Optional.empty());
    }
  }

  private Verdict passes() {
    boolean climbs =
        Stages.running(rollout).filter(stage -> stage.proof() == Stage.Proof.CLIMB).isPresent();
    int step = rollout.status().step();
    int last =
        (int)
            Stages.of(rollout.spec()).stream()
                .filter(stage -> stage.proof() == Stage.Proof.CLIMB)
                .count();
    return climbs
        ? new Verdict.Climb(step, random.nextInt(step + 1, last + 1), .1)
        : new Verdict.Promote(0, List.of(ReleaseMetric.ERROR));
  }

  private Optional<Verdict> verdict() {
    return switch (random.nextInt(30)) {
      case 0 ->
          Optional.of(new Verdict.Revert(ReleaseMetric.ERROR, 9, 6, List.of(ReleaseMetric.ERROR)));
      case 1, 2, 3, 4, 5 -> Optional.of(passes());
      case 6 -> Optional.of(new Verdict.Inconclusive("time"));
      case 7 ->
          Optional.of(
              new Verdict.Hold(
                  List.of(new HoldReason(HoldReason.Kind.NO_CANARY_TRAFFIC, "none came"))));
      case 8 -> Optional.of(new Verdict.Continue(List.of("time")));
      case 9 ->
          Optional.of(new Verdict.StepDown(rollout.status().step(), ReleaseMetric.ERROR, 3.5, 6));
      case 10 ->
          Optional.of(new Verdict.Climb(rollout.status().step() - 1, rollout.status().step(), .1));
      default -> Optional.empty();
    };
  }

  private void turn(Optional<Verdict> verdict) {
    boolean observed =
        Stages.running(rollout).filter(Stage::observed).isPresent()
            && rollout.status().phase() != RolloutPhase.ROLLING_BACK;
    take(RolloutMachine.next(rollout, service, facts(observed ? verdict : Optional.empty())));
    deploy();
  }

  private RolloutFacts facts(Optional<Verdict> verdict) {
    Optional<Trouble> trouble =
        broken && newReady + newStarting > 0
            ? Optional.of(new Trouble("crash loop", "exit code 1"))
            : Optional.empty();
    int wanted = wanted(TWO);
    return new RolloutFacts(
        now,
        false,
        new Group(
            wanted,
            Math.min(wanted, newReady),
            newReady,
            newReady + newStarting + newLeaving,
            trouble,
            ""),
        new Group(
            wanted(ONE),
            Math.min(wanted(ONE), oldReady),
            oldReady,
            oldReady + oldLeaving,
            Optional.empty(),
            ""),
        new Routing(true, deaf ? List.of("gw-b") : List.of(), List.of()),
        Optional.of(Duration.ofMinutes(10)),
        verdict,
        "",
        LIMITS);
  }

  // ---- what must be so
  // ---------------------------------------------------------------------------

  private void take(RolloutDecision rolloutDecision) {
    if (!(rolloutDecision instanceof Transition transition)) {
      return;
    }
    RolloutStatus before = rollout.status();
    RolloutStatus after = transition.status();
    story.add("%s -> %s".formatted(shown(before), shown(after)));
    assertThat(before.phase() == after.phase() || before.phase().next().contains(after.phase()))
        .as(this::story)
        .isTrue();
    assertThat(after.weight()).as(this::story).isBetween(0.0, 100.0);
    if (after.weight() > before.weight()) {
      boolean forward =
          after.phase() == RolloutPhase.PROGRESSING || after.phase() == RolloutPhase.PROMOTING;
      assertThat(forward && newReady > 0).as(this::story).isTrue();
      assertThat(after.weight() == 100 || oldReady > 0 || died).as(this::story).isTrue();
    }
    if (after.phase() == RolloutPhase.ROLLING_BACK) {
      assertThat(after.weight()).as(this::story).isLessThanOrEqualTo(before.weight());
      assertThat(after.revertedAt().isEmpty() || after.weight() == 0).as(this::story).isTrue();
    }
    rollout = rollout.withStatus(after);
    service = transition.service().map(service::withStatus).orElse(service);
  }

  private static String shown(RolloutStatus status) {
    return "%s %d %.1f%s"
        .formatted(
            status.phase(),
            status.step(),
            status.weight(),
            status.fillingSince().isPresent() ? " filling" : "");
  }

  private int wanted(VersionRef version) {
    return ReplicaAllocation.wanted(service, live(), version, replicas);
  }

  private Optional<Rollout> live() {
    return over() ? Optional.empty() : Optional.of(rollout);
  }

  /// Replicas come and go as they are wanted, as far as there is room.
  private void deploy() {
    int fewest = leastServing();
    oldLeaving = random.nextBoolean() ? 0 : oldLeaving;
    newLeaving = random.nextBoolean() ? 0 : newLeaving;
    int oldSurplus = Math.max(0, oldReady - wanted(ONE));
    int newSurplus = Math.max(0, newReady + newStarting - wanted(TWO));
    oldReady -= oldSurplus;
    oldLeaving += oldSurplus;
    int fromReady = Math.min(newReady, newSurplus);
    newReady -= fromReady;
    newStarting -= newSurplus - fromReady;
    newLeaving += newSurplus;
    if (oldSurplus > 0 && forward() && !died) {
      assertThat(oldReady + newReady).as(this::story).isGreaterThanOrEqualTo(fewest);
    }
    int room = room();
    int newcomers = Math.clamp(wanted(TWO) - newReady - newStarting, 0, Math.max(0, room));
    newStarting += newcomers;
    oldStarting +=
        Math.clamp(wanted(ONE) - oldReady - oldStarting, 0, Math.max(0, room - newcomers));
    if (random.nextInt(3) > 0 && !broken) {
      newReady += newStarting;
      newStarting = 0;
    }
    oldReady += oldStarting;
    oldStarting = 0;
    assertThat(rollout.status().weight() > 0 && forward() && newReady == 0 && !died)
        .as(this::story)
        .isFalse();
  }

  private boolean forward() {
    return switch (rollout.status().phase()) {
      case PENDING, PROVISIONING, PROGRESSING -> true;
      case PAUSED, PROMOTING, ROLLING_BACK -> false;
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> false;
    };
  }

  /// How few replicas may serve while replicas of the new version take the places of old ones.
  private int leastServing() {
    RolloutSpec spec = rollout.spec();
    boolean inPlace = spec.scale().room() == Room.IN_PLACE;
    if (spec.release().strategy() == Strategy.RECREATE || (inPlace && replicas == 1)) {
      return 0;
    }
    if (spec.undo()) {
      return inPlace ? oneByOne(spec) : replicas;
    }
    return switch (spec.release().strategy()) {
      case RECREATE -> 0;
      case ROLLING -> oneByOne(spec);
      case CANARY, BLUE_GREEN, SHADOW -> inPlace ? 0 : replicas;
    };
  }

  private int oneByOne(RolloutSpec spec) {
    int allowed = spec.release().rolling().maxUnavailableGpus() / spec.scale().gpus();
    return replicas - Math.max(spec.scale().room() == Room.IN_PLACE ? 1 : 0, allowed);
  }

  private int room() {
    int present = oldReady + oldStarting + oldLeaving + newReady + newStarting + newLeaving;
    var surplus = Stages.maxSurplus(rollout.spec());
    return over() || surplus.isEmpty()
        ? Integer.MAX_VALUE / 2
        : replicas + surplus.getAsInt() - present;
  }
}
