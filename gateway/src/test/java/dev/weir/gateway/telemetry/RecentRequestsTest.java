// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RecentRequestsTest {
  private final ManualClock clock = new ManualClock();
  private final List<String> passedOn = new ArrayList<>();
  private RecentRequests memory;

  private final class Behind implements RequestRecorder {
    @Override
    public RequestObserver arrived(AdmittedRequest arrival) {
      passedOn.add("arrived");
      return new RequestObserver() {
        @Override
        public void firstToken(long ttftMicros) {
          passedOn.add("first token");
        }

        @Override
        public void attemptEnded(AttemptEnd end) {
          passedOn.add("attempt");
        }

        @Override
        public void finished(dev.weir.gateway.exchange.CompletedRequest completed) {
          passedOn.add("finished");
        }

        @Override
        public void sent(int prefillTokens) {
          passedOn.add("sent " + prefillTokens);
        }

        @Override
        public void graded(int thousandths) {
          passedOn.add("graded " + thousandths);
        }
      };
    }

    @Override
    public RequestObserver generated(AdmittedRequest arrival) {
      throw new AssertionError("nothing is generated here");
    }

    @Override
    public void refused(String requestId, String method, String path, Failure failure) {
      passedOn.add("refused");
    }
  }

  @BeforeEach
  void begin() {
    memory = new RecentRequests(new Behind(), new SteadyClock(clock, clock), "gw-1", 4);
  }

  private AdmittedRequest arrival(String id) {
    IndexedSnapshot current = IndexedSnapshot.of(Snapshots.small(), "hash");
    AdmittedRequest any = Requests.arrival(current, false, 0, CohortMembership.PINNED);
    return new AdmittedRequest(
        id,
        any.path(),
        any.model(),
        any.stream(),
        any.key(),
        any.decision(),
        any.current(),
        clock.getAsLong());
  }

  private JsonNode explain(String id) {
    return JsonMapper.shared().readTree(memory.explain(id));
  }

  @Test
  void a_request_is_listed_while_it_runs_and_after_it_ends() {
    AdmittedRequest arrival = arrival("req-7");
    RequestRecorder.RequestObserver observer = memory.arrived(arrival);
    clock.advance(Duration.ofMillis(250));
    observer.firstToken(200_000);
    observer.attemptEnded(
        new AttemptEnd(
            1,
            "default/chat",
            "chat@1",
            Optional.empty(),
            Outcome.FAILURE,
            Optional.of(new Failure(Failure.Kind.CUT, "it broke")),
            false,
            200_000,
            -1,
            250_000,
            12,
            3,
            true,
            ""));
    JsonNode running = explain("req-7").path("traces").path(0);
    assertThat(running.has("end")).isFalse();
    assertThat(running.at("/attempts/0/failure").asString()).isEqualTo("stream_cut: it broke");
    assertThat(running.at("/attempts/0/endedAfterMillis").asDouble()).isEqualTo(250.0);
    assertThat(running.path("gateway").asString()).isEqualTo("gw-1");

    observer.finished(Requests.finished(arrival, "chat@1", 2, 1, Optional.empty()));
    JsonNode over = explain("req-7").path("traces").path(0);
    assertThat(over.at("/end/resumes").asInt()).isEqualTo(1);
    assertThat(over.at("/end/promptTokens").asInt()).isEqualTo(12);
    assertThat(over.at("/end/outputTokens").asInt()).isEqualTo(34);
    observer.graded(700);
    observer.sent(40);
    assertThat(passedOn)
        .containsExactly("arrived", "first token", "attempt", "finished", "graded 700", "sent 40");
  }

  @Test
  void missing_counts_are_not_zero() {
    AdmittedRequest arrival = arrival("req-9");
    memory.arrived(arrival).finished(Requests.counted(arrival, 0, 0));

    JsonNode end = explain("req-9").at("/traces/0/end");
    assertThat(end.path("promptTokens").asInt()).isEqualTo(-1);
    assertThat(end.path("outputTokens").asInt()).isEqualTo(-1);
  }

  @Test
  void the_trace_shows_waiting_each_kind_of_attempt_and_the_copy() {
    IndexedSnapshot current = IndexedSnapshot.of(Requests.withCanary(1, 0, 1_000_000), "hash");
    AdmittedRequest any = Requests.arrival(current, true, 1_000_000);
    clock.advance(Duration.ofSeconds(3));
    RequestRecorder.RequestObserver observer =
        memory.arrived(
            new AdmittedRequest(
                "req-8",
                any.path(),
                any.model(),
                any.stream(),
                any.key(),
                any.decision(),
                any.current(),
                clock.getAsLong(),
                Duration.ofSeconds(2).toNanos(),
                ""));
    observer.mirrored("default/next", "running");
    clock.advance(Duration.ofMillis(5));
    observer.attemptEnded(Requests.failure(1, Requests.CANARY, Failure.Kind.RESET));
    observer.attemptEnded(Requests.failure(2, Requests.STABLE, Failure.Kind.RESET));
    observer.attemptEnded(Requests.cut(3, Requests.STABLE));
    observer.attemptEnded(Requests.failure(4, Requests.STABLE, Failure.Kind.CONNECT_FAILED));
    observer.attemptEnded(Requests.success(5, Requests.STABLE));
    observer.mirrored("default/next", "answered");
    JsonNode trace = explain("req-8").path("traces").path(0);
    assertThat(trace.path("attempts").valueStream().map(a -> a.path("why").asString()))
        .containsExactly("first", "stable", "retry", "resume", "resume");
    assertThat(trace.path("waitedMillis").asDouble()).isEqualTo(2_000.0);
    assertThat(trace.at("/attempts/0/endedAfterMillis").asDouble()).isEqualTo(2_005.0);
    assertThat(trace.path("arrivedAt").asString())
        .isEqualTo(clock.instant().minusMillis(2_005).toString());
    assertThat(trace.path("mirror").asString()).isEqualTo("default/next");
    assertThat(trace.path("mirrorResult").asString()).isEqualTo("answered");
  }

  @Test
  void the_oldest_request_is_dropped_and_the_list_reports_its_start() {
    for (int i = 0; i < 6; i++) {
      RequestRecorder.RequestObserver _ = memory.arrived(arrival("req-" + i));
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(explain("req-1").path("traces")).isEmpty();
    assertThat(explain("req-2").path("traces")).hasSize(1);
    assertThat(explain("req-1").path("remembered").asInt()).isEqualTo(4);
    assertThat(explain("req-1").path("since").asString())
        .isEqualTo(clock.instant().minusSeconds(4).toString());
  }
}
