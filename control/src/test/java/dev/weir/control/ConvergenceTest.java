// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.control.convergence.ConvergenceAlarm;
import dev.weir.control.convergence.ConvergenceAlarm.Reason;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.view.GatewayView;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Gateways that do not take up what was published: named with the facts, and no longer than true.
class ConvergenceTest {
  private static final Actor ADA = new Actor("ada", "127.0.0.1", "r2");

  @TempDir Path folder;

  @Test
  void a_gateway_cut_off_during_a_revert_is_named_with_its_lease_until_that_has_ended() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway deaf = release(world);
      deaf.disconnect();
      abort(world);
      world.steps(3);
      assertThat(world.control().watchdog().alarms()).as("within two seconds").isEmpty();
      world.steps(4);
      ConvergenceAlarm alarm = only(world);
      assertThat(alarm.reason()).isEqualTo(Reason.REVERT);
      assertThat(alarm.gateway()).isEqualTo("gw-b");
      assertThat(alarm.rollout()).isEqualTo("default/chat-1");
      assertThat(alarm.detail())
          .matches(
              "served snapshot \\d+ at its last heartbeat, [34] s ago;"
                  + " its lease ends in 2[67] s, then it serves chat@1 by itself");
      assertThat(world.progress("chat-1"))
          .startsWith("reverting: waiting for gateways gw-b (served");
      assertThat(view(world).leaseMillis()).isBetween(26_000L, 27_500L);
      assertThat(view(world).connected()).isFalse();

      world.untilPhase("chat-1", RolloutPhase.ABORTED, 80);
      assertThat(world.control().watchdog().alarms())
          .as("the revert is over; being behind is not")
          .extracting(ConvergenceAlarm::reason)
          .containsExactly(Reason.BEHIND);
      assertThat(view(world).leaseMillis()).isZero();
      assertThat(view(world).behindMillis()).isGreaterThan(30_000);
      deaf.connect();
      world.steps(4);
      assertThat(world.control().watchdog().alarms()).isEmpty();
      assertThat(view(world).behindMillis()).isZero();
      assertThat(view(world).hashStatus()).isEqualTo(GatewayView.HashStatus.RIGHT);
    }
  }

  @Test
  void a_gateway_that_lives_but_takes_no_snapshot_loses_its_lease_and_is_named() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway stuck = release(world);
      stuck.freeze();
      abort(world);
      world.steps(6);
      assertThat(only(world).detail())
          .matches("serves snapshot \\d+; it has no lease, so it serves chat@1 by itself");
      int fed = stuck.canaryServed();
      world.steps(10);
      assertThat(stuck.canaryServed()).isEqualTo(fed);
      stuck.thaw();
      world.steps(4);
      assertThat(world.control().watchdog().alarms()).isEmpty();
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 40);
    }
  }

  @Test
  void a_control_plane_that_dies_during_the_revert_names_the_gateway_again() {
    try (ControlWorld world = new ControlWorld(folder)) {
      release(world).disconnect();
      abort(world);
      world.steps(2);
      world.restart();
      world.steps(6);
      assertThat(only(world).detail()).contains("its lease ends in");
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 90);
    }
  }

  @Test
  void a_gateway_with_a_wrong_hash_is_named_at_once_and_shown_as_a_metric() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway liar = release(world);
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      world.control().watchdog().bindTo(registry);
      liar.garble("0".repeat(64));
      world.step();
      assertThat(only(world).reason()).isEqualTo(Reason.WRONG_HASH);
      assertThat(only(world).detail()).contains("which was not published");
      assertThat(view(world).hashStatus()).isEqualTo(GatewayView.HashStatus.WRONG);
      assertThat(
              registry
                  .get("weir.control.gateway.unconverged")
                  .tags("gateway", "gw-b", "reason", "wrong-hash")
                  .gauge()
                  .value())
          .isEqualTo(1);
      abort(world);
      world.steps(2);
      assertThat(world.control().watchdog().alarms()).isEmpty();
      assertThat(registry.find("weir.control.gateway.unconverged").gauge()).isNull();
    }
  }

  @Test
  void a_gateway_that_is_dead_for_long_leaves_the_list() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway dead = release(world);
      dead.disconnect();
      world.clock.advance(java.time.Duration.ofMinutes(14));
      world.steps(4);
      assertThat(world.control().views().gateways())
          .extracting(GatewayView::id)
          .containsExactly("gw-a", "gw-b");
      world.clock.advance(java.time.Duration.ofMinutes(2));
      world.steps(4);
      assertThat(world.control().views().gateways())
          .extracting(GatewayView::id)
          .containsExactly("gw-a");
      assertThat(world.control().watchdog().alarms()).isEmpty();
    }
  }

  /// A release of version 2 that serves 25 % on two gateways; the second is returned.
  private static SimulatedGateway release(ControlWorld world) {
    SimulatedGateway second = new SimulatedGateway("gw-b", 2, 30, world.behaviours);
    world.gateways.add(second);
    world.serving().want(ControlWorld.TWO);
    world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
    world.steps(4);
    return second;
  }

  private static void abort(ControlWorld world) {
    assertThat(world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "test"))
        .isInstanceOf(CommandResult.Done.class);
  }

  private static ConvergenceAlarm only(ControlWorld world) {
    assertThat(world.control().watchdog().alarms()).hasSize(1);
    return world.control().watchdog().alarms().getFirst();
  }

  private static GatewayView view(ControlWorld world) {
    return world.control().views().gateways().stream()
        .filter(g -> g.id().equals("gw-b"))
        .findFirst()
        .orElseThrow();
  }
}
