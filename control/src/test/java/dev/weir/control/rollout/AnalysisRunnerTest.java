// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.Verdict;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.external.ExternalWatch;
import dev.weir.control.external.Measurement;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.GatewayRegistry;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.control.telemetry.BaselineStore;
import dev.weir.control.telemetry.CohortRegistry;
import dev.weir.control.telemetry.TelemetryIntake;
import dev.weir.control.telemetry.TelemetryOffsets;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.Agreement;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.FastSlice;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalysisRunnerTest {
  private static final String ROLLOUT = "default/chat-1";

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private final Rollout rollout = progressing(25);
  private Store store;
  private TelemetryIntake intake;
  private AnalysisRunner runner;
  private long batch;

  @BeforeEach
  void open() {
    store = SqliteStore.open(folder, clock);
    ObservationStore observationStore =
        new ObservationStore(store.observations(), CrashPoints.NONE);
    ControlClock look = new ControlClock(clock, clock);
    TelemetryOffsets telemetryOffsets = new TelemetryOffsets(observationStore);
    CohortRegistry cohortRegistry = new CohortRegistry(observationStore, telemetryOffsets);
    BaselineStore baselines = new BaselineStore(observationStore, look);
    intake =
        new TelemetryIntake(
            new GatewayRegistry(
                store.identity(),
                observationStore,
                look,
                clock,
                Duration.ofSeconds(3),
                Duration.ofSeconds(30)),
            baselines,
            cohortRegistry,
            telemetryOffsets,
            look,
            ROLLOUT::equals,
            _ -> {},
            CrashPoints.NONE);
    runner =
        new AnalysisRunner(
            store.analysis(),
            observationStore,
            cohortRegistry,
            baselines,
            new ExternalWatch(_ -> new Measurement.Passed(0), Runnable::run),
            look,
            Duration.ofSeconds(1),
            CrashPoints.NONE);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Rollout progressing(double weight) {
    return Resources.rollout("chat", 1, "chat@1", "chat@2")
        .withStatus(
            new RolloutStatus(
                RolloutPhase.PROGRESSING,
                0,
                weight,
                Optional.of(clock.instant()),
                Optional.of(clock.instant()),
                Optional.of(clock.instant()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                ""));
  }

  /// Half a second of arrivals, of which so many of the canary's failed.
  private void report(int canaryFailed) throws IOException {
    long now = clock.millis();
    intake.accept(
        new Telemetry(
            "gw",
            "boot",
            ++batch,
            "1",
            List.of(1),
            3,
            "hash",
            now,
            0,
            List.of(),
            List.of(),
            List.of(),
            List.of(
                new FastSlice(
                    ROLLOUT, 0, 250_000, now - 1_600, now - 1_100, 5, canaryFailed, 15, 0)),
            List.of(),
            List.of()));
  }

  /// Five seconds of mirrored requests, of which so many of the canary's failed.
  private void mirrored(int pairs, int canaryFailed) throws IOException {
    long now = clock.millis();
    List<RequestRecord> records = new ArrayList<>();
    for (int i = 0; i < 2 * pairs; i++) {
      boolean canary = i % 2 == 1;
      boolean failed = canary && i / 2 < canaryFailed;
      records.add(
          new RequestRecord(
              ROLLOUT,
              batch,
              i,
              canary,
              failed ? Outcome.FAILURE : Outcome.SUCCESS,
              failed ? -1 : 300_000,
              failed ? -1 : 30_000,
              2_000_000,
              failed ? 0 : 50,
              false));
    }
    intake.accept(
        new Telemetry(
            "gw",
            "boot",
            batch + 1,
            "1",
            List.of(3),
            3,
            "hash",
            now,
            0,
            List.of(),
            List.of(
                new ArrivalSlice(
                    ROLLOUT,
                    0,
                    batch,
                    3,
                    500_000,
                    now - 5_000,
                    now,
                    RequestSource.MIRRORED,
                    pairs,
                    pairs)),
            records,
            List.of(),
            List.of(new Agreement(ROLLOUT, 0, 4, 3_500_000, 2, 1)),
            List.of()));
    batch++;
  }

  private AnalysisResult lookAfter(long millis) {
    return lookAfter(millis, rollout);
  }

  private AnalysisResult lookAfter(long millis, Rollout at) {
    clock.advance(Duration.ofMillis(millis));
    return runner.look(at, true).orElseThrow();
  }

  @Test
  void a_step_that_answers_nobody_is_judged_by_mirrored_requests() throws IOException {
    Rollout shadow = progressing(0);
    AnalysisResult analysisResult = lookAfter(0, shadow);
    for (int slice = 0;
        slice < 20 && !(analysisResult.look().verdict() instanceof Verdict.Revert);
        slice++) {
      clock.advance(Duration.ofSeconds(5));
      mirrored(60, 6);
      analysisResult = lookAfter(0, shadow);
    }
    assertThat(analysisResult.look().verdict()).isInstanceOf(Verdict.Revert.class);
    assertThat(EvidenceMapper.flags(analysisResult))
        .contains(
            "%d mirrored requests; answers agree 0.88 on average, %d of %d at temperature 0 the same"
                    .formatted(60 * batch, batch, 2 * batch)
                + " (two runs of one version differ too)");
  }

  @Test
  void a_shadow_that_does_as_well_is_not_reverted_and_its_requests_count_for_its_step()
      throws IOException {
    Rollout shadow = progressing(0);
    AnalysisResult analysisResult = lookAfter(0, shadow);
    for (int slice = 0; slice < 5; slice++) {
      clock.advance(Duration.ofSeconds(5));
      mirrored(60, 0);
      analysisResult = lookAfter(0, shadow);
      assertThat(analysisResult.look().verdict()).isInstanceOf(Verdict.Continue.class);
    }
    assertThat(analysisResult.look().evidence().canaryCompletions()).isEqualTo(300);
  }

  @Test
  void news_of_fast_failures_is_looked_at_at_once_and_other_news_once_a_second()
      throws IOException {
    AnalysisResult first = lookAfter(0);
    report(0);
    assertThat(lookAfter(999)).as("nothing fails").isSameAs(first);
    AnalysisResult regular = lookAfter(1);
    assertThat(regular).isNotSameAs(first);
    report(5);
    assertThat(lookAfter(99)).as("ten looks a second at most").isSameAs(regular);
    AnalysisResult urgent = lookAfter(1);
    assertThat(urgent).isNotSameAs(regular);
    assertThat(lookAfter(500)).as("that news is known").isSameAs(urgent);
  }
}
