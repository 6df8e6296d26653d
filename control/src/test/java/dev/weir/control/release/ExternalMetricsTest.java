// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ControlWorld;
import dev.weir.control.external.Measurement;
import dev.weir.model.spec.ReleaseSpec.ExternalMetric;
import dev.weir.model.spec.ReleaseSpec.MetricAction;
import dev.weir.model.spec.ReleaseSpec.PrometheusQuery;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Replayed;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Releases that somebody else's measurements guard, and decisions made again.
class ExternalMetricsTest {
  private static final VersionRef TWO = new VersionRef("chat", "2");

  @TempDir Path folder;

  private static ExternalMetric tickets(MetricAction action) {
    return new ExternalMetric(
        "tickets",
        new PrometheusQuery(URI.create("http://prometheus:9090"), "q", Optional.empty()),
        "< 5",
        Duration.ofSeconds(5),
        Optional.of(2),
        0,
        0,
        1,
        action,
        false);
  }

  private ControlWorld guarded(MetricAction action, Measurement measured) {
    ControlWorld world = new ControlWorld(folder);
    world.external = List.of(tickets(action));
    world.measured.put("tickets", measured);
    world.serving().want(TWO);
    return world;
  }

  @Test
  void one_that_passes_is_told_in_the_evidence() {
    try (ControlWorld world = guarded(MetricAction.ROLLBACK, new Measurement.Passed(3))) {
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
      assertThat(world.evidence("chat-1").getFirst().flags())
          .anyMatch(flag -> flag.startsWith("external tickets: value 3.0"));
    }
  }

  @Test
  void one_that_fails_reverts_the_release_as_a_guard_does() {
    try (ControlWorld world = guarded(MetricAction.ROLLBACK, new Measurement.Failed(9))) {
      world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 1_000);
      Evidence last = world.evidence("chat-1").getLast();
      assertThat(last.verdict()).isEqualTo("Guard");
      assertThat(last.reason()).contains("external metric").contains("are not < 5");
    }
  }

  @Test
  void no_data_holds_the_release_and_never_reverts_it() {
    assertHeld(new Measurement.NoData("empty"));
  }

  @Test
  void no_answer_holds_the_release_and_never_reverts_it() {
    assertHeld(new Measurement.ProviderError("answered 503"));
  }

  private void assertHeld(Measurement silent) {
    try (ControlWorld world = guarded(MetricAction.ROLLBACK, silent)) {
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 1_000);
      world.steps(200);
      assertThat(world.rollout("chat-1").status().phase()).isEqualTo(RolloutPhase.PROGRESSING);
      assertThat(world.rollout("chat-1").status().step()).isZero();
    }
  }

  @Test
  void one_that_only_warns_stops_nothing() {
    try (ControlWorld world = guarded(MetricAction.WARN, new Measurement.Failed(9))) {
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
    }
  }

  @Test
  void each_decision_can_be_made_again_from_what_was_kept() {
    try (ControlWorld world = guarded(MetricAction.ROLLBACK, new Measurement.Passed(3))) {
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
      assertThat(world.control().commands().replay(ControlWorld.ref("chat-1")))
          .isNotEmpty()
          .allMatch(again -> again.outcome() == Replayed.Outcome.SAME);
    }
  }
}
