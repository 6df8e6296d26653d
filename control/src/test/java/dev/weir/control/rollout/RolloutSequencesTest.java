// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.spec.RolloutSpec.Room;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Ten thousand releases of every strategy, each with its own order of events: verdicts, deaths of
/// replicas, gateways that do not answer, people who pause, promote and abort, a user who changes
/// the spec. [SequenceWorld] holds what must be so after each of them.
class RolloutSequencesTest {
  private static final int SEQUENCES = 10_000;
  private static final int EVENTS = 120;
  private static final List<Strategy> STRATEGIES = List.of(Strategy.values());

  @Test
  void whatever_happens_in_whatever_order_every_release_ends_and_nothing_is_routed_to_nothing() {
    int completed = 0;
    int reverted = 0;
    for (int seed = 0; seed < SEQUENCES; seed++) {
      Random random = new Random(seed);
      Strategy strategy = STRATEGIES.get(seed % STRATEGIES.size());
      Room room =
          strategy != Strategy.BLUE_GREEN && random.nextInt(3) == 0 ? Room.IN_PLACE : Room.SURGE;
      SequenceWorld world = new SequenceWorld(seed, random, strategy, room);
      int disturbed = random.nextInt(EVENTS);
      for (int i = 0; i < disturbed && !world.over(); i++) {
        world.disturb();
      }
      world.runOut();
      assertThat(world.over()).as(world::story).isTrue();
      completed += world.completed() ? 1 : 0;
      reverted += world.completed() ? 0 : 1;
    }
    // Both ends are met often, or the events would say nothing.
    assertThat(completed).isGreaterThan(SEQUENCES / 10);
    assertThat(reverted).isGreaterThan(SEQUENCES / 10);
  }
}
