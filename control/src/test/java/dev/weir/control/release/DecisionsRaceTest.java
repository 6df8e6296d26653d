// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ControlWorld;
import dev.weir.control.CrashMatrixTest;
import dev.weir.control.change.CommandResult;
import dev.weir.control.crash.CrashPoint;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.view.Evidence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two decide on the same rollout in the same instant: Weir, and somebody by hand.
class DecisionsRaceTest {
  @TempDir Path folder;

  @Test
  void evidence_is_that_of_the_decision_that_was_carried_out() throws IOException {
    int promoting = looksUntilTheFirstPromotion();
    try (ControlWorld world = CrashMatrixTest.world(folder)) {
      world.crashInjector.meddle((point, pass) -> {
        // the rollout has been read and looked at, and is about to be promoted
        if (point.equals(CrashPoint.ANALYSIS_ADVANCED) && pass == promoting) {
          assertThat(
                  world
                      .control()
                      .commands()
                      .pause(ControlWorld.ref("chat-1"), ControlWorld.ADA, "wait"))
              .isInstanceOf(CommandResult.Done.class);
        }
      });
      world.servingFor(20).want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PAUSED, 400);
      assertThat(world.evidence("chat-1")).extracting(Evidence::verdict).containsExactly("Manual");
      assertThat(world.rollout("chat-1").status().step()).isZero();
    }
  }

  private int looksUntilTheFirstPromotion() throws IOException {
    AtomicInteger looks = new AtomicInteger();
    try (ControlWorld world = CrashMatrixTest.world(folder)) {
      world.crashInjector.meddle((point, pass) -> {
        if (point.equals(CrashPoint.written("evidence")) && pass == 1) {
          looks.set(world.crashInjector.passed().getOrDefault(CrashPoint.ANALYSIS_ADVANCED, 0));
        }
      });
      world.servingFor(20).want(TWO);
      world.until("a decision", w -> !w.evidence("chat-1").isEmpty(), 400);
    }
    return looks.get();
  }
}
