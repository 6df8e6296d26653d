// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.testkit.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class JsonAccessLogTest {
  private final ManualClock clock = new ManualClock();
  private final IndexedSnapshot current =
      IndexedSnapshot.of(
          Requests.withoutCanary(1), SnapshotCodec.publish(Requests.withoutCanary(1)).hash());

  @Test
  void a_request_is_one_line_of_json_without_a_secret() {
    var out = new ByteArrayOutputStream();
    try (var log = new JsonAccessLog(clock, out, 10)) {
      log.finished(
          Requests.finished(
              Requests.arrival(current, false, 0, CohortMembership.UNOBSERVED),
              "chat@1",
              2,
              1,
              Optional.empty()));
      log.refused(
          "req-2", "POST", "/v1/\"x\"\n", new Failure(Failure.Kind.UNAUTHENTICATED, "no key"));
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"time":"2026-01-01T00:00:00Z","request_id":"req-1","path":"/v1/chat/completions",\
            "principal":"application","tenant":"default","model":"chat","service":"default/chat",\
            "version":"chat@1","replica":"chat-1-0","status":200,"outcome":"success","stream":true,\
            "attempts":2,"resumes":1,"fell_back":false,"ttft_ms":20.0,"duration_ms":500.0,\
            "prompt_tokens":12,"output_tokens":34}
            {"time":"2026-01-01T00:00:00Z","request_id":"req-2","method":"POST",\
            "path":"/v1/\\"x\\"\\n","status":401,"outcome":"neutral","fault":"client",\
            "cause":"invalid_api_key"}
            """);
  }

  @Test
  void missing_counts_are_absent() {
    var out = new ByteArrayOutputStream();
    try (var log = new JsonAccessLog(clock, out, 10)) {
      log.finished(Requests.counted(arrival(), 0, 0));
      log.finished(Requests.counted(arrival(), 0, 7));
      log.finished(Requests.counted(arrival(), 5, 0));
    }
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line).doesNotContain("_tokens"),
            line ->
                assertThat(line).endsWith("\"output_tokens\":7}").doesNotContain("prompt_tokens"),
            line -> assertThat(line).endsWith("\"prompt_tokens\":5,\"output_tokens\":0}"));
  }

  private AdmittedRequest arrival() {
    return Requests.arrival(current, false, 0, CohortMembership.UNOBSERVED);
  }

  @Test
  void the_line_contains_the_injected_fault() {
    var out = new ByteArrayOutputStream();
    try (var log = new JsonAccessLog(clock, out, 10)) {
      log.finished(
          Requests.withFault(
              Requests.arrival(current, false, 0, CohortMembership.UNOBSERVED),
              List.of("chat-flt-3", "chat-flt-4")));
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("\"injected\":\"chat-flt-3, chat-flt-4\"");
  }

  @Test
  void lines_that_do_not_fit_are_dropped_and_counted_without_blocking() {
    var gate = new CountDownLatch(1);
    var slow =
        new OutputStream() {
          @Override
          public void write(int b) {
            await();
          }

          @Override
          public void write(byte[] bytes, int from, int length) {
            await();
          }

          private void await() {
            try {
              gate.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (var log = new JsonAccessLog(clock, slow, 4)) {
      var failure = new Failure(Failure.Kind.UNKNOWN_PATH, "unknown");
      for (int i = 0; i < 5_000; i++) {
        log.refused("req", "GET", "/" + "x".repeat(200), failure);
      }
      assertThat(log.dropped()).isPositive();
      gate.countDown();
    }
  }
}
