// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FallbackTrace;
import dev.weir.gateway.exchange.RequestRecorder.RequestObserver;
import dev.weir.gateway.snapshot.LiveSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.metric.Exposition;
import dev.weir.snapshot.metric.Metric;
import dev.weir.snapshot.metric.Metric.Plane;
import dev.weir.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GatewayMetricsTest {
  private static final String CHAT_1 = "service=\"default/chat\",version=\"chat@1\"";

  private final ManualClock clock = new ManualClock(Snapshots.PUBLISHED_AT);
  private final LiveSnapshot live = new LiveSnapshot(clock, clock);
  private final GatewayMetrics metrics = new GatewayMetrics(clock);
  private final GatewayRecorder recorder =
      new GatewayRecorder(new SteadyClock(clock, clock), live, metrics, AccessLog.OFF);

  @BeforeEach
  void serve() {
    live.onSwap(recorder::snapshotSwapped);
    live.install(SnapshotCodec.publish(Requests.withCanary(7, 0, 500_000)));
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void a_request_is_in_flight_and_then_in_every_metric_of_its_version() {
    RequestObserver observer = recorder.arrived(arrival(false));
    assertThat(scrape()).contains("weir_requests_in_flight{" + CHAT_1 + "} 1.0");
    observer.attemptEnded(Requests.success(1, Requests.STABLE));
    observer.finished(Requests.finished(arrival(false), "chat@1", 1, 0, Optional.empty()));
    assertThat(scrape())
        .contains(
            "weir_requests_in_flight{" + CHAT_1 + "} 0.0",
            "weir_requests_total{outcome=\"success\"," + CHAT_1 + "} 1.0",
            "weir_requests_total{outcome=\"engine_error\"," + CHAT_1 + "} 0.0",
            "weir_attempts_total{outcome=\"success\"," + CHAT_1 + "} 1.0",
            "weir_attempts_total{outcome=\"backpressure\"," + CHAT_1 + "} 0.0",
            "weir_tokens_total{direction=\"prompt\"," + CHAT_1 + "} 12.0",
            "weir_tokens_total{direction=\"output\"," + CHAT_1 + "} 34.0",
            "weir_request_ttft_seconds_bucket{" + CHAT_1 + ",le=\"0.01\"} 0",
            "weir_request_ttft_seconds_bucket{" + CHAT_1 + ",le=\"0.025\"} 1",
            "weir_request_itl_seconds_count{" + CHAT_1 + "} 1",
            "weir_request_duration_seconds_sum{" + CHAT_1 + "} 0.5");
  }

  @Test
  void every_series_of_versions_and_routes_is_declared() {
    recorder.arrived(arrival(false));
    metrics.fellBack(new FallbackTrace("chat", List.of(Cause.DOWN)));
    assertThat(Exposition.undeclared(scrape(), Plane.GATEWAY)).isEmpty();
    assertThat(Exposition.absent(scrape(), Plane.GATEWAY))
        .doesNotContain(Metric.FALLBACKS, Metric.RETRIES, Metric.TTFT, Metric.IN_FLIGHT);
  }

  @Test
  void a_retry_is_counted_by_cause_at_its_version_and_the_request_at_the_version_that_answered() {
    RequestObserver observer = recorder.arrived(arrival(true));
    observer.attemptEnded(Requests.failure(1, Requests.CANARY, Failure.Kind.RESET));
    observer.attemptEnded(Requests.success(2, Requests.STABLE));
    observer.finished(Requests.finished(arrival(true), "chat@1", 2, 0, Optional.empty()));
    assertThat(scrape())
        .contains(
            "weir_retries_total{cause=\"upstream_reset\",outcome=\"failure\",service=\"default/chat\",version=\"chat@2\"} 1.0",
            "weir_requests_total{outcome=\"success\"," + CHAT_1 + "} 1.0",
            "weir_requests_in_flight{service=\"default/chat\",version=\"chat@2\"} 0.0");
  }

  @Test
  void an_attempt_with_an_injected_fault_is_counted_besides_its_outcome() {
    RequestObserver observer = recorder.arrived(arrival(false));
    AttemptEnd withFault = Requests.failure(1, Requests.STABLE, Failure.Kind.RESET);
    observer.attemptEnded(Requests.injected(withFault));
    observer.attemptEnded(Requests.success(2, Requests.STABLE));
    assertThat(scrape())
        .contains(
            "weir_attempts_injected_total{" + CHAT_1 + "} 1.0",
            "weir_attempts_total{outcome=\"failure\"," + CHAT_1 + "} 1.0");
  }

  @Test
  void each_fallback_to_another_service_is_counted_by_route_and_cause() {
    metrics.fellBack(new FallbackTrace("chat", List.of(Cause.DOWN, Cause.SATURATED)));
    metrics.fellBack(new FallbackTrace("chat", List.of(Cause.DOWN)));
    metrics.fellBack(new FallbackTrace("quiet", List.of()));
    assertThat(scrape())
        .contains(
            "weir_fallbacks_total{cause=\"down\",route=\"chat\"} 2.0",
            "weir_fallbacks_total{cause=\"saturated\",route=\"chat\"} 1.0")
        .doesNotContain("quiet");
  }

  @Test
  void a_resume_is_not_a_retry_and_has_an_outcome() {
    RequestObserver well = recorder.arrived(arrival(false));
    well.attemptEnded(Requests.cut(1, Requests.STABLE));
    well.attemptEnded(Requests.success(2, Requests.STABLE));
    well.finished(Requests.finished(arrival(false), "chat@1", 2, 1, Optional.empty()));
    RequestObserver failing = recorder.arrived(arrival(false));
    failing.attemptEnded(Requests.cut(1, Requests.STABLE));
    failing.attemptEnded(Requests.cut(2, Requests.STABLE));
    failing.finished(
        Requests.finished(
            arrival(false), "chat@1", 2, 1, Optional.of(new Failure(Failure.Kind.CUT, "cut"))));
    assertThat(scrape())
        .contains(
            "weir_resumes_total{result=\"continued\"," + CHAT_1 + "} 1.0",
            "weir_resumes_total{result=\"failed\"," + CHAT_1 + "} 1.0",
            "weir_retries_total{cause=\"stream_cut\",outcome=\"failure\"," + CHAT_1 + "} 0.0");
  }

  @Test
  void the_snapshot_and_the_lease_are_shown() {
    metrics.gaugeLease(live.lease()::remainingMillis);
    live.renewLease(clock.getAsLong(), 30_000);
    clock.advance(Duration.ofSeconds(10));
    assertThat(scrape())
        .contains(
            "weir_snapshot_sequence 7.0",
            "weir_snapshot_age_seconds 10.0",
            "weir_lease_remaining_seconds 20.0");
  }

  @Test
  void refusals_are_counted_by_reason_and_never_by_what_the_client_sent() {
    recorder.refused(
        "id", "GET", "/anything/{a client}", new Failure(Failure.Kind.UNKNOWN_PATH, "unknown"));
    assertThat(scrape())
        .contains("weir_requests_refused_total{reason=\"unknown_url\"} 1.0")
        .doesNotContain("anything");
  }

  @Test
  void the_series_of_a_version_are_removed_ten_minutes_after_the_snapshot_drops_it() {
    RequestObserver observer = recorder.arrived(arrival(true));
    metrics.forgetUnserved(live.current());
    live.install(SnapshotCodec.publish(Requests.withoutCanary(8)));
    clock.advance(Duration.ofMinutes(11));
    metrics.forgetUnserved(live.current());
    assertThat(scrape()).as("one of its requests is still running").contains("version=\"chat@2\"");
    observer.finished(Requests.finished(arrival7(), "chat@2", 1, 0, Optional.empty()));
    metrics.forgetUnserved(live.current());
    assertThat(scrape()).doesNotContain("version=\"chat@2\"");
  }

  @Test
  void versions_beyond_the_bound_share_one_series() {
    for (int i = 0; i < 2_100; i++) {
      metrics.of("default/chat", "chat@" + i).arrived(0);
    }
    assertThat(scrape())
        .contains("weir_requests_in_flight{service=\"other\",version=\"other\"} 100.0")
        .doesNotContain("chat@2099");
  }

  private AdmittedRequest arrival(boolean toCanary) {
    return Requests.arrival(live.current(), toCanary, 500_000, CohortMembership.PINNED);
  }

  /// Any arrival; the callers use only its version.
  private AdmittedRequest arrival7() {
    return Requests.arrival(live.current(), false, 0, CohortMembership.PINNED);
  }

  private String scrape() {
    return new String(metrics.scrape(), StandardCharsets.UTF_8);
  }
}
