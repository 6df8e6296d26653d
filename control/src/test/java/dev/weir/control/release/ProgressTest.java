// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ControlWorld;
import dev.weir.control.SimulatedGateway;
import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.view.AuditEntry;
import dev.weir.store.Observations;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is decided is audited; what is merely seen is told without.
class ProgressTest {
  private static final Actor ADA = new Actor("ada", "127.0.0.1", "r3");
  private static final Behaviour GOOD = new Behaviour(.002, .2);

  @TempDir Path folder;

  @Test
  void an_uneventful_minute_of_a_running_rollout_is_told_but_not_stored() {
    try (ControlWorld world = progressing()) {
      long revision = world.store.revision();
      String head = world.store.auditHead().hash();
      String before = world.progress("chat-1");
      world.steps(120);

      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PROGRESSING);
      assertThat(world.store.revision()).isEqualTo(revision);
      assertThat(world.store.auditHead().hash()).isEqualTo(head);
      assertThat(world.progress("chat-1"))
          .contains("step 1/2 at 25 %", "ttft")
          .isNotEqualTo(before);
    }
  }

  @Test
  void a_control_plane_that_takes_over_tells_at_once_what_was_told_last() {
    try (ControlWorld world = progressing()) {
      String before = world.progress("chat-1");
      world.restart();
      assertThat(world.progress("chat-1")).isEqualTo(before);
    }
  }

  @Test
  void a_transition_silences_what_was_said_before_it() {
    try (ControlWorld world = progressing()) {
      assertThat(world.control().views().progress(world.rollout("chat-1"))).isPresent();
      var _ = world.control().commands().pause(ControlWorld.ref("chat-1"), ADA, "lunch");
      assertThat(world.control().views().progress(world.rollout("chat-1"))).isEmpty();
      assertThat(world.progress("chat-1")).isEqualTo("paused manually: lunch");
      var _ = world.control().commands().resume(ControlWorld.ref("chat-1"), ADA, "");
      assertThat(world.progress("chat-1")).isEqualTo("resumed manually");
    }
  }

  @Test
  void what_was_said_of_a_rollout_is_forgotten_after_its_end() {
    try (ControlWorld world = progressing()) {
      assertThat(notes(world)).contains("default/rollouts/chat-1");
      var _ = world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "no");
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 50);
      world.steps(130);
      assertThat(notes(world)).doesNotContain("default/rollouts/chat-1");
    }
  }

  @Test
  void a_first_deployment_that_waits_is_not_audited() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.provider.loadForEver(ONE);
      world.want(ONE);
      long revision = world.store.revision();
      world.steps(60);
      assertThat(world.store.revision()).isEqualTo(revision);
      assertThat(world.service().status().message()).isEmpty();
      assertThat(world.control().views().progress(world.service()))
          .hasValueSatisfying(
              said -> assertThat(said).startsWith("waiting for the first ready replica of chat@1"));
    }
  }

  @Test
  void a_quiet_first_deployment_and_one_release_are_audited_by_their_decisions_alone() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.behaviours.put("chat@1", GOOD);
      world.behaviours.put("chat@2", GOOD);
      long before = world.store.audit(0, 1_000).size();
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
      world.steps(240);

      assertThat(world.store.audit(before, 1_000))
          .extracting(ProgressTest::line)
          .containsExactly(
              "ada apply",
              "weir service.progress: serving chat@1, the first version",
              "ada apply",
              "weir rollout.start: releasing chat@2 in the place of chat@1",
              "weir rollout.transition: starting replicas of chat@2",
              "weir rollout.transition: replicas of chat@2 are ready",
              "weir rollout.transition: step 1/2 at 25 % passed",
              "weir rollout.transition: step 2/2 at 50 % passed",
              "weir rollout.transition: completed: chat@2 is the stable version");
    }
  }

  private ControlWorld progressing() {
    ControlWorld world = new ControlWorld(folder);
    world.behaviours.put("chat@1", GOOD);
    world.behaviours.put("chat@2", GOOD);
    // So little traffic that nothing is proven within minutes.
    world.gateways.set(0, new SimulatedGateway("gw-a", 1, 1, world.behaviours));
    world.serving().want(TWO);
    world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
    world.steps(40);
    return world;
  }

  private static List<String> notes(ControlWorld world) {
    return world.store.observations().list("progress", "").stream()
        .map(Observations.Entry::key)
        .toList();
  }

  private static String line(AuditEntry entry) {
    String who = entry.principal() + " " + entry.action();
    int numbers = entry.reason().indexOf(" passed: ");
    String reason = numbers < 0 ? entry.reason() : entry.reason().substring(0, numbers + 7);
    return entry.principal().equals("weir") ? who + ": " + reason : who;
  }
}
