// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.THREE;
import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ControlWorld;
import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.model.Resources;
import dev.weir.model.spec.PolicySpec.OnRunning;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Releases that wait, and those that do not.
class GuardRailsTest {
  private static final Actor ADA = new Actor("ada", "127.0.0.1", "r2");
  private static final Behaviour GOOD = new Behaviour(.002, .2);
  private static final Behaviour BAD = new Behaviour(.08, .4);

  private static final String HOOKS = "http://127.0.0.1:9/hooks";

  @TempDir Path folder;

  @Test
  void a_release_that_is_asked_for_in_a_freeze_begins_when_it_is_over() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving();
      world.freeze(Duration.ofMinutes(30), OnRunning.CONTINUE);
      world.want(TWO);
      world.steps(200);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PENDING);
      assertThat(world.runningVersions()).containsExactly(ONE);
      assertThat(world.progress("chat-1"))
          .startsWith("frozen until ")
          .endsWith("by policy calm (now)");
      assertThat(world.progress("chat-1")).contains("Z by");

      world.clock.advance(Duration.ofMinutes(29));
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
    }
  }

  @Test
  void a_freeze_that_is_taken_away_holds_nothing() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving();
      world.freeze(Duration.ofDays(30), OnRunning.CONTINUE);
      world.want(TWO);
      world.steps(20);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PENDING);
      world.delete(ResourceRef.of(Kind.POLICY, "", "calm"));
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
    }
  }

  @Test
  void a_release_that_waits_can_be_aborted_and_superseded() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving();
      world.freeze(Duration.ofDays(30), OnRunning.CONTINUE);
      world.want(TWO);
      world.steps(20);
      world.want(THREE);
      world.untilPhase("chat-1", RolloutPhase.SUPERSEDED, 20);
      world.steps(5);
      assertThat(world.phase("chat-2")).isEqualTo(RolloutPhase.PENDING);
      assertThat(world.control().commands().abort(ControlWorld.ref("chat-2"), ADA, "no"))
          .isInstanceOf(CommandResult.Done.class);
      world.untilPhase("chat-2", RolloutPhase.ABORTED, 20);
    }
  }

  @Test
  void what_runs_goes_on_and_a_revert_passes_always() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", GOOD);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.freeze(Duration.ofDays(30), OnRunning.CONTINUE);
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
      assertThat(
              world
                  .control()
                  .commands()
                  .rollback(
                      ResourceRef.of(Kind.SERVICE, "default", "chat"),
                      Optional.empty(),
                      ADA,
                      "undo"))
          .isInstanceOf(CommandResult.Done.class);
      world.untilPhase("chat-2", RolloutPhase.COMPLETED, 200);
      assertThat(world.stable()).isEqualTo(ONE);
    }
  }

  @Test
  void what_runs_stays_where_it_is_when_the_policy_says_so() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", GOOD);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.freeze(Duration.ofMinutes(4), OnRunning.PAUSE);
      world.steps(400);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PROGRESSING);
      assertThat(world.rollout("chat-1").status().step()).isZero();
      assertThat(world.progress("chat-1")).contains("goes no further: frozen until");
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
    }
  }

  @Test
  void a_bad_release_is_reverted_in_the_middle_of_a_freeze() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", BAD);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.freeze(Duration.ofDays(1), OnRunning.PAUSE);
      world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 400);
      assertThat(world.stable()).isEqualTo(ONE);
    }
  }

  private static CommandResult override(ControlWorld world, Optional<Duration> lasts) {
    return world.control().commands().override(ControlWorld.ref("chat-1"), ADA, "hotfix", lasts);
  }

  private static List<String> audited(ControlWorld world) {
    return world.store.audit(0, 1_000).stream()
        .filter(entry -> entry.principal().equals("ada"))
        .map(entry -> entry.action() + " " + entry.subject() + ": " + entry.reason())
        .toList();
  }

  @Test
  void an_override_lets_a_release_begin_and_go_on_is_audited_and_pages() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.apply(Resources.alertChannel("pager", HOOKS));
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", GOOD);
      world.serving();
      world.freeze(Duration.ofDays(30), OnRunning.PAUSE);
      world.want(TWO);
      world.steps(20);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PENDING);
      assertThat(override(world, Optional.empty()))
          .isEqualTo(new CommandResult.Done("guard rails overridden manually: hotfix"));
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
      world.steps(4);
      assertThat(audited(world))
          .contains(
              "rollout.transition Rollout/default/chat-1: guard rails overridden manually: hotfix");
      assertThat(world.evidence("chat-1").getFirst().verdict()).isEqualTo("Manual");
      assertThat(world.inbox.received(HOOKS)).contains("override firing", "override resolved");
      assertThat(world.inbox.events(HOOKS).getFirst().path("data").path("severity").asString())
          .isEqualTo("critical");
      assertThat(world.inbox.events(HOOKS).getFirst().path("data").path("summary").asString())
          .isEqualTo(
              "ada overrode freezes, limits and order for rollout chat-1 of service default/chat"
                  + " (chat@1 to chat@2): hotfix");
    }
  }

  @Test
  void an_override_that_is_over_holds_nothing_open() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", GOOD);
      world.serving();
      world.freeze(Duration.ofDays(30), OnRunning.PAUSE);
      world.want(TWO);
      world.steps(20);
      override(world, Optional.of(Duration.ofSeconds(5)));
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 10);
      world.steps(200);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PROGRESSING);
      assertThat(world.rollout("chat-1").status().step()).isZero();
      assertThat(world.progress("chat-1")).contains("goes no further: frozen until");
    }
  }

  @Test
  void an_override_lets_nothing_bad_pass() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", BAD);
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      override(world, Optional.empty());
      world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 400);
      assertThat(override(world, Optional.empty()))
          .isEqualTo(
              new CommandResult.Refused("rollout chat-1 is RolledBack, which no guard rail holds"));
    }
  }

  @Test
  void broken_glass_takes_all_weight_away_although_nothing_is_left_to_go_back_to() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.apply(Resources.alertChannel("pager", HOOKS));
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.stableMayFail = true;
      world.provider.set(ONE, ReplicaState.UNREADY);
      world.steps(4);
      assertThat(world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "leaks secrets"))
          .isInstanceOf(CommandResult.Done.class);
      world.steps(4);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PAUSED);
      assertThat(world.rollout("chat-1").status().weight()).isPositive();
      assertThat(
              world.control().commands().abortNow(ControlWorld.ref("chat-1"), ADA, "leaks secrets"))
          .isEqualTo(new CommandResult.Done("reverting: aborted at once manually: leaks secrets"));
      assertThat(world.rollout("chat-1").status().weight()).isZero();
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 100);
      world.steps(4);
      assertThat(audited(world))
          .contains(
              "rollout.transition Rollout/default/chat-1: aborted at once manually: leaks secrets");
      assertThat(world.inbox.received(HOOKS)).contains("override firing");
      assertThat(world.rollout("chat-1").status().decidedBy())
          .containsExactly("manual", "break-glass");
    }
  }
}
