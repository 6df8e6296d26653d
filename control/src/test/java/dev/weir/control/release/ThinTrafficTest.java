// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ControlOptions;
import dev.weir.control.ControlWorld;
import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.change.CommandResult;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Replayed;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A service that hardly anybody calls, and gateways that ask its versions themselves.
class ThinTrafficTest {
  private static final GeneratedTraffic PROBES =
      new GeneratedTraffic(
          GeneratedTraffic.Source.PROBES,
          20,
          GeneratedTraffic.ProbeApi.CHAT,
          List.of("Count."),
          32);

  @TempDir Path folder;

  /// Version 2 is being released; no client asks for anything.
  private ControlWorld quiet(Behaviour two) {
    ControlWorld world =
        new ControlWorld(folder, ControlOptions.defaults().withWarmUpRequests(1), 0);
    world.traffic = Optional.of(PROBES);
    world.behaviours.put("chat@1", new Behaviour(.01, .2));
    world.behaviours.put("chat@2", two);
    world.serving().want(TWO);
    return world;
  }

  @Test
  void a_good_version_is_promoted_by_probes_and_the_evidence_says_so() {
    try (ControlWorld world = quiet(new Behaviour(.01, .2))) {
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 200);
      world.step();
      assertThat(generated(world))
          .contains(new Generated(RequestSource.PROBES, 20_000, false, List.of("Count."), 32));
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_500);
      List<Evidence> evidence = world.evidence("chat-1");
      assertThat(evidence)
          .allSatisfy(decision ->
              assertThat(decision.flags())
                  .anyMatch(flag -> flag.matches("(\\d+) of \\1 canary samples are probes")));
      assertThat(world.control().commands().replay(ControlWorld.ref("chat-1")))
          .isNotEmpty()
          .allMatch(again -> again.outcome() == Replayed.Outcome.SAME);
    }
  }

  @Test
  void a_bad_version_is_reverted_by_probes() {
    try (ControlWorld world = quiet(new Behaviour(.2, .2))) {
      world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 400);
      assertThat(world.evidence("chat-1").getLast().flags())
          .anyMatch(flag -> flag.endsWith("canary samples are probes"));
    }
  }

  @Test
  void nothing_is_asked_while_the_release_is_paused() {
    try (ControlWorld world = quiet(new Behaviour(.01, .2))) {
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 200);
      assertThat(
              world
                  .control()
                  .commands()
                  .pause(ControlWorld.ref("chat-1"), ControlWorld.ADA, "lunch"))
          .isInstanceOf(CommandResult.Done.class);
      world.step();
      assertThat(generated(world)).contains(Generated.NONE);
    }
  }

  private static Optional<Generated> generated(ControlWorld world) {
    return world.control().published().snapshot().services().getFirst().canary().stream()
        .map(arm -> arm.generated())
        .findFirst();
  }
}
