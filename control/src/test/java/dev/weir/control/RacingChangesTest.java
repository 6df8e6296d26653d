// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.model.Resources;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.RolloutPhase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two people want different things of one release at the same instant: the second is decided and
/// stored between the first one's decision and its write, the worst moment there is.
class RacingChangesTest {
  private static final Actor ADA = new Actor("ada", "127.0.0.1", "r2");
  private static final Actor BOB = new Actor("bob", "127.0.0.1", "r3");

  @TempDir Path folder;

  /// The control plane once stopped permanently here: the change of the target closed the provider
  /// under a lock that the listener wanted, and the provider waited for the listener.
  @Test
  void a_target_that_changes_while_its_replicas_tell_of_themselves_stops_nobody() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      world.apply(Resources.target("local", ProviderType.PROCESS, "/bin/sh"));
      world.steps(5);
      assertThat(world.provider.heldUp()).isFalse();
    }
  }

  @Test
  void of_two_aborts_one_is_done_and_the_other_is_refused() {
    try (ControlWorld world = progressing()) {
      List<CommandResult> second = new ArrayList<>();
      world.beforeNextWrite(() ->
          second.add(world.control().commands().abort(ControlWorld.ref("chat-1"), BOB, "mine")));
      CommandResult first =
          world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "mine");
      assertThat(second.getFirst()).isInstanceOf(CommandResult.Done.class);
      assertThat(first)
          .isInstanceOfSatisfying(
              CommandResult.Refused.class,
              refused -> assertThat(refused.reason()).contains("cannot be aborted"));
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 80);
      assertThat(world.evidence("chat-1")).hasSize(1);
    }
  }

  @Test
  void a_promotion_that_an_abort_overtakes_is_refused_and_promotes_nothing() {
    try (ControlWorld world = progressing()) {
      List<CommandResult> abort = new ArrayList<>();
      world.beforeNextWrite(() ->
          abort.add(world.control().commands().abort(ControlWorld.ref("chat-1"), BOB, "stop")));
      CommandResult promote =
          world.control().commands().promote(ControlWorld.ref("chat-1"), ADA, "go on");
      assertThat(abort.getFirst()).isInstanceOf(CommandResult.Done.class);
      assertThat(promote).isInstanceOf(CommandResult.Refused.class);
      assertThat(world.rollout("chat-1").status().weight()).isZero();
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 80);
      assertThat(world.stable()).isEqualTo(ControlWorld.ONE);
    }
  }

  @Test
  void an_abort_that_a_promotion_overtakes_aborts_the_step_that_follows() {
    try (ControlWorld world = progressing()) {
      List<CommandResult> promote = new ArrayList<>();
      world.beforeNextWrite(() ->
          promote.add(
              world.control().commands().promote(ControlWorld.ref("chat-1"), BOB, "go on")));
      CommandResult abort =
          world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "stop");
      assertThat(promote.getFirst()).isInstanceOf(CommandResult.Done.class);
      assertThat(abort).isInstanceOf(CommandResult.Done.class);
      assertThat(world.rollout("chat-1").status().weight()).isZero();
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 80);
      assertThat(world.stable()).isEqualTo(ControlWorld.ONE);
    }
  }

  @Test
  void an_apply_of_a_third_version_that_overtakes_an_abort_wins_over_the_second_version() {
    try (ControlWorld world = progressing()) {
      world.beforeNextWrite(() -> world.want(ControlWorld.THREE));
      CommandResult _ = world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "stop");
      world.untilPhase("chat-2", RolloutPhase.PROGRESSING, 200);
      assertThat(world.phase("chat-1").terminal()).isTrue();
      assertThat(world.rollout("chat-2").spec().to()).isEqualTo(ControlWorld.THREE);
      assertThat(world.rollout("chat-2").spec().from()).isEqualTo(ControlWorld.ONE);
    }
  }

  @Test
  void whoever_loses_leaves_no_trace_in_the_audit_log_but_the_winners_do() {
    try (ControlWorld world = progressing()) {
      long before = world.store.audit(0, 1_000).size();
      world.beforeNextWrite(() -> {
        CommandResult _ = world.control().commands().abort(ControlWorld.ref("chat-1"), BOB, "mine");
      });
      CommandResult _ = world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "mine");
      List<String> who =
          world.store.audit(before, 1_000).stream()
              .map(e -> e.principal())
              .filter(p -> p.equals("ada") || p.equals("bob"))
              .toList();
      assertThat(who).containsExactly("bob");
    }
  }

  private ControlWorld progressing() {
    ControlWorld world = new ControlWorld(folder);
    world.serving().want(ControlWorld.TWO);
    world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
    world.steps(4);
    return world;
  }
}
