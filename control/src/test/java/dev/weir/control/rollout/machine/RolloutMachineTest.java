// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.HoldReason;
import dev.weir.analysis.Verdict;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.control.rollout.machine.RolloutDecision.Finding;
import dev.weir.control.rollout.machine.RolloutDecision.NoChange;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.control.rollout.machine.RolloutFacts.Group;
import dev.weir.control.rollout.machine.RolloutFacts.Limits;
import dev.weir.control.rollout.machine.RolloutFacts.Routing;
import dev.weir.control.rollout.machine.RolloutFacts.Trouble;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.VersionRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RolloutMachineTest {
  private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");
  private static final Limits LIMITS =
      new Limits(
          Duration.ofSeconds(30),
          Duration.ofMinutes(1),
          Duration.ofMinutes(15),
          Duration.ofSeconds(30));
  private static final Group WELL = new Group(2, 2, 2, 2, Optional.empty(), "");
  private static final Group GONE = new Group(0, 0, 0, 0, Optional.empty(), "");
  private static final Routing SETTLED = new Routing(true, List.of(), List.of());
  private static final VersionRef ONE = new VersionRef("chat", "1");
  private static final VersionRef TWO = new VersionRef("chat", "2");
  private static final VersionRef THREE = new VersionRef("chat", "3");

  private static Service service(VersionRef wanted, VersionRef stable, long specRevision) {
    return Resources.service("chat", wanted)
        .withMetadata(
            new Metadata("default", "chat", Map.of(), Map.of(), 20, specRevision, Optional.of(NOW)))
        .withStatus(
            ServiceStatus.empty()
                .withStable(new StableVersion(stable, 1))
                .withRollout(Optional.of("chat-1"))
                .withRollouts(1));
  }

  private static Rollout rollout(RolloutPhase phase, int step, double weight) {
    Rollout blank = Resources.rollout("chat", 1, "chat@1", "chat@2");
    RolloutStatus status =
        new RolloutStatus(
            phase,
            step,
            weight,
            Optional.of(NOW),
            Optional.of(NOW),
            Optional.of(NOW),
            Optional.empty(),
            phase == RolloutPhase.ROLLING_BACK
                ? Optional.of(RolloutPhase.ROLLED_BACK)
                : Optional.empty(),
            phase == RolloutPhase.PAUSED ? Optional.of(RolloutPhase.PROGRESSING) : Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            "");
    return blank.withStatus(status);
  }

  private static RolloutFacts facts(
      Group canary, Group fallback, Routing routing, Verdict... verdict) {
    return new RolloutFacts(
        NOW,
        false,
        canary,
        fallback,
        routing,
        Optional.of(Duration.ofMinutes(10)),
        List.of(verdict).stream().findFirst(),
        "error 2.1/3.0",
        LIMITS);
  }

  private static RolloutFacts later(RolloutFacts facts, Duration by) {
    return new RolloutFacts(
        facts.now().plus(by),
        facts.adopting(),
        facts.canary(),
        facts.fallback(),
        facts.routing(),
        facts.startupTimeout(),
        facts.verdict(),
        facts.progress(),
        facts.limits());
  }

  private static Transition transition(Rollout rollout, RolloutFacts facts) {
    RolloutDecision rolloutDecision = RolloutMachine.next(rollout, service(TWO, ONE, 7), facts);
    assertThat(rolloutDecision).isInstanceOf(Transition.class);
    return (Transition) rolloutDecision;
  }

  private static NoChange noChange(Rollout rollout, RolloutFacts facts) {
    RolloutDecision rolloutDecision = RolloutMachine.next(rollout, service(TWO, ONE, 7), facts);
    assertThat(rolloutDecision).isInstanceOf(NoChange.class);
    return (NoChange) rolloutDecision;
  }

  @Test
  void a_ready_canary_enters_the_first_step() {
    Transition transition =
        transition(rollout(RolloutPhase.PROVISIONING, -1, 0), facts(WELL, WELL, SETTLED));
    assertThat(transition.status().phase()).isEqualTo(RolloutPhase.PROGRESSING);
    assertThat(transition.status().step()).isZero();
    assertThat(transition.status().weight()).isEqualTo(1);
  }

  @Test
  void proof_leads_to_the_next_step_and_after_the_last_to_promotion() {
    Verdict proof = new Verdict.Promote(0, List.of(ReleaseMetric.ERROR));
    Transition next =
        transition(rollout(RolloutPhase.PROGRESSING, 0, 1), facts(WELL, WELL, SETTLED, proof));
    assertThat(next.status().step()).isEqualTo(1);
    assertThat(next.status().weight()).isEqualTo(5);
    assertThat(next.finding()).map(Finding::verdict).contains("Promote");
    Transition last =
        transition(rollout(RolloutPhase.PROGRESSING, 3, 50), facts(WELL, WELL, SETTLED, proof));
    assertThat(last.status().phase()).isEqualTo(RolloutPhase.PROMOTING);
    assertThat(last.status().weight()).isZero();
    assertThat(last.service().orElseThrow().stable().orElseThrow().version()).isEqualTo(TWO);
  }

  @Test
  void harm_reverts_with_the_metrics_that_crossed() {
    Verdict harm =
        new Verdict.Revert(
            ReleaseMetric.TTFT, 9, 6, List.of(ReleaseMetric.TTFT, ReleaseMetric.ERROR));
    Transition transition =
        transition(rollout(RolloutPhase.PROGRESSING, 1, 5), facts(WELL, WELL, SETTLED, harm));
    assertThat(transition.status().phase()).isEqualTo(RolloutPhase.ROLLING_BACK);
    assertThat(transition.status().weight()).isZero();
    assertThat(transition.status().decidedBy()).containsExactly("ttft", "error");
    assertThat(transition.status().revertDecidedAt()).contains(NOW);
    Transition paused =
        transition(rollout(RolloutPhase.PAUSED, 1, 5), facts(WELL, WELL, SETTLED, harm));
    assertThat(paused.status().phase()).isEqualTo(RolloutPhase.ROLLING_BACK);
  }

  @Test
  void a_hold_and_a_continue_stay_and_say_why() {
    Verdict hold =
        new Verdict.Hold(
            List.of(
                new HoldReason(HoldReason.Kind.NO_CANARY_TRAFFIC, "12 expected, none arrived")));
    assertThat(noChange(rollout(RolloutPhase.PROGRESSING, 1, 5), facts(WELL, WELL, SETTLED, hold)))
        .extracting(NoChange::message)
        .asString()
        .contains("step 2/4 at 5 %", "NO_CANARY_TRAFFIC", "error 2.1/3.0");
    Verdict going = new Verdict.Continue(List.of("time in step 4 of 10 s"));
    assertThat(noChange(rollout(RolloutPhase.PROGRESSING, 1, 5), facts(WELL, WELL, SETTLED, going)))
        .extracting(NoChange::message)
        .asString()
        .contains("time in step 4 of 10 s");
  }

  @Test
  void an_inconclusive_step_pauses_by_default() {
    Verdict open = new Verdict.Inconclusive("too few requests");
    Transition transition =
        transition(rollout(RolloutPhase.PROGRESSING, 1, 5), facts(WELL, WELL, SETTLED, open));
    assertThat(transition.status().phase()).isEqualTo(RolloutPhase.PAUSED);
    assertThat(transition.status().weight()).isEqualTo(5);
    assertThat(transition.finding()).map(Finding::verdict).contains("Inconclusive");
  }

  @ParameterizedTest
  @EnumSource(
      value = RolloutPhase.class,
      names = {"PROVISIONING", "PROGRESSING", "PAUSED", "PROMOTING"})
  void a_guard_reverts_from_every_phase_with_replicas(RolloutPhase phase) {
    Group broken = new Group(2, 1, 1, 2, Optional.of(new Trouble("crash loop", "exit code 1")), "");
    Rollout rollout = rollout(phase, 0, phase == RolloutPhase.PROGRESSING ? 5 : 0);
    Service service = service(TWO, phase == RolloutPhase.PROMOTING ? TWO : ONE, 7);
    Transition transition =
        (Transition) RolloutMachine.next(rollout, service, facts(broken, WELL, SETTLED));
    assertThat(transition.status().phase()).isEqualTo(RolloutPhase.ROLLING_BACK);
    assertThat(transition.status().ending()).contains(RolloutPhase.ROLLED_BACK);
    assertThat(transition.finding()).map(Finding::verdict).contains("Guard");
    if (phase == RolloutPhase.PROMOTING) {
      assertThat(transition.service().orElseThrow().stable().orElseThrow().version())
          .isEqualTo(ONE);
    }
  }

  @Test
  void without_a_ready_stable_replica_a_revert_waits_and_then_happens() {
    Verdict harm = new Verdict.Revert(ReleaseMetric.ERROR, 9, 6, List.of(ReleaseMetric.ERROR));
    Transition pause =
        transition(rollout(RolloutPhase.PROGRESSING, 1, 5), facts(WELL, GONE, SETTLED, harm));
    assertThat(pause.status().phase()).isEqualTo(RolloutPhase.PAUSED);
    assertThat(pause.status().weight()).isEqualTo(5);
    assertThat(pause.status().message()).startsWith("ALARM");
    Rollout paused = rollout(RolloutPhase.PAUSED, 1, 5).withStatus(pause.status());
    assertThat(noChange(paused, facts(WELL, GONE, SETTLED)).message()).startsWith("ALARM");
    Transition back = transition(paused, facts(WELL, WELL, SETTLED));
    assertThat(back.status().phase()).isEqualTo(RolloutPhase.ROLLING_BACK);
    assertThat(back.status().decidedBy()).containsExactly("error");
    assertThat(ManualCommands.resume(paused, service(TWO, ONE, 7), facts(WELL, GONE, SETTLED), "x"))
        .isInstanceOf(NoChange.class);
  }

  @Test
  void rolling_back_waits_for_gateways_then_for_replicas_then_remembers_the_failure() {
    Rollout rollout = rollout(RolloutPhase.ROLLING_BACK, 1, 0);
    Routing waiting = new Routing(true, List.of("gw-b"), List.of());
    assertThat(noChange(rollout, facts(WELL, WELL, waiting)).message()).contains("gw-b");
    Transition reverted = transition(rollout, facts(WELL, WELL, SETTLED));
    assertThat(reverted.status().phase()).isEqualTo(RolloutPhase.ROLLING_BACK);
    assertThat(reverted.status().revertedAt()).contains(NOW);
    Rollout routed = rollout.withStatus(reverted.status());
    assertThat(noChange(routed, facts(WELL, WELL, SETTLED)).message()).contains("draining");
    Transition over = transition(routed, facts(GONE, WELL, SETTLED));
    assertThat(over.status().phase()).isEqualTo(RolloutPhase.ROLLED_BACK);
    assertThat(over.service().orElseThrow().failed())
        .singleElement()
        .satisfies(f -> assertThat(f.version()).isEqualTo(TWO));
    assertThat(over.service().orElseThrow().rollout()).isEmpty();
  }

  @Test
  void a_revert_that_every_gateway_has_carried_out_does_not_wait_for_long_answers() {
    Rollout rollout = rollout(RolloutPhase.ROLLING_BACK, 1, 0);
    Rollout routed = rollout.withStatus(transition(rollout, facts(WELL, WELL, SETTLED)).status());
    RolloutFacts soon = later(facts(WELL, WELL, SETTLED), Duration.ofSeconds(30));
    assertThat(noChange(routed, soon).message()).contains("draining");
    Transition over = transition(routed, later(soon, Duration.ofSeconds(1)));
    assertThat(over.status().phase()).isEqualTo(RolloutPhase.ROLLED_BACK);
    assertThat(over.status().revertedAt()).contains(NOW);
    assertThat(over.status().message()).contains("still there");
  }

  @Test
  void every_wait_has_an_end() {
    Duration longest = Duration.ofMinutes(20);
    Routing deaf = new Routing(true, List.of("gw-b"), List.of());
    Group loading = new Group(2, 0, 0, 2, Optional.empty(), "loading 40 %");
    assertThat(
            transition(
                    rollout(RolloutPhase.PROVISIONING, -1, 0),
                    later(facts(loading, WELL, SETTLED), longest))
                .status()
                .phase())
        .isEqualTo(RolloutPhase.ROLLING_BACK);
    assertThat(
            transition(
                    rollout(RolloutPhase.ROLLING_BACK, 0, 0),
                    later(facts(WELL, WELL, deaf), longest))
                .status()
                .message())
        .contains("gw-b");
    assertThat(
            transition(
                    rollout(RolloutPhase.PROMOTING, 0, 0),
                    later(facts(WELL, WELL, SETTLED), longest))
                .status()
                .message())
        .contains("still there");
  }

  @Test
  void the_spec_decides_whether_a_rollout_is_still_wanted() {
    Rollout running = rollout(RolloutPhase.PROGRESSING, 0, 5);
    RolloutFacts facts = facts(WELL, WELL, SETTLED);
    Transition superseded =
        (Transition) RolloutMachine.next(running, service(THREE, ONE, 8), facts);
    assertThat(superseded.status().ending()).contains(RolloutPhase.SUPERSEDED);
    Transition aborted = (Transition) RolloutMachine.next(running, service(ONE, ONE, 8), facts);
    assertThat(aborted.status().ending()).contains(RolloutPhase.ABORTED);
    assertThat(RolloutMachine.next(running, service(TWO, ONE, 8), facts))
        .isInstanceOf(NoChange.class);
  }

  private static Rollout ramp(int step) {
    Rollout steps = rollout(RolloutPhase.PROGRESSING, step, 1);
    ReleaseSpec release = steps.spec().release().withSteps(List.of());
    return steps.withSpec(steps.spec().withRelease(release));
  }

  @Test
  void a_ramp_climbs_one_weight_for_each_verdict_of_its_step() {
    Transition up = transition(ramp(1), facts(WELL, WELL, SETTLED, new Verdict.Climb(1, 2, .05)));
    assertThat(up.status().step()).isEqualTo(2);
    assertThat(up.status().weight()).isEqualTo(5);
    assertThat(up.status().decidedBy()).as("a weight decides nothing").isEmpty();
    assertThat(up.finding())
        .hasValueSatisfying(finding -> {
          assertThat(finding.verdict()).isEqualTo("Climb");
          assertThat(finding.reason()).contains("at most 5 % of the requests to chat@2 fail");
        });
    NoChange again =
        noChange(
            ramp(1).withStatus(up.status()),
            facts(WELL, WELL, SETTLED, new Verdict.Climb(1, 2, .05)));
    assertThat(again.message()).as("the same verdict again").contains("step 3");
  }

  @Test
  void a_ramp_skips_the_weights_that_the_evidence_makes_unnecessary() {
    Transition up = transition(ramp(1), facts(WELL, WELL, SETTLED, new Verdict.Climb(1, 6, .01)));
    assertThat(up.status().step()).isEqualTo(6);
    assertThat(up.status().weight()).isEqualTo(50);
  }

  @Test
  void a_ramp_without_capacity_for_both_versions_skips_no_weight() {
    Rollout ramp = ramp(1);
    Rollout inPlace =
        ramp.withSpec(ramp.spec().withScale(new Scale(4, 1, RolloutSpec.Room.IN_PLACE)));
    Transition up = transition(inPlace, facts(WELL, WELL, SETTLED, new Verdict.Climb(1, 6, .01)));
    assertThat(up.status().step()).isEqualTo(2);
  }

  @Test
  void a_ramp_waits_for_its_replicas_before_it_climbs() {
    Group starting = new Group(2, 1, 1, 2, Optional.empty(), "");
    NoChange wait = noChange(ramp(1), facts(starting, WELL, SETTLED, new Verdict.Climb(1, 2, .05)));
    assertThat(wait.message()).contains("1 of 2 replicas ready");
  }

  @Test
  void a_ramp_that_looks_worse_returns_to_the_previous_weight() {
    Verdict worse = new Verdict.StepDown(2, ReleaseMetric.TTFT, 3.5, 6.2);
    Transition down = transition(ramp(2), facts(WELL, WELL, SETTLED, worse));
    assertThat(down.status().phase()).isEqualTo(RolloutPhase.PROGRESSING);
    assertThat(down.status().step()).isEqualTo(1);
    assertThat(down.status().weight()).isEqualTo(2);
    assertThat(down.reason()).contains("ttft looks worse (log e 3.5 of 6.2)");
    assertThat(down.finding().map(Finding::verdict)).contains("StepDown");
    assertThat(
            noChange(
                ramp(0),
                facts(WELL, WELL, SETTLED, new Verdict.StepDown(0, ReleaseMetric.TTFT, 3.5, 6.2))))
        .as("there is no smaller weight")
        .isNotNull();
  }

  @Test
  void a_rollout_of_an_earlier_weir_without_steps_is_an_undo() {
    RolloutSpec spec = ramp(0).spec();
    RolloutSpec old =
        new RolloutSpec(
            spec.service(),
            spec.from(),
            spec.to(),
            spec.specRevision(),
            spec.specHash(),
            spec.salt(),
            spec.release(),
            spec.firstTokenTimeout(),
            spec.totalTimeout(),
            spec.scale(),
            Optional.empty());
    assertThat(old.undo()).isTrue();
    assertThat(spec.undo()).isFalse();
  }

  @Test
  void an_undo_goes_straight_to_promotion() {
    Rollout blank = rollout(RolloutPhase.PROVISIONING, -1, 0);
    RolloutSpec spec = blank.spec();
    Rollout undo =
        blank.withSpec(
            new RolloutSpec(
                spec.service(),
                spec.from(),
                spec.to(),
                spec.specRevision(),
                spec.specHash(),
                spec.salt(),
                spec.release(),
                spec.firstTokenTimeout(),
                spec.totalTimeout(),
                spec.scale(),
                Optional.of(true)));
    Transition pause = transition(undo, facts(WELL, WELL, SETTLED));
    Transition promoting = transition(undo.withStatus(pause.status()), facts(WELL, WELL, SETTLED));
    assertThat(promoting.status().phase()).isEqualTo(RolloutPhase.PROMOTING);
  }

  @Test
  void whatever_happens_transitions_are_legal_and_weight_goes_only_with_serving_phases() {
    Random random = new Random(11);
    for (int run = 0; run < 400; run++) {
      Rollout rollout = rollout(RolloutPhase.PENDING, -1, 0);
      Service service = service(TWO, ONE, 7);
      Instant now = NOW;
      for (int i = 0; i < 60 && !rollout.status().phase().terminal(); i++) {
        now = now.plusSeconds(random.nextInt(120));
        RolloutFacts facts = anyFacts(random, now);
        RolloutDecision rolloutDecision =
            random.nextInt(10) == 0
                ? anyCommand(random, rollout, service, facts)
                : RolloutMachine.next(rollout, service, facts);
        if (rolloutDecision instanceof Transition transition) {
          RolloutPhase from = rollout.status().phase();
          RolloutPhase to = transition.status().phase();
          assertThat(from == to || from.next().contains(to)).as(from + " to " + to).isTrue();
          boolean mayServe = to == RolloutPhase.PROGRESSING || to == RolloutPhase.PAUSED;
          assertThat(mayServe || transition.status().weight() == 0).isTrue();
          assertThat(transition.status().weight()).isBetween(0.0, 100.0);
          if (to == RolloutPhase.ROLLING_BACK && from != to) {
            assertThat(transition.status().revertDecidedAt()).contains(now);
          }
          rollout = rollout.withStatus(transition.status());
          service = transition.service().map(service::withStatus).orElse(service);
        }
      }
    }
  }

  private static RolloutDecision anyCommand(
      Random random, Rollout rollout, Service service, RolloutFacts facts) {
    return switch (random.nextInt(4)) {
      case 0 -> ManualCommands.pause(rollout, service, facts, "p");
      case 1 -> ManualCommands.resume(rollout, service, facts, "r");
      case 2 -> ManualCommands.promote(rollout, service, facts, "f");
      default -> ManualCommands.abort(rollout, service, facts, "a");
    };
  }

  private static RolloutFacts anyFacts(Random random, Instant now) {
    List<Verdict> verdicts = new ArrayList<>();
    switch (random.nextInt(8)) {
      case 0 ->
          verdicts.add(new Verdict.Revert(ReleaseMetric.ERROR, 9, 6, List.of(ReleaseMetric.ERROR)));
      case 1, 2, 3 -> verdicts.add(new Verdict.Promote(0, List.of(ReleaseMetric.ERROR)));
      case 4 -> verdicts.add(new Verdict.Inconclusive("time"));
      case 5 -> verdicts.add(new Verdict.Continue(List.of("time")));
      default -> {}
    }
    Group canary =
        new Group(
            2,
            random.nextInt(3),
            random.nextInt(3),
            random.nextInt(3),
            random.nextInt(12) == 0
                ? Optional.of(new Trouble("crash loop", "x"))
                : Optional.empty(),
            "");
    Group fallback = new Group(2, 2, random.nextInt(3), random.nextInt(3), Optional.empty(), "");
    return new RolloutFacts(
        now,
        random.nextBoolean(),
        canary,
        fallback,
        new Routing(random.nextBoolean(), List.of(), List.of()),
        Optional.of(Duration.ofMinutes(10)),
        verdicts.stream().findFirst(),
        "",
        LIMITS);
  }
}
