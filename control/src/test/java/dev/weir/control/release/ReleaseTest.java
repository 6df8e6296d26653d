// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.THREE;
import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.control.ControlWorld;
import dev.weir.control.SimulatedGateway;
import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.control.convergence.ConvergenceAlarm;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.view.Evidence;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Releases from end to end: a real store, a fake provider, gateways that draw their requests.
class ReleaseTest {
  private static final Actor ADA = new Actor("ada", "127.0.0.1", "r2");
  private static final Behaviour GOOD = new Behaviour(.002, .2);
  private static final Behaviour BAD = new Behaviour(.08, .4);

  @TempDir Path folder;

  @Test
  void a_good_version_is_promoted_by_proof() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", GOOD);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);

      assertThat(world.stable()).isEqualTo(TWO);
      assertThat(world.runningVersions()).containsExactly(TWO);
      assertThat(world.service().status().rollout()).isEmpty();
      List<Evidence> evidence = world.evidence("chat-1");
      assertThat(evidence).extracting(Evidence::verdict).containsExactly("Promote", "Promote");
      assertThat(evidence).extracting(Evidence::step).containsExactly(0, 1);
      assertThat(evidence)
          .allSatisfy(e -> {
            assertThat(e.replay()).contains("\"plan\"").contains("\"evidence\"");
            assertThat(e.metrics()).hasSize(AnalysisPlan.defaults().metrics().size());
            assertThat(e.history()).isNotEmpty();
          });
      world.steps(20);
      assertThat(world.rollouts()).hasSize(1);
    }
  }

  @Test
  void a_bad_version_is_reverted_with_evidence_and_not_tried_again() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", BAD);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 400);

      RolloutStatus status = world.rollout("chat-1").status();
      assertThat(world.stable()).isEqualTo(ONE);
      assertThat(world.runningVersions()).containsExactly(ONE);
      assertThat(status.decidedBy()).isNotEmpty().isSubsetOf("error", "ttft");
      assertThat(status.revertedAt()).isPresent();
      assertThat(
              Duration.between(
                  status.revertDecidedAt().orElseThrow(), status.revertedAt().orElseThrow()))
          .isLessThanOrEqualTo(Duration.ofSeconds(1));
      Evidence decision = world.evidence("chat-1").getLast();
      assertThat(decision.verdict()).isEqualTo("Revert");
      assertThat(decision.decidedBy()).isEqualTo(status.decidedBy());
      assertThat(decision.metrics())
          .anySatisfy(m -> assertThat(m.harmLogE()).isGreaterThanOrEqualTo(m.harmThreshold()));
      assertThat(world.summary("chat-1").text())
          .contains("chat@2", ": rolled back. chat@1 serves all requests")
          .doesNotContain("log e");
      assertThat(world.service().status().failed())
          .extracting(FailedRelease::version)
          .containsExactly(TWO);
      world.steps(20);
      assertThat(world.rollouts()).hasSize(1);
      assertThat(world.control().views().outOfSync(world.service()).orElseThrow())
          .startsWith("chat@2 was rolled back at ")
          .endsWith("; `weir rollout retry chat` tries again");
      assertThat(world.control().views().serving().getFirst().outOfSync())
          .startsWith("chat@2 was rolled back at ");
    }
  }

  @Test
  void a_running_release_is_summarised_with_the_numbers_of_its_latest_analysis() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", GOOD);
      world.serving().want(TWO);
      world.until(
          "an answer of the canary",
          w -> !w.rollouts().isEmpty() && w.summary("chat-1").text().contains("requests to chat@2"),
          400);
      assertThat(world.summary("chat-1").metrics())
          .anySatisfy(m -> assertThat(m.canary()).contains(" of "));
      assertThat(world.summary("chat-1").latest()).isPresent();
      assertThat(world.summary("chat-1").next().getFirst()).startsWith("Weir ");
    }
  }

  @Test
  void a_failed_version_is_tried_again_when_somebody_says_retry() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.provider.crash(TWO);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 100);
      CommandResult retried =
          world.control().commands().retry(ControlWorld.ref("chat-1"), ADA, "again");
      assertThat(retried).isInstanceOf(CommandResult.Done.class);
      world.untilPhase("chat-2", RolloutPhase.ROLLED_BACK, 100);
    }
  }

  @Test
  void a_crash_loop_of_the_canary_is_a_guard() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.provider.crash(TWO);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 100);
      assertThat(world.rollout("chat-1").status().decidedBy()).containsExactly("crash loop");
      assertThat(world.evidence("chat-1")).extracting(Evidence::verdict).containsExactly("Guard");
    }
  }

  @Test
  void a_canary_that_never_becomes_ready_is_reverted_when_its_time_is_over() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.provider.loadForEver(TWO);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROVISIONING, 10);
      world.clock.advance(Duration.ofMinutes(10));
      world.steps(2);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PROVISIONING);
      world.clock.advance(Duration.ofSeconds(30));
      world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 50);
      assertThat(world.rollout("chat-1").status().decidedBy()).containsExactly("not started");
    }
  }

  @Test
  void nothing_is_reverted_onto_a_stable_version_that_does_not_answer() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", GOOD);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.steps(4);
      world.provider.set(ONE, ReplicaState.UNREADY);
      world.provider.crash(TWO);
      world.untilPhase("chat-1", RolloutPhase.PAUSED, 10);
      assertThat(world.rollout("chat-1").status().message()).contains("ALARM");
      world.step();
      assertThat(world.control().watchdog().alarms())
          .singleElement()
          .satisfies(alarm -> {
            assertThat(alarm.reason()).isEqualTo(ConvergenceAlarm.Reason.NO_TARGET);
            assertThat(alarm.detail()).contains("no ready replica to go back to");
          });
      world.provider.set(ONE, ReplicaState.READY);
      world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 50);
      assertThat(world.stable()).isEqualTo(ONE);
      assertThat(world.control().watchdog().alarms()).isEmpty();
    }
  }

  @Test
  void a_third_version_supersedes_the_second() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.want(THREE);
      world.untilPhase("chat-1", RolloutPhase.SUPERSEDED, 50);
      world.untilPhase("chat-2", RolloutPhase.PROGRESSING, 50);
      assertThat(world.rollout("chat-2").spec().to()).isEqualTo(THREE);
      assertThat(world.service().status().failed()).isEmpty();
    }
  }

  @Test
  void a_spec_that_names_the_stable_version_again_aborts() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.want(ONE);
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 50);
      assertThat(world.service().status().failed()).isEmpty();
    }
  }

  @Test
  void scale_reaches_the_stable_version_during_a_rollout() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.want(TWO, 3);
      world.steps(4);
      assertThat(world.provider.running().stream().filter(n -> n.version().equals(ONE))).hasSize(3);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PROGRESSING);
    }
  }

  @Test
  void people_pause_resume_promote_and_abort() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      var commands = world.control().commands();
      assertThat(commands.resume(ControlWorld.ref("chat-1"), ADA, "no"))
          .isInstanceOf(CommandResult.Refused.class);
      assertThat(commands.pause(ControlWorld.ref("chat-1"), ADA, "lunch"))
          .isInstanceOf(CommandResult.Done.class);
      world.steps(10);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PAUSED);
      assertThat(commands.resume(ControlWorld.ref("chat-1"), ADA, "back"))
          .isInstanceOf(CommandResult.Done.class);
      assertThat(commands.promote(ControlWorld.ref("chat-1"), ADA, "sure"))
          .isInstanceOf(CommandResult.Done.class);
      assertThat(world.rollout("chat-1").status().step()).isEqualTo(1);
      assertThat(commands.abort(ControlWorld.ref("chat-1"), ADA, "no more"))
          .isInstanceOf(CommandResult.Done.class);
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 50);
      assertThat(world.evidence("chat-1"))
          .hasSize(4)
          .allSatisfy(e -> assertThat(e.verdict()).isEqualTo("Manual"));
      assertThat(world.store.audit(0, 1_000))
          .anySatisfy(entry -> {
            assertThat(entry.principal()).isEqualTo("ada");
            assertThat(entry.reason()).contains("no more");
          });
      world.steps(10);
      assertThat(world.rollouts()).as("an aborted version is not tried again").hasSize(1);
      assertThat(commands.pause(ControlWorld.ref("chat-9"), ADA, ""))
          .isInstanceOf(CommandResult.NotFound.class);
    }
  }

  @Test
  void rollback_without_a_live_rollout_goes_back_to_the_version_before() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      var commands = world.control().commands();
      CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
      CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 60);
      assertThat(commands.rollback(world.service().ref(), Optional.empty(), ADA, "it smells"))
          .isInstanceOf(CommandResult.Done.class);
      world.untilPhase("chat-2", RolloutPhase.COMPLETED, 60);
      assertThat(world.stable()).isEqualTo(ONE);
      world.steps(10);
      assertThat(world.rollouts()).as("the version the spec names is not tried again").hasSize(2);
    }
  }

  @Test
  void a_retry_after_an_undo_releases_the_version_in_the_spec_again() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      var commands = world.control().commands();
      CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
      CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 60);
      CommandResult _ = commands.rollback(world.service().ref(), Optional.empty(), ADA, "undo");
      world.untilPhase("chat-2", RolloutPhase.COMPLETED, 60);
      assertThat(commands.retry(ControlWorld.ref("chat-2"), ADA, "fixed"))
          .isEqualTo(new CommandResult.Done("retrying chat@2"));
      world.untilPhase("chat-3", RolloutPhase.PROGRESSING, 60);
      assertThat(world.rollout("chat-3").spec().to()).isEqualTo(TWO);
    }
  }

  @Test
  void a_retry_after_an_undo_of_an_earlier_release_tries_the_rolled_back_version_again() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      var commands = world.control().commands();
      CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
      CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 60);
      world.want(THREE);
      world.untilPhase("chat-2", RolloutPhase.PROGRESSING, 20);
      CommandResult _ = commands.abort(ControlWorld.ref("chat-2"), ADA, "it smells");
      world.untilPhase("chat-2", RolloutPhase.ABORTED, 60);
      CommandResult _ = commands.rollback(world.service().ref(), Optional.empty(), ADA, "older");
      world.untilPhase("chat-3", RolloutPhase.COMPLETED, 60);

      assertThat(world.stable()).isEqualTo(ONE);
      assertThat(world.control().views().outOfSync(world.service()).orElseThrow())
          .as("the undo concerned chat@2")
          .startsWith("chat@3 was aborted at ");
      assertThat(commands.retry(ControlWorld.ref("chat-3"), ADA, "fixed"))
          .isEqualTo(new CommandResult.Done("retrying chat@3"));
      world.untilPhase("chat-4", RolloutPhase.PROGRESSING, 60);
      assertThat(world.rollout("chat-4").spec().to()).isEqualTo(THREE);
    }
  }

  @Test
  void a_version_that_serves_cannot_be_retried() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      var commands = world.control().commands();
      CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
      CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 60);
      assertThat(commands.retry(ControlWorld.ref("chat-1"), ADA, "again"))
          .isEqualTo(new CommandResult.Refused("chat@2 serves already"));
    }
  }

  @Test
  void a_gateway_that_missed_the_revert_is_waited_for_until_its_lease_has_ended() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway deaf = new SimulatedGateway("gw-b", 2, 30, world.behaviours);
      world.gateways.add(deaf);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.steps(4);
      deaf.disconnect();
      CommandResult _ =
          world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "cut off");
      world.steps(50);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.ROLLING_BACK);
      assertThat(world.progress("chat-1")).contains("gw-b");
      assertThat(world.runningVersions()).contains(TWO);
      int fed = deaf.canaryServed();
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 60);
      world.steps(20);
      int fedUntilLeaseEnd = deaf.canaryServed();
      world.steps(20);
      assertThat(fedUntilLeaseEnd).isGreaterThanOrEqualTo(fed).isEqualTo(deaf.canaryServed());
      deaf.connect();
      world.steps(4);
      assertThat(world.control().views().gateways())
          .allSatisfy(g -> assertThat(g.connected()).isTrue());
    }
  }

  @Test
  void a_silent_gateway_keeps_the_old_stable_version_running_for_ten_minutes() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway deaf = new SimulatedGateway("gw-b", 2, 30, world.behaviours);
      world.gateways.add(deaf);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      var commands = world.control().commands();
      CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
      deaf.disconnect();
      CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
      world.untilPhase("chat-1", RolloutPhase.PROMOTING, 5);
      world.clock.advance(Duration.ofMinutes(9));
      world.steps(20);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PROMOTING);
      assertThat(world.progress("chat-1")).contains("gw-b");
      assertThat(world.runningVersions()).containsExactly(ONE, TWO);
      world.clock.advance(Duration.ofMinutes(1));
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 40);
      assertThat(world.runningVersions()).containsExactly(TWO);
    }
  }

  @Test
  void a_lost_analysis_state_costs_half_of_alpha_and_is_flagged() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", GOOD);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.steps(20);
      world.store.analysis().delete("default/chat-1");
      world.restart();
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
      assertThat(world.evidence("chat-1").getFirst().flags())
          .anySatisfy(flag -> assertThat(flag).contains("lost 1 times", "0.005"));
    }
  }
}
