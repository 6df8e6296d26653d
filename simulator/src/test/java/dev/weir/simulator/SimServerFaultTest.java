// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.simulator.SimClient.Reply;
import dev.weir.simulator.answer.AnswerLimits;
import dev.weir.simulator.answer.AnswerOracle;
import dev.weir.simulator.answer.ChatMessage;
import dev.weir.simulator.fault.FaultPlan;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class SimServerFaultTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String BODY =
      "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":8}";
  private static final String LONG = BODY.replace(":8}", ":8000}");
  private static final String STREAM = BODY.replace("}],", "}],\"stream\":true,");
  private static final String RIGHT =
      AnswerOracle.chat("1", 0, List.of(new ChatMessage("user", "Hello")), AnswerLimits.of(8))
          .text();

  private final CountDownLatch crashed = new CountDownLatch(1);
  private SimServer server;
  private SimClient client;

  @BeforeEach
  void start() {
    server =
        SimServer.start(SimOptions.parse("--port", "0", "--time-scale", "200"), crashed::countDown);
    client = new SimClient(server);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void fault(String name, String value) {
    server.setFaults(FaultPlan.NONE.with(Map.of(name, value)));
  }

  @Test
  void faults_are_shown_changed_and_cleared_over_http() throws Exception {
    assertThat(client.post("/sim/faults", "{\"errorRate\":1}").json().get("errorRate").asDouble())
        .isEqualTo(1);
    client.post("/sim/faults", "{\"itlFactor\":2}");
    assertThat(client.get("/sim/faults").json().get("errorRate").asDouble()).isEqualTo(1);
    assertThat(client.get("/sim/faults").json().get("itlFactor").asDouble()).isEqualTo(2);
    assertThat(client.post(CHAT, BODY).status()).isEqualTo(500);
    assertThat(client.delete("/sim/faults").json().get("errorRate").asDouble()).isZero();
    assertThat(client.post(CHAT, BODY).chat()).isEqualTo(RIGHT);
    Reply wrong = client.post("/sim/faults", "{\"errorRate\":7}");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.json().at("/error/message").asString()).contains("errorRate is 7");
    assertThat(client.post("/sim/faults", "{\"x\":1}").status()).isEqualTo(400);
  }

  @Test
  void an_error_comes_before_the_first_byte_in_the_format_of_vllm() throws Exception {
    fault("errorRate", "1");
    Reply reply = client.post(CHAT, STREAM);
    assertThat(reply.status()).isEqualTo(500);
    assertThat(reply.json().at("/error/type").asString()).isEqualTo("InternalServerError");
    assertThat(reply.json().at("/error/code").asInt()).isEqualTo(500);
  }

  @Test
  void a_refusal_is_503_or_429() throws Exception {
    fault("rejectRate", "1");
    assertThat(client.post(CHAT, BODY).status()).isEqualTo(503);
    server.setFaults(FaultPlan.NONE.with(Map.of("rejectRate", "1", "rejectStatus", "429")));
    assertThat(client.post(CHAT, BODY).status()).isEqualTo(429);
  }

  @Test
  void a_cut_closes_the_connection_after_the_given_number_of_tokens() throws Exception {
    server.setFaults(FaultPlan.NONE.with(Map.of("cutRate", "1", "cutAfterTokens", "3")));
    String got = readUntilClosed(STREAM);
    assertThat(got).contains(RIGHT.substring(10, 15)).doesNotContain(RIGHT.substring(15, 20));
    assertThat(got).doesNotContain("[DONE]").doesNotContain("finish_reason\":\"");
    assertThatThrownBy(() -> client.post(CHAT, BODY)).isInstanceOf(IOException.class);
    assertThat(client.metric("vllm:request_success_total", "abort")).isEqualTo(2);
  }

  @Test
  void a_cut_with_reset_breaks_the_connection() {
    server.setFaults(
        FaultPlan.NONE.with(Map.of("cutRate", "1", "cutAfterTokens", "0", "cutWithReset", "1")));
    assertThatThrownBy(() -> client.post(CHAT, BODY)).isInstanceOf(IOException.class);
  }

  private String readUntilClosed(String body) throws IOException {
    try (Socket socket = connect(body)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private Socket connect(String body) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket
        .getOutputStream()
        .write(
            ("POST "
                    + CHAT
                    + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void a_stall_sends_nothing_more_and_keeps_the_connection_open() throws Exception {
    server.setFaults(FaultPlan.NONE.with(Map.of("stallRate", "1", "stallAfterTokens", "2")));
    try (Socket socket = connect(STREAM)) {
      socket.setSoTimeout(10_000);
      StringBuilder got = new StringBuilder();
      InputStream in = socket.getInputStream();
      while (!got.toString().contains(RIGHT.substring(5, 10) + "\"}")) {
        got.append((char) in.read());
      }
      // The rest of this event arrives and nothing else; the stream stays open.
      socket.setSoTimeout(300);
      assertThatThrownBy(
              () -> {
                for (int next = in.read(); next >= 0; next = in.read()) {
                  got.append((char) next);
                }
              })
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(got.toString()).doesNotContain(RIGHT.substring(10, 15));
    }
    assertThat(client.get("/health").status()).isEqualTo(200);
  }

  @Test
  void a_wrong_answer_is_well_formed_but_different() throws Exception {
    fault("wrongAnswerRate", "1");
    Reply reply = client.post(CHAT, BODY);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.chat()).hasSameSizeAs(RIGHT).isNotEqualTo(RIGHT);
  }

  @Test
  void a_refusal_begins_the_answer_streamed_or_not() throws Exception {
    fault("refusalRate", "1");
    assertThat(client.post(CHAT, BODY).chat())
        .isEqualTo("I'm sorry, but I can't help with that." + RIGHT);
    assertThat(client.post(CHAT, STREAM).streamedChat()).startsWith("I'm sorry, but I can't help");
  }

  @Test
  void a_request_for_json_gets_json_unless_the_fault_omits_its_end() throws Exception {
    String request =
        LONG.replace("{\"messages", "{\"response_format\":{\"type\":\"json_object\"},\"messages");
    String answer = client.post(CHAT, request).chat();
    assertThat(JsonMapper.shared().readTree(answer).get("answer").asString())
        .isEqualTo(client.post(CHAT, LONG).chat());
    assertThat(client.post(CHAT, request.replace("}],", "}],\"stream\":true,")).streamedChat())
        .isEqualTo(answer);
    fault("invalidJsonRate", "1");
    assertThat(client.post(CHAT, request).chat())
        .isEqualTo(answer.substring(0, answer.length() - 2));
    assertThat(client.post(CHAT, LONG).chat()).as("plain text").doesNotContain("{");
  }

  @Test
  void an_answer_in_a_loop_repeats_four_words() throws Exception {
    fault("repetitionRate", "1");
    String[] words = client.post(CHAT, LONG).chat().strip().split(" ", -1);
    assertThat(words).hasSizeGreaterThanOrEqualTo(64);
    for (int i = 12; i < words.length; i++) {
      assertThat(words[i]).isEqualTo(words[i - 4]);
    }
  }

  @Test
  void a_poor_answer_begins_with_its_own_words_and_has_no_extra_token() throws Exception {
    int tokens = client.post(CHAT, BODY).json().at("/usage/completion_tokens").asInt();
    fault("poorRate", "1");
    Reply poor = client.post(CHAT, BODY);
    assertThat(poor.chat()).isEqualTo("Whatever." + RIGHT);
    assertThat(poor.json().at("/usage/completion_tokens").asInt()).isEqualTo(tokens);
    assertThat(client.post(CHAT, STREAM).streamedChat()).isEqualTo("Whatever." + RIGHT);
    String request =
        LONG.replace("{\"messages", "{\"response_format\":{\"type\":\"json_object\"},\"messages");
    assertThat(
            JsonMapper.shared()
                .readTree(client.post(CHAT, request).chat())
                .get("answer")
                .asString())
        .as("still JSON")
        .startsWith("Whatever.");
  }

  @Test
  void a_factor_on_length_leaves_the_words_unchanged() throws Exception {
    String whole = client.post(CHAT, LONG).chat();
    fault("lengthFactor", "0.5");
    String half = client.post(CHAT, LONG).chat();
    assertThat(whole).startsWith(half);
    assertThat(half.length()).isBetween(whole.length() * 2 / 5, whole.length() * 3 / 5);
  }

  @Test
  void an_empty_answer_is_well_formed() throws Exception {
    fault("emptyAnswerRate", "1");
    Reply whole = client.post(CHAT, BODY);
    assertThat(whole.chat()).isEmpty();
    assertThat(whole.json().at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    Reply stream = client.post(CHAT, STREAM);
    assertThat(stream.streamedChat()).isEmpty();
    assertThat(stream.events()).hasSize(2);
  }

  @Test
  void a_lying_health_hides_a_dead_engine() throws Exception {
    fault("healthLies", "1");
    assertThat(client.get("/health").status()).isEqualTo(200);
    assertThat(client.post(CHAT, BODY).status()).isEqualTo(500);
  }

  @Test
  void the_server_crashes_after_the_given_number_of_requests() throws Exception {
    fault("crashAfterRequests", "2");
    assertThat(client.post(CHAT, BODY).status()).isEqualTo(200);
    assertThat(crashed.getCount()).isEqualTo(1);
    client.post(CHAT, BODY);
    assertThat(crashed.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void the_server_crashes_on_the_given_token() throws Exception {
    server.close();
    SimOptions options =
        SimOptions.parse("--port", "0", "--time-scale", "200", "--crash-after-tokens", "3");
    server = SimServer.start(options);
    assertThatThrownBy(() -> readAll(STREAM)).isInstanceOf(IOException.class);
    server.awaitClosed();
    assertThatThrownBy(() -> readAll(STREAM)).isInstanceOf(IOException.class);
  }

  /// Reads a whole answer. A reset or an end before `[DONE]` is an error.
  private void readAll(String body) throws IOException {
    String got = readUntilClosed(body);
    if (!got.contains("[DONE]")) {
      throw new IOException("cut: " + got);
    }
  }

  @Test
  void a_crash_can_be_requested_at_once() throws Exception {
    client.post("/sim/faults", "{\"crash\":true}");
    assertThat(crashed.await(20, TimeUnit.SECONDS)).isTrue();
  }
}
