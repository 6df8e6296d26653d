// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static dev.weir.testkit.FakeModelServer.Script.reset;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.FakeModelServer;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What happens to a request when its replicas fail, are full, or do not exist.
class FailingReplicasTest {
  private static final String ASK =
      "{\"model\":\"chat\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"odd\": 1.50}";
  private static final String ANSWER =
      "{\"id\":\"c1\",\"choices\":[{\"message\":{\"content\":\"ho\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}";

  private final GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    weir.close();
  }

  @Test
  void a_failed_attempt_is_retried_on_another_replica() throws Exception {
    FakeModelServer broken = weir.server().byDefault(reset());
    FakeModelServer sick = weir.server().byDefault(json(500, "{\"error\":1}"));
    FakeModelServer well = weir.server().byDefault(json(200, ANSWER));
    weir.serve(broken, sick, well);

    for (int i = 0; i < 10; i++) {
      HttpResponse<String> response = weir.chat(ASK);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("x-weir-replica")).contains("chat-1-2");
    }
  }

  @Test
  void an_unreachable_replica_is_not_retried_at_once() throws Exception {
    FakeModelServer closedServer = weir.server();
    closedServer.close();
    FakeModelServer well = weir.server().byDefault(json(200, ANSWER));
    weir.serve(closedServer, well);

    for (int i = 0; i < 20; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    }

    assertThat(weir.recorder.attempts.stream().filter(a -> a.failure().isPresent()).count())
        .isLessThan(5);
  }

  @Test
  void the_engines_last_error_is_relayed_unmodified() throws Exception {
    String error = "{\"object\":\"error\", \"code\": 500}";
    FakeModelServer one = weir.server().byDefault(json(500, error));
    FakeModelServer two = weir.server().byDefault(json(500, error));
    weir.serve(one, two);

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).isEqualTo(error);
    assertThat(response.headers().firstValue("x-weir-attempts")).contains("2");
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.FAILURE);
  }

  @Test
  void a_full_engine_is_backpressure_with_a_retry_time() throws Exception {
    weir.serve(weir.server().byDefault(json(429, "{\"error\":\"full\"}")));

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("retry-after")).isPresent();
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.BACKPRESSURE);
  }

  @Test
  void a_request_to_a_full_replica_is_served_by_one_that_is_not_full() throws Exception {
    FakeModelServer full = weir.server().byDefault(json(429, "{}"));
    FakeModelServer free = weir.server().byDefault(json(200, ANSWER));
    weir.serve(full, free);

    for (int i = 0; i < 8; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    }
    assertThat(full.drainReceived()).hasSizeLessThan(8);
  }

  @Test
  void when_most_replicas_report_full_nothing_is_retried() throws Exception {
    FakeModelServer[] full = new FakeModelServer[12];
    for (int i = 0; i < full.length; i++) {
      full[i] = weir.server().byDefault(json(503, "{}"));
    }
    weir.serve(full);

    List<Integer> attempts = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      HttpResponse<String> response = weir.chat(ASK);
      assertThat(response.statusCode()).isEqualTo(503);
      attempts.add(
          Integer.parseInt(response.headers().firstValue("x-weir-attempts").orElseThrow()));
    }
    assertThat(attempts.getFirst()).isEqualTo(3);
    assertThat(attempts.subList(4, 8)).containsOnly(1);
  }

  @Test
  void the_retry_time_of_an_engine_is_passed_on() throws Exception {
    weir.serve(
        weir.server()
            .byDefault((_, wire) -> {
              wire.raw("HTTP/1.1 429 Full\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n");
              return true;
            }));

    assertThat(weir.chat(ASK).headers().firstValue("retry-after")).contains("7");
  }

  @Test
  void a_service_at_its_concurrency_limit_refuses_the_next_request_and_serves_again_later()
      throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch received = new CountDownLatch(1);
    FakeModelServer slow =
        weir.server()
            .byDefault((_, wire) -> {
              received.countDown();
              gate.await();
              wire.answer(200, "application/json", ANSWER);
              return true;
            });
    weir.serve(one(arm("1", slow)));
    CompletableFuture<HttpResponse<String>> first = weir.chatLater(ASK);
    received.await();

    HttpResponse<String> refused = weir.chat(ASK);

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("service_full", "1 requests of chat");
    assertThat(Integer.parseInt(refused.headers().firstValue("retry-after").orElseThrow()))
        .isBetween(1, 60);
    gate.countDown();
    assertThat(first.join().statusCode()).isEqualTo(200);
    Memory.next(weir.recorder.completed);
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
  }

  private static ServiceEntry one(Arm arm) {
    return service(arm, List.of(), LONG).with(new Isolation(5, 10_000, 10, 50, 1));
  }

  @Test
  void a_request_that_no_replica_serves_gets_the_state_of_each_replica_and_a_retry_time()
      throws Exception {
    Arm failing = arm("1", weir.server().byDefault(json(500, "{}")));
    Isolation strict = new Isolation(2, 30_000, 100, 0, 100);
    weir.serve(service(failing, List.of(), LONG).with(strict));
    weir.chat(ASK);
    weir.chat(ASK);

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body())
        .contains("no_replica", "chat-1-0: ejected for ", "the model server failed: 500");
    assertThat(Integer.parseInt(response.headers().firstValue("retry-after").orElseThrow()))
        .isBetween(25, 30);
  }

  @Test
  void a_client_error_is_never_retried() throws Exception {
    FakeModelServer one = weir.server().byDefault(json(400, "{\"error\":\"bad\"}"));
    FakeModelServer two = weir.server().byDefault(json(400, "{\"error\":\"bad\"}"));
    weir.serve(one, two);

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(one.drainReceived().size() + two.drainReceived().size()).isEqualTo(1);
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.NEUTRAL);
  }

  @Test
  void a_truncated_answer_is_retried() throws Exception {
    FakeModelServer cut =
        weir.server()
            .byDefault((_, wire) -> {
              wire.raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":");
              wire.closeGracefully();
              return false;
            });
    FakeModelServer aborted =
        weir.server().byDefault(json(200, "{\"choices\":[{\"finish_reason\": \"abort\"}]}"));
    FakeModelServer well = weir.server().byDefault(json(200, ANSWER));
    weir.serve(cut, aborted, well);

    for (int i = 0; i < 6; i++) {
      assertThat(weir.chat(ASK).body()).isEqualTo(ANSWER);
    }
  }

  @Test
  void an_unreadable_answer_is_retried() throws Exception {
    FakeModelServer garbage =
        weir.server()
            .byDefault((_, wire) -> {
              wire.raw("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{\"\u0001!]]!\n");
              return true;
            });
    FakeModelServer well = weir.server().byDefault(json(200, ANSWER));
    weir.serve(garbage, well);

    for (int i = 0; i < 6; i++) {
      assertThat(weir.chat(ASK).body()).isEqualTo(ANSWER);
    }
    assertThat(garbage.drainReceived()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nx-a: b\r\n c\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\n x-a: b\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\t\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding:\r\n chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-t: a\r\n b\r\n\r\n"
      })
  void an_answer_with_folded_lines_is_rejected_and_its_connection_is_closed(String answer)
      throws Exception {
    FakeModelServer folding =
        weir.server()
            .byDefault((_, wire) -> {
              wire.raw(answer);
              return true;
            });
    weir.serve(folding);

    assertThat(weir.chat(ASK).statusCode()).isEqualTo(502);
    weir.chat(ASK);

    assertThat(folding.accepts()).isEqualTo(2);
  }

  @Test
  void bytes_that_are_not_http_are_recognised_at_once() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    FakeModelServer other =
        weir.server()
            .byDefault((_, wire) -> {
              wire.raw("SSH-2.0-without-a-line-end");
              over.await();
              return false;
            });
    weir.serve(other, weir.server().byDefault(json(200, ANSWER)));

    for (int i = 0; i < 6; i++) {
      assertThat(weir.chat(ASK).body()).isEqualTo(ANSWER);
    }
    over.countDown();
    assertThat(weir.recorder.attempts.stream().flatMap(end -> end.failure().stream()))
        .isNotEmpty()
        .allMatch(failure -> failure.kind() == Failure.Kind.BAD_ANSWER);
  }

  @Test
  void unreachable_replicas_do_not_count_as_attempts() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    FakeModelServer well =
        weir.server()
            .then((request, wire) -> {
              gate.await();
              return json(200, ANSWER).play(request, wire);
            })
            .byDefault(json(200, ANSWER));
    List<ReplicaEntry> replicas = new ArrayList<>();
    replicas.add(new ReplicaEntry("well", well.url(), "vllm", "chat"));
    weir.serve(service(new Arm("chat@1", replicas), List.of(), LONG));
    CompletableFuture<HttpResponse<String>> fullest = weir.chatLater(ASK);
    well.take();
    for (int i = 0; i < 5; i++) {
      FakeModelServer closedServer = weir.server();
      replicas.add(new ReplicaEntry("gone-" + i, closedServer.url(), "vllm", "chat"));
      closedServer.close();
    }
    weir.serve(service(new Arm("chat@1", replicas), List.of(), LONG));

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.body()).isEqualTo(ANSWER);
    assertThat(response.headers().firstValue("x-weir-attempts")).contains("6");
    gate.countDown();
    fullest.join();
  }

  @Test
  void without_a_replica_the_answer_is_503_with_a_retry_time() throws Exception {
    weir.serve();

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).contains("no_replica").contains("chat@1 has no replica");
    assertThat(response.headers().firstValue("retry-after")).isPresent();
  }

  @Test
  void the_first_request_after_all_replicas_died_gets_the_reason_and_a_retry_time()
      throws Exception {
    FakeModelServer one = weir.server();
    FakeModelServer two = weir.server();
    weir.serve(one, two);
    one.close();
    two.close();

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("retry-after")).isPresent();
    assertThat(response.body())
        .contains("no_replica", "chat@1", "2 of 2 tried", "chat-1-0: ", "chat-1-1: ", "refused");
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.FAILURE);
  }
}
