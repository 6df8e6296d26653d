// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Script;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Replicas that answer their health check but never one request that is not streamed.
@Timeout(60)
class HungAnswersTest {
  private static final String ASK = "{\"model\":\"chat\",\"messages\":[]}";

  /// With a limit of one token the bound is the first-token timeout plus a tenth of a second.
  private static final String SHORT = "{\"model\":\"chat\",\"messages\":[],\"max_tokens\":1}";

  private static final String STREAM = "{\"model\":\"chat\",\"messages\":[],\"stream\":true}";
  private static final String ANSWER =
      "{\"id\":\"c1\",\"choices\":[{\"message\":{\"content\":\"ho\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}";
  private static final int ENOUGH = 200;
  private static final Timeouts TIMEOUTS = new Timeouts(5_000, 400, 20_000, 40_000);

  private final GatewayFixture weir = new GatewayFixture();
  private final BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
  private final FakeModelServer hangs = weir.server().byDefault(hang());
  private final FakeModelServer well = weir.server().byDefault(answers());

  @AfterEach
  void close() {
    weir.close();
  }

  private static Script answers() {
    return (_, wire) -> {
      wire.answer(200, "application/json", ANSWER);
      return true;
    };
  }

  /// Answers its health check and nothing else.
  private Script hang() {
    return (request, wire) -> {
      if (request.target().equals("/health")) {
        wire.answer(200, "application/json", "{}");
        return true;
      }
      wire.awaitClose();
      cancelled.add(request.target());
      return false;
    };
  }

  private ServiceEntry canaryHangs() {
    return service(arm("1", well), List.of(GatewayFixture.canary(1_000_000, hangs)), TIMEOUTS);
  }

  private ServiceEntry stableHangs() {
    return service(arm("1", hangs, well), List.of(), TIMEOUTS);
  }

  /// Sends enough requests for the gateway to learn how long answers of the stable version take.
  private void learn() throws Exception {
    weir.serve(service(arm("1", well), List.of(), TIMEOUTS));
    for (int i = 0; i < ENOUGH; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
      Memory.next(weir.recorder.attempts);
      Memory.next(weir.recorder.completed);
    }
  }

  @Test
  void a_hanging_canary_is_abandoned_for_the_stable_version_and_counted() throws Exception {
    learn();
    weir.serve(canaryHangs());

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("x-weir-version")).contains("chat@1");
    assertThat(Memory.next(weir.recorder.overdue)).isEqualTo("given up");
    assertNoAnswer(Memory.next(weir.recorder.attempts), "chat@2");
    assertThat(Memory.next(cancelled)).as("the engine is stopped").contains("/chat/");
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.SUCCESS);
  }

  private static void assertNoAnswer(AttemptEnd end, String version) {
    assertThat(end.version()).isEqualTo(version);
    assertThat(end.number()).isEqualTo(1);
    assertThat(end.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(end.failure().map(Failure::kind)).contains(Failure.Kind.NO_ANSWER);
  }

  @Test
  void a_hanging_stable_replica_is_abandoned_for_another_replica() throws Exception {
    learn();
    weir.serve(stableHangs());

    while (weir.recorder.overdue.isEmpty()) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    }

    // The client may have its answer before the recorder learns that the attempt ended.
    List<AttemptEnd> firstAttempts = new ArrayList<>();
    AttemptEnd end = Memory.next(weir.recorder.attempts);
    while (end.number() == 1) {
      firstAttempts.add(end);
      end = Memory.next(weir.recorder.attempts);
    }
    assertThat(firstAttempts).anySatisfy(first -> assertNoAnswer(first, "chat@1"));
  }

  @Test
  void without_history_the_maximum_tokens_bound_the_wait() throws Exception {
    weir.serve(canaryHangs());

    HttpResponse<String> response = weir.chat(SHORT);

    assertThat(response.statusCode()).isEqualTo(200);
    assertNoAnswer(Memory.next(weir.recorder.attempts), "chat@2");
  }

  @Test
  void the_bound_is_learned_only_from_the_stable_version() throws Exception {
    weir.serve(service(arm("1", hangs), List.of(GatewayFixture.canary(1_000_000, well)), TIMEOUTS));
    for (int i = 0; i < 2 * ENOUGH; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    }
    weir.serve(service(arm("1", hangs, well), List.of(), new Timeouts(5_000, 400, 20_000, 3_000)));

    int status = 200;
    while (status == 200) {
      status = weir.chat(ASK).statusCode();
    }

    assertThat(status).as("only the total timeout bounds it").isEqualTo(504);
    assertThat(weir.recorder.overdue).isEmpty();
  }

  @Test
  void without_another_replica_an_overdue_answer_counts_and_is_awaited() throws Exception {
    learn();
    CompletableFuture<Void> mayAnswer = new CompletableFuture<>();
    FakeModelServer slow =
        weir.server()
            .byDefault((request, wire) -> {
              if (!request.target().equals("/health")) {
                mayAnswer.join();
              }
              wire.answer(200, "application/json", ANSWER);
              return true;
            });
    weir.serve(service(arm("1", slow), List.of(), TIMEOUTS));

    CompletableFuture<HttpResponse<String>> response = weir.chatLater(ASK);
    assertThat(Memory.next(weir.recorder.overdue)).isEqualTo("awaited");
    mayAnswer.complete(null);

    assertThat(response.join().statusCode()).isEqualTo(200);
    assertThat(Memory.next(weir.recorder.attempts).outcome())
        .as("it counts as an answer of its replica")
        .isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void a_client_that_disconnects_from_an_overdue_answer_counts_as_a_failure_of_the_version()
      throws Exception {
    learn();
    weir.serve(service(arm("1", hangs), List.of(), TIMEOUTS));

    try (Socket client = weir.socket()) {
      GatewayFixture.send(
          client,
          "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n"
              + "content-type: application/json\r\ncontent-length: "
              + ASK.length()
              + "\r\n\r\n"
              + ASK);
      assertThat(Memory.next(weir.recorder.overdue)).isEqualTo("awaited");
    }

    assertNoAnswer(Memory.next(weir.recorder.attempts), "chat@1");
    assertThat(Memory.next(weir.recorder.completed).status()).isEqualTo(499);
  }

  @Test
  void a_client_that_disconnects_earlier_does_not_count_against_the_version() throws Exception {
    weir.serve(service(arm("1", hangs), List.of(), TIMEOUTS));

    try (Socket client = weir.socket()) {
      GatewayFixture.send(
          client,
          "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n"
              + "content-type: application/json\r\ncontent-length: "
              + ASK.length()
              + "\r\n\r\n"
              + ASK);
      hangs.take();
    }

    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.NEUTRAL);
  }

  @Test
  void a_client_deadline_that_passes_later_does_not_excuse_the_version() throws Exception {
    learn();
    weir.serve(service(arm("1", hangs), List.of(), TIMEOUTS));

    HttpResponse<String> response = weir.chat(ASK, "x-weir-timeout", "2");

    assertThat(response.statusCode()).isEqualTo(504);
    assertNoAnswer(Memory.next(weir.recorder.attempts), "chat@1");
  }

  @Test
  void no_attempt_is_abandoned_beyond_the_maximum_attempts_of_a_request() throws Exception {
    learn();
    ServiceEntry once =
        new ServiceEntry(
            "default/chat",
            "default",
            "chat",
            arm("1", hangs, hangs),
            List.of(),
            new Timeouts(5_000, 400, 20_000, 3_000),
            20,
            1,
            true,
            "");
    weir.serve(once);

    assertThat(weir.chat(ASK).statusCode()).isEqualTo(504);

    assertThat(Memory.next(weir.recorder.overdue)).isEqualTo("awaited");
    assertThat(Memory.next(weir.recorder.attempts).failure().map(Failure::kind))
        .contains(Failure.Kind.TOTAL_TIMEOUT);
  }

  @Test
  void a_stream_keeps_its_first_token_timeout() throws Exception {
    learn();
    weir.serve(canaryHangs());

    weir.chat(STREAM);

    assertThat(Memory.next(weir.recorder.attempts).failure().map(Failure::kind))
        .contains(Failure.Kind.FIRST_TOKEN_TIMEOUT);
    assertThat(weir.recorder.overdue).isEmpty();
  }
}
