// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.control.operations.Acknowledgement.Behind;
import dev.weir.control.operations.Acknowledgement.Outcome;
import dev.weir.control.operations.GatewayAcknowledgement;
import dev.weir.control.operations.ReplicaOperations.Order;
import dev.weir.control.operations.ReplicaOperations.Verb;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who knows of a change, and who is named because they may not.
class AcknowledgementTest {
  @TempDir Path folder;

  /// Something that gateways must know.
  private static void cordon(ControlWorld world) {
    var order = new Order("default", "chat-1-0", Verb.CORDON, false, false);
    assertThat(world.control().replicas().order(order, Actor.WEIR, "test"))
        .isInstanceOf(CommandResult.Done.class);
  }

  @Test
  void it_answers_as_soon_as_everybody_who_is_connected_serves_what_is_so_now() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      cordon(world);
      AtomicInteger pauses = new AtomicInteger();
      Outcome outcome =
          world
              .control()
              .acknowledgement(() -> {
                pauses.incrementAndGet();
                world.step();
              })
              .await();
      assertThat(outcome.acknowledged()).containsExactly("gw-a");
      assertThat(outcome.unacknowledged()).isEmpty();
      assertThat(pauses.get()).isBetween(1, 3);
    }
  }

  @Test
  void a_gateway_that_is_cut_off_is_named_and_waited_for_no_longer_than_two_seconds() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      SimulatedGateway away = new SimulatedGateway("gw-b", 2, 30, world.behaviours);
      world.gateways.add(away);
      world.steps(4);
      away.disconnect();
      cordon(world);
      long begun = world.clock.getAsLong();
      GatewayAcknowledgement acknowledgement = world.control().acknowledgement(world::step);
      Outcome outcome = acknowledgement.await();
      assertThat(Duration.ofNanos(world.clock.getAsLong() - begun))
          .isBetween(Duration.ofMillis(500), Duration.ofMillis(2_500));
      assertThat(outcome.acknowledged()).containsExactly("gw-a");
      assertThat(outcome.unacknowledged()).extracting(Behind::gateway).containsExactly("gw-b");
      assertThat(outcome.unacknowledged().getFirst().reason())
          .contains("until the gateway reconnects");
    }
  }
}
