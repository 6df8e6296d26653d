// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.Calibration;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.LogHistogram;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ObservationStore;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is known of the noise between replicas before a rollout begins.
class BaselineStoreTest {
  private static final String SERVICE = "default/chat";

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final Random random = new Random(6);
  private SqliteStore store;
  private BaselineStore baselines;

  @BeforeEach
  void open() {
    store = SqliteStore.open(folder, clock);
    restart();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void restart() {
    ObservationStore observationStore =
        new ObservationStore(store.observations(), CrashPoints.NONE);
    baselines = new BaselineStore(observationStore, new ControlClock(clock, clock));
  }

  /// Traffic of 50 requests per replica every five seconds, whose log-latency wanders by `sd`.
  private void traffic(String version, int replicas, int minutes, double sd) {
    double[] own = new double[replicas];
    for (int i = 0; i < minutes * 12; i++) {
      List<ReplicaSlice> slices = new ArrayList<>();
      for (int replica = 0; replica < replicas; replica++) {
        own[replica] = i % 24 == 0 ? sd * random.nextGaussian() : own[replica];
        slices.add(slice(version, replica, own[replica]));
      }
      baselines.add(slices);
      clock.advance(Duration.ofSeconds(5));
    }
  }

  private ReplicaSlice slice(String version, int replica, double own) {
    Map<Integer, Long> ttft = new HashMap<>();
    Map<Integer, Long> itl = new HashMap<>();
    for (int i = 0; i < 50; i++) {
      ttft.merge(LogHistogram.bucketOf(-1 + own + .6 * random.nextGaussian()), 1L, Long::sum);
      itl.merge(LogHistogram.bucketOf(-3.5 + .2 * random.nextGaussian()), 1L, Long::sum);
    }
    return new ReplicaSlice(
        SERVICE,
        version,
        version + "-" + replica,
        0,
        5_000,
        50,
        0,
        0,
        0,
        0,
        0,
        0,
        ttft,
        itl,
        Map.of(),
        Map.of());
  }

  @Test
  void a_release_begins_with_the_rate_of_traffic_that_has_just_begun() {
    traffic("chat@1", 1, 20, 0);
    assertThat(baselines.requestsPerSecond(SERVICE, "chat@1")).isBetween(8.0, 12.0);
    assertThat(baselines.startingRequestsPerSecond(SERVICE, "chat@1"))
        .as("steady")
        .isEqualTo(baselines.requestsPerSecond(SERVICE, "chat@1"));
    clock.advance(Duration.ofHours(1));
    assertThat(baselines.startingRequestsPerSecond(SERVICE, "chat@1")).isLessThan(.1);
    for (int i = 0; i < 3; i++) {
      baselines.add(List.of(slice("chat@1", 0, 0), slice("chat@1", 1, 0)));
      clock.advance(Duration.ofSeconds(5));
    }
    assertThat(baselines.requestsPerSecond(SERVICE, "chat@1")).isLessThan(2);
    assertThat(baselines.startingRequestsPerSecond(SERVICE, "chat@1")).isGreaterThan(8);
  }

  @Test
  void streams_and_answers_in_one_piece_are_told_apart_after_a_restart_too() {
    int token = LogHistogram.bucketOf(-1);
    int piece = LogHistogram.bucketOf(2);
    baselines.add(
        List.of(
            new ReplicaSlice(
                SERVICE,
                "chat@1",
                "chat-1-0",
                0,
                5_000,
                90,
                8,
                2,
                0,
                4,
                0,
                0,
                Map.of(token, 64L, piece, 30L),
                Map.of(token, 60L),
                Map.of(),
                Map.of(piece, 30L))));
    baselines.save();
    for (int i = 0; i < 2; i++) {
      BaselineSeed seed = baselines.seed(SERVICE, "chat@1");
      assertThat(seed.rates())
          .containsEntry(ReleaseMetric.ERROR, new BaselineSeed.Rate(6, 100))
          .containsEntry(ReleaseMetric.TRUNCATED, new BaselineSeed.Rate(4, 64));
      assertThat(LogHistogram.of(seed.firstBytes()).total()).isEqualTo(30);
      assertThat(seed.latencies())
          .hasEntrySatisfying(
              ReleaseMetric.TTFT, tokens -> assertThat(tokens.indexes()).containsExactly(token));
      restart();
    }
  }

  private Optional<Calibration> calibration(String from, String to) {
    return baselines.calibration(SERVICE, from, to);
  }

  private static double largest(Calibration calibration, ReleaseMetric metric) {
    return Collections.max(Objects.requireNonNull(calibration.phi().get(metric)));
  }

  @Test
  void half_an_hour_of_four_replicas_says_how_much_they_differ_and_survives_a_restart() {
    traffic("chat@1", 4, 36, .15);
    Calibration measured = calibration("chat@1", "chat@2").orElseThrow();
    assertThat(largest(measured, ReleaseMetric.TTFT)).isGreaterThan(2);
    assertThat(largest(measured, ReleaseMetric.ITL)).isEqualTo(1);
    assertThat(largest(measured, ReleaseMetric.E2E_PER_TOKEN))
        .isEqualTo(largest(measured, ReleaseMetric.TTFT));
    assertThat(measured.earlier()).isFalse();
    baselines.save();
    restart();
    assertThat(calibration("chat@1", "chat@2")).contains(measured);
  }

  @Test
  void replicas_that_are_alike_call_for_no_divisor() {
    traffic("chat@1", 4, 36, 0);
    assertThat(largest(calibration("chat@1", "chat@2").orElseThrow(), ReleaseMetric.TTFT))
        .isEqualTo(1);
  }

  @Test
  void three_replicas_or_twenty_minutes_say_nothing() {
    traffic("chat@1", 3, 36, .15);
    assertThat(calibration("chat@1", "chat@2")).isEmpty();
    traffic("code@1", 4, 20, .15);
    assertThat(calibration("code@1", "code@2")).isEmpty();
    assertThat(calibration("unheard@1", "unheard@2")).isEmpty();
  }

  @Test
  void without_history_the_last_rollout_of_the_version_counts() {
    traffic("chat@1", 4, 36, .15);
    Calibration first = calibration("chat@1", "chat@2").orElseThrow();
    traffic("chat@2", 2, 5, .15);
    baselines.save();
    restart();
    assertThat(calibration("chat@2", "chat@3")).contains(first.asEarlier());
  }

  @Test
  void counts_kept_by_the_program_before_are_read() {
    traffic("chat@1", 1, 5, 0);
    baselines.save();
    String key = SERVICE + " chat@1";
    String former =
        store
            .observations()
            .get("baseline", key)
            .orElseThrow()
            .replaceFirst(",\"pods\":\\[[^]]*],\"used\":\\[]", "");
    assertThat(former).doesNotContain("pods");
    store.observations().put("baseline", key, former);
    restart();
    assertThat(baselines.seed(SERVICE, "chat@1").latencies()).containsKey(ReleaseMetric.TTFT);
    assertThat(baselines.seed(SERVICE, "chat@1").endToEnd().total()).isZero();
    assertThat(calibration("chat@1", "chat@2")).isEmpty();
  }
}
