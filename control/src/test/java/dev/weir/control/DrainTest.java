// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.view.ReplicaView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Replicas that lost their place, while streams run on them. The world itself fails a test in
/// which a replica with a stream is stopped.
class DrainTest {
  private static final Actor ADA = new Actor("ada", "127.0.0.1", "r3");

  /// The Service's total timeout and the margin.
  private static final Duration LONGEST = Duration.ofSeconds(125);

  @TempDir Path folder;

  /// Version 2 is the stable one, and streams run on a replica of version 1.
  private static SimulatedGateway promoted(ControlWorld world, int streams) {
    SimulatedGateway gateway = world.gateways.getFirst();
    world.serving().want(TWO);
    world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
    gateway.running("chat-1-0", streams);
    var commands = world.control().commands();
    CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
    CommandResult _ = commands.promote(ControlWorld.ref("chat-1"), ADA, "on");
    world.untilPhase("chat-1", RolloutPhase.PROMOTING, 5);
    return gateway;
  }

  private static ReplicaView view(ControlWorld world, String name) {
    return world.control().views().replicas().stream()
        .filter(replica -> replica.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_replica_is_stopped_when_its_last_stream_has_ended_and_not_before() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway gateway = promoted(world, 3);
      world.steps(120);
      assertThat(world.runningVersions()).contains(ONE, TWO);
      assertThat(world.provider.running()).as("the other one had nothing to do").hasSize(3);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PROMOTING);
      assertThat(view(world, "chat-1-0").state()).isEqualTo(ReplicaState.DRAINING);
      assertThat(view(world, "chat-1-0").reason())
          .isEqualTo("draining: 3 requests in flight on gw-a");
      gateway.running("chat-1-0", 1);
      world.steps(10);
      assertThat(view(world, "chat-1-0").reason())
          .isEqualTo("draining: 1 request in flight on gw-a");
      gateway.running("chat-1-0", 0);
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 10);
      assertThat(world.runningVersions()).containsExactly(TWO);
    }
  }

  @Test
  void a_stream_on_any_gateway_counts() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway other = new SimulatedGateway("gw-b", 2, 30, world.behaviours);
      world.gateways.add(other);
      SimulatedGateway gateway = promoted(world, 1);
      other.running("chat-1-0", 2);
      world.steps(10);
      assertThat(view(world, "chat-1-0").reason())
          .isEqualTo("draining: 1 request in flight on gw-a, 2 on gw-b");
      gateway.running("chat-1-0", 0);
      world.steps(20);
      assertThat(world.runningVersions()).contains(ONE);
      other.running("chat-1-0", 0);
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 10);
    }
  }

  @Test
  void no_stream_is_waited_for_beyond_the_total_timeout_even_if_control_restarts() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway gateway = promoted(world, 1);
      world.steps(4);
      world.clock.advance(LONGEST.minusSeconds(20));
      world.steps(4);
      world.provider.findAll();
      world.restart();
      world.steps(20);
      assertThat(world.runningVersions()).contains(ONE);
      world.streamsMayBeCut = true;
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 30);
      assertThat(world.runningVersions()).containsExactly(TWO);
      assertThat(gateway.running("chat-1-0")).isEqualTo(1);
    }
  }

  @Test
  void the_streams_of_a_gateway_that_restarted_are_not_waited_for() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway gateway = promoted(world, 3);
      world.steps(20);
      assertThat(world.runningVersions()).contains(ONE);
      gateway.restart();
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 10);
    }
  }

  @Test
  void a_revert_is_reported_at_once_and_over_soon_while_the_canary_drains_on() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway gateway = world.gateways.getFirst();
      world.serving().want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      gateway.running("chat-2-1", 1);
      CommandResult _ = world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "no");
      world.until("reverted", w -> w.rollout("chat-1").status().revertedAt().isPresent(), 3);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.ROLLING_BACK);
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 64);
      assertThat(world.rollout("chat-1").status().message()).contains("still there");
      world.steps(20);
      assertThat(view(world, "chat-2-1").state()).isEqualTo(ReplicaState.DRAINING);
      gateway.running("chat-2-1", 0);
      world.until("it is gone", w -> w.runningVersions().equals(List.of(ONE)), 10);
    }
  }

  @Test
  void a_replica_that_is_wanted_again_while_it_drains_stays_and_later_drains_anew() {
    try (ControlWorld world = new ControlWorld(folder)) {
      SimulatedGateway gateway = promoted(world, 1);
      world.steps(10);
      CommandResult _ = world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "back");
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 80);
      assertThat(world.stable()).isEqualTo(ONE);
      assertThat(view(world, "chat-1-0").state()).isEqualTo(ReplicaState.READY);
      world.clock.advance(LONGEST);
      world.steps(4);
      world.want(ONE, 1);
      gateway.running("chat-1-1", 1);
      world.steps(40);
      assertThat(world.provider.running()).as("its wait began anew").hasSize(2);
      gateway.running("chat-1-1", 0);
      world.until("one is enough", w -> w.provider.running().size() == 1, 10);
    }
  }
}
