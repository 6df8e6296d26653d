// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.simulator.player.PlayerHandle;
import dev.weir.simulator.player.PlayerReport;
import dev.weir.simulator.player.PlayerReport.Quantiles;
import dev.weir.simulator.player.PlayerReport.VersionReport;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// The end, the status lines and the summary, with a player that serves 20 requests per second of
/// manual time.
class TrafficRunTest {
  private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final long startNanos = clock.getAsLong();
  private final FakePlayer player = new FakePlayer();
  private final List<String> status = new ArrayList<>();

  private final class FakePlayer implements PlayerHandle {
    private boolean stopped;
    private long failed;

    @Override
    public PlayerReport snapshot() {
      double seconds = (clock.getAsLong() - startNanos) / 1e9;
      long planned = Math.round(20 * seconds);
      long served = planned - failed;
      return new PlayerReport(
          "poisson",
          1,
          "",
          seconds,
          new PlayerReport.Requests(planned, served, failed, 0, 0, 0, served / 2, 3, 0, 0),
          List.of(
              version("", 0, 0), version("chat@2", served / 4, 62), version("chat@1", served, 41)),
          failed == 0 ? Map.of() : Map.of("status 503", failed),
          List.of(),
          0);
    }

    private VersionReport version(String name, long served, double millis) {
      Quantiles ttft = new Quantiles(served, millis, 0, 2 * millis, 0);
      return new VersionReport(name, false, served, 0, 0, ttft, ttft, ttft);
    }

    @Override
    public void markFaulty(String version) {
      throw new UnsupportedOperationException("traffic knows no faulty version");
    }

    @Override
    public boolean awaitEnd(Duration timeout) {
      throw new UnsupportedOperationException("traffic has no end of its own");
    }

    @Override
    public PlayerReport stop() {
      stopped = true;
      return snapshot();
    }
  }

  private PlayerReport play(Duration duration, StopSignal stop) throws InterruptedException {
    return new TrafficRun(stop, clock, status::add).play(player, duration);
  }

  private boolean elapse(Duration timeout) {
    clock.advance(timeout);
    return false;
  }

  @Test
  void it_ends_after_its_duration_with_a_status_every_ten_seconds() throws InterruptedException {
    PlayerReport report = play(Duration.ofSeconds(25), this::elapse);
    assertThat(player.stopped).isTrue();
    assertThat(report.seconds()).isEqualTo(25);
    assertThat(status)
        .containsExactly(
            "10 s: 200 requests, 0 failed, 0 in flight; served by chat@2 50 (TTFT p50 62 ms, p95 124 ms), chat@1 200 (TTFT p50 41 ms, p95 82 ms)",
            "20 s: 400 requests, 0 failed, 0 in flight; served by chat@2 100 (TTFT p50 62 ms, p95 124 ms), chat@1 400 (TTFT p50 41 ms, p95 82 ms)");
  }

  @Test
  void a_requested_stop_ends_it_early_with_its_report() throws InterruptedException {
    PlayerReport report =
        play(
            Duration.ofHours(1),
            timeout -> {
              clock.advance(Duration.ofSeconds(3));
              return true;
            });
    assertThat(report.seconds()).isEqualTo(3);
    assertThat(player.stopped).isTrue();
    assertThat(status).isEmpty();
  }

  @Test
  void the_summary_counts_served_requests_by_version_and_failures_by_reason() {
    clock.advance(Duration.ofSeconds(10));
    player.failed = 8;
    TrafficSummary summary = TrafficSummary.of("default/chat", player.snapshot());
    assertThat(JsonMapper.shared().writeValueAsString(summary))
        .isEqualTo(
            "{\"service\":\"default/chat\",\"seconds\":10.0,"
                + "\"requests\":{\"served\":192,\"failed\":8,\"streamed\":96,\"resumed\":3},"
                + "\"versions\":{\"chat@1\":192,\"chat@2\":48},\"failures\":{\"status 503\":8}}");
    assertThat(summary.allFailed()).isFalse();
    assertThat(TrafficText.summary(summary))
        .isEqualTo(
            """
            service                        default/chat
            seconds                        10.0
            requests served                192
              streamed                     96
              resumed on another replica   3
              by chat@1                    192
              by chat@2                    48
            requests failed                8
              status 503                   8
            """);
  }

  @Test
  void a_run_in_which_every_request_failed_is_recognised() {
    clock.advance(Duration.ofSeconds(10));
    player.failed = 200;
    TrafficSummary summary = TrafficSummary.of("default/chat", player.snapshot());
    assertThat(summary.allFailed()).isTrue();
    assertThat(summary.versions()).isEmpty();
    assertThat(TrafficText.status(player.snapshot()))
        .isEqualTo("10 s: 200 requests, 200 failed, 0 in flight; nothing served yet");
  }
}
