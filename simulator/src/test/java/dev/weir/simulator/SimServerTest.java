// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.simulator.SimClient.Reply;
import dev.weir.simulator.answer.AnswerLimits;
import dev.weir.simulator.answer.AnswerOracle;
import dev.weir.simulator.answer.AnswerOracle.Expected;
import dev.weir.simulator.answer.ChatMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The API of vLLM on a real socket, at 200 times the real speed.
class SimServerTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String COMPLETIONS = "/v1/completions";
  private static final String MESSAGES = "/v1/messages";
  private static final String HELLO =
      "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";
  private static final List<ChatMessage> HELLO_MESSAGES = List.of(new ChatMessage("user", "Hello"));

  private static SimServer server;
  private static SimClient client;

  @BeforeAll
  static void start() {
    server =
        SimServer.start(
            SimOptions.parse(
                "--port",
                "0",
                "--model",
                "m",
                "--version",
                "4",
                "--time-scale",
                "200",
                "--max-model-len",
                "4096"));
    client = new SimClient(server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void health_and_ping_are_200_with_an_empty_body() throws Exception {
    assertThat(client.get("/health")).isEqualTo(new Reply(200, "", ""));
    assertThat(client.get("/ping")).isEqualTo(new Reply(200, "", ""));
    assertThat(client.post("/ping", "")).isEqualTo(new Reply(200, "", ""));
  }

  @Test
  void models_version_and_load_have_the_format_of_vllm() throws Exception {
    JsonNode model = client.get("/v1/models").json().at("/data/0");
    assertThat(model.get("id").asString()).isEqualTo("m");
    assertThat(model.get("owned_by").asString()).isEqualTo("vllm");
    assertThat(model.get("max_model_len").asInt()).isEqualTo(4096);
    assertThat(client.get("/version").json().get("version").asString()).startsWith("0.");
    assertThat(client.get("/load").json().get("server_load").isInt()).isTrue();
  }

  @Test
  void a_chat_is_answered_completely_with_its_usage() throws Exception {
    JsonNode body = client.post(CHAT, "{" + HELLO + ",\"max_tokens\":7}").json();
    Expected expected = AnswerOracle.chat("4", 0, HELLO_MESSAGES, AnswerLimits.of(7));
    assertThat(body.get("object").asString()).isEqualTo("chat.completion");
    assertThat(body.get("id").asString()).startsWith("chatcmpl-");
    assertThat(body.at("/choices/0/message/role").asString()).isEqualTo("assistant");
    assertThat(body.at("/choices/0/message/content").asString()).isEqualTo(expected.text());
    assertThat(body.at("/choices/0/finish_reason").asString()).isEqualTo("length");
    assertThat(body.at("/usage/prompt_tokens").asInt()).isEqualTo(expected.promptTokens());
    assertThat(body.at("/usage/completion_tokens").asInt()).isEqualTo(7);
    assertThat(body.at("/usage/total_tokens").asInt()).isEqualTo(expected.promptTokens() + 7);
  }

  @Test
  void a_chat_stream_has_role_tokens_finish_usage_and_done() throws Exception {
    Reply reply =
        client.post(
            CHAT,
            "{"
                + HELLO
                + ",\"max_completion_tokens\":5,\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
            "x-request-id",
            "mine");
    List<JsonNode> events = reply.events();
    assertThat(reply.contentType()).isEqualTo("text/event-stream; charset=utf-8");
    assertThat(events).hasSize(7);
    assertThat(events)
        .allSatisfy(event -> {
          assertThat(event.get("id").asString()).isEqualTo("chatcmpl-mine");
          assertThat(event.get("object").asString()).isEqualTo("chat.completion.chunk");
          assertThat(event.get("model").asString()).isEqualTo("m");
        });
    assertThat(events.getFirst().at("/choices/0/delta").toString())
        .isEqualTo("{\"role\":\"assistant\",\"content\":\"\"}");
    for (JsonNode event : events.subList(1, 6)) {
      assertThat(event.at("/choices/0/delta/content").asString()).hasSize(5).startsWith(" ");
      assertThat(event.at("/choices/0/delta").has("role")).isFalse();
    }
    assertThat(events.get(4).at("/choices/0/finish_reason").isNull()).isTrue();
    assertThat(events.get(5).at("/choices/0/finish_reason").asString()).isEqualTo("length");
    assertThat(events.get(6).get("choices").isEmpty()).isTrue();
    assertThat(events.get(6).at("/usage/completion_tokens").asInt()).isEqualTo(5);
    assertThat(reply.streamedChat())
        .isEqualTo(AnswerOracle.chat("4", 0, HELLO_MESSAGES, AnswerLimits.of(5)).text());
  }

  @Test
  void an_answer_that_ends_by_itself_stops_with_an_empty_delta() throws Exception {
    Expected expected = AnswerOracle.chat("4", 0, HELLO_MESSAGES, AnswerLimits.of(3000));
    List<JsonNode> events =
        client.post(CHAT, "{" + HELLO + ",\"max_tokens\":3000,\"stream\":true}").events();
    JsonNode last = events.getLast().at("/choices/0");
    assertThat(last.get("finish_reason").asString()).isEqualTo("stop");
    assertThat(last.at("/delta/content").asString("?")).isEmpty();
    assertThat(events).hasSize(1 + expected.completionTokens());
  }

  @Test
  void usage_is_streamed_continuously_on_demand() throws Exception {
    List<JsonNode> events =
        client
            .post(
                CHAT,
                "{"
                    + HELLO
                    + ",\"max_tokens\":3,\"stream\":true,\"stream_options\":{\"include_usage\":true,\"continuous_usage_stats\":true}}")
            .events();
    assertThat(events.stream().map(event -> event.at("/usage/completion_tokens").asInt()))
        .containsExactly(1, 1, 2, 3, 3);
  }

  @Test
  void a_chat_cut_after_every_token_is_continued_byte_for_byte() throws Exception {
    String whole = client.post(CHAT, "{" + HELLO + ",\"max_tokens\":24}").chat();
    for (int cut = 1; cut < 24; cut++) {
      String partial = whole.substring(0, 5 * cut);
      String messages =
          "[{\"role\":\"user\",\"content\":\"Hello\"},{\"role\":\"assistant\",\"content\":\""
              + partial
              + "\"}]";
      Reply rest =
          client.post(
              CHAT,
              "{\"model\":\"m\",\"messages\":"
                  + messages
                  + ",\"continue_final_message\":true,\"add_generation_prompt\":false,\"stream\":true,\"max_tokens\":"
                  + (24 - cut)
                  + "}");
      assertThat(partial + rest.streamedChat()).isEqualTo(whole);
    }
  }

  @Test
  void a_completion_cut_after_every_token_is_continued_byte_for_byte() throws Exception {
    String whole =
        client
            .post(COMPLETIONS, "{\"model\":\"m\",\"prompt\":\"Once\",\"max_tokens\":24}")
            .completion();
    for (int cut = 1; cut < 24; cut++) {
      String partial = whole.substring(0, 5 * cut);
      Reply rest =
          client.post(
              COMPLETIONS,
              "{\"model\":\"m\",\"prompt\":\"Once"
                  + partial
                  + "\",\"max_tokens\":"
                  + (24 - cut)
                  + "}");
      assertThat(partial + rest.completion()).isEqualTo(whole);
    }
  }

  @Test
  void a_chat_is_continued_by_its_token_ids_too() throws Exception {
    List<JsonNode> events =
        client
            .post(
                CHAT, "{" + HELLO + ",\"max_tokens\":20,\"stream\":true,\"return_token_ids\":true}")
            .events();
    StringBuilder ids = new StringBuilder(events.getFirst().get("prompt_token_ids").toString());
    StringBuilder given = new StringBuilder();
    for (JsonNode event : events.subList(1, 8)) {
      ids.insert(ids.length() - 1, "," + event.at("/choices/0/token_ids/0"));
      given.append(event.at("/choices/0/delta/content").asString());
    }
    String rest =
        client
            .post(COMPLETIONS, "{\"model\":\"m\",\"prompt\":" + ids + ",\"max_tokens\":13}")
            .completion();
    assertThat(given + rest)
        .isEqualTo(AnswerOracle.chat("4", 0, HELLO_MESSAGES, AnswerLimits.of(20)).text());
  }

  @Test
  void a_completion_returns_the_ids_of_its_prompt_in_its_choice() throws Exception {
    String request = "{\"prompt\":[4096,1,2],\"max_tokens\":2,\"return_token_ids\":true";
    JsonNode whole = client.post(COMPLETIONS, request + "}").json().at("/choices/0");

    List<JsonNode> events = client.post(COMPLETIONS, request + ",\"stream\":true}").events();

    assertThat(whole.get("prompt_token_ids")).hasToString("[4096,1,2]");
    assertThat(events.getFirst().at("/choices/0/prompt_token_ids")).hasToString("[4096,1,2]");
    assertThat(events.get(1).at("/choices/0").has("prompt_token_ids")).isFalse();
    for (int i = 0; i < 2; i++) {
      assertThat(events.get(i).at("/choices/0/token_ids/0"))
          .isEqualTo(whole.get("token_ids").get(i));
    }
  }

  @Test
  void continuing_and_adding_a_generation_prompt_exclude_each_other() throws Exception {
    Reply reply = client.post(CHAT, "{" + HELLO + ",\"continue_final_message\":true}");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/message").asString())
        .isEqualTo("Cannot set both `continue_final_message` and `add_generation_prompt` to True.");
  }

  @Test
  void an_echo_repeats_the_prompt() throws Exception {
    String completion =
        client
            .post(COMPLETIONS, "{\"prompt\":\"Once é\",\"max_tokens\":2,\"echo\":true}")
            .completion();
    assertThat(completion).startsWith("Once é ").hasSize(16);
    Reply streamed =
        client.post(
            COMPLETIONS, "{\"prompt\":\"Once é\",\"max_tokens\":2,\"echo\":true,\"stream\":true}");
    assertThat(streamed.events().getFirst().at("/choices/0/text").asString()).isEqualTo("Once é");
    Reply alone = client.post(COMPLETIONS, "{\"prompt\":\"Once\",\"max_tokens\":0,\"echo\":true}");
    assertThat(alone.completion()).isEqualTo("Once");
    assertThat(alone.json().at("/usage/completion_tokens").asInt()).isZero();
  }

  @Test
  void a_message_is_answered_in_the_format_of_anthropic() throws Exception {
    JsonNode body =
        client.post(MESSAGES, "{" + HELLO + ",\"max_tokens\":7,\"system\":\"Be brief.\"}").json();
    assertThat(body.get("type").asString()).isEqualTo("message");
    assertThat(body.get("stop_reason").asString()).isEqualTo("max_tokens");
    assertThat(body.at("/usage/output_tokens").asInt()).isEqualTo(7);
    assertThat(body.at("/content/0/text").asString()).isNotBlank();
    assertThat(
            client
                .post(MESSAGES + "/count_tokens", "{" + HELLO + ",\"system\":\"Be brief.\"}")
                .json()
                .get("input_tokens"))
        .isEqualTo(body.at("/usage/input_tokens"));
  }

  @Test
  void a_streamed_message_equals_the_whole_one() throws Exception {
    String request = "{" + HELLO + ",\"max_tokens\":9,\"stream\":";
    String whole =
        client.post(MESSAGES, request + "false}").json().at("/content/0/text").asString();

    String stream = client.post(MESSAGES, request + "true}").body();

    StringBuilder text = new StringBuilder();
    stream
        .lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> JsonMapper.shared().readTree(line.substring(6)))
        .forEach(event -> text.append(event.at("/delta/text").asString("")));
    assertThat(text.toString()).isEqualTo(whole);
    assertThat(stream.lines().filter(line -> line.startsWith("event: ")).distinct())
        .containsExactly(
            "event: message_start",
            "event: content_block_start",
            "event: content_block_delta",
            "event: content_block_stop",
            "event: message_delta",
            "event: message_stop");
    assertThat(stream).contains("\"usage\":{\"input_tokens\":").contains("\"output_tokens\":9}");
  }

  @Test
  void a_message_ends_at_its_stop_sequence_and_errors_have_the_format_of_anthropic()
      throws Exception {
    String request = "{" + HELLO + ",\"max_tokens\":40,\"ignore_eos\":true";
    String whole = client.post(MESSAGES, request + "}").json().at("/content/0/text").asString();
    String word = whole.strip().split(" ", -1)[2];
    JsonNode stopped =
        client.post(MESSAGES, request + ",\"stop_sequences\":[\"" + word + "\"]}").json();
    assertThat(stopped.get("stop_reason").asString()).isEqualTo("stop_sequence");
    assertThat(stopped.get("stop_sequence").asString()).isEqualTo(word);

    Reply refused = client.post(MESSAGES, "{" + HELLO + "}");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().get("type").asString()).isEqualTo("error");
    assertThat(refused.json().at("/error/type").asString()).isEqualTo("invalid_request_error");
  }

  @Test
  void several_prompts_and_choices_are_answered_in_order() throws Exception {
    JsonNode body =
        client
            .post(COMPLETIONS, "{\"prompt\":[\"a\",\"b\",\"a\"],\"n\":2,\"max_tokens\":3}")
            .json();
    List<String> texts =
        body.get("choices").valueStream().map(choice -> choice.get("text").asString()).toList();
    assertThat(texts).hasSize(6);
    assertThat(texts.subList(0, 2)).isEqualTo(texts.subList(4, 6));
    assertThat(texts.subList(0, 4)).doesNotHaveDuplicates();
    assertThat(body.at("/usage/completion_tokens").asInt()).isEqualTo(18);
    List<JsonNode> events =
        client.post(CHAT, "{" + HELLO + ",\"n\":3,\"max_tokens\":2,\"stream\":true}").events();
    assertThat(
            events.stream()
                .filter(event -> event.at("/choices/0/finish_reason").isString())
                .count())
        .isEqualTo(3);
  }

  @Test
  void stop_strings_seeds_and_ignore_eos_are_applied() throws Exception {
    String whole = client.post(CHAT, "{" + HELLO + ",\"max_tokens\":30}").chat();
    String stop = whole.substring(50, 55);
    JsonNode stopped =
        client.post(CHAT, "{" + HELLO + ",\"max_tokens\":30,\"stop\":[\"" + stop + "\"]}").json();
    assertThat(stopped.at("/choices/0/message/content").asString())
        .isEqualTo(whole.substring(0, whole.indexOf(stop)));
    assertThat(stopped.at("/choices/0/stop_reason").asString()).isEqualTo(stop);
    assertThat(stopped.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    assertThat(client.post(CHAT, "{" + HELLO + ",\"max_tokens\":30,\"seed\":5}").chat())
        .isEqualTo(AnswerOracle.chat("4", 5, HELLO_MESSAGES, AnswerLimits.of(30)).text())
        .isNotEqualTo(whole);
    assertThat(client.post(CHAT, "{" + HELLO + ",\"max_tokens\":900,\"ignore_eos\":true}").chat())
        .hasSize(4500);
  }

  @Test
  void errors_have_the_format_of_vllm_and_the_status_as_code() throws Exception {
    assertError(client.post(CHAT, "{\"model\":"), 400, "BadRequestError");
    assertError(client.post(CHAT, "[]"), 400, "BadRequestError");
    assertError(client.post(CHAT, "{\"model\":\"m\"}"), 400, "BadRequestError");
    assertError(client.post(CHAT, "{\"model\":\"m\",\"messages\":[]}"), 400, "BadRequestError");
    assertError(client.post(CHAT, "{\"model\":\"x\",\"messages\":[]}"), 404, "NotFoundError");
    assertError(client.post(CHAT, "{" + HELLO + ",\"max_tokens\":0}"), 400, "BadRequestError");
    assertError(client.post(CHAT, "{" + HELLO + ",\"max_tokens\":5000}"), 400, "BadRequestError");
    assertError(client.post(CHAT, "{" + HELLO + ",\"temperature\":-1}"), 400, "BadRequestError");
    assertError(client.post(CHAT, "{" + HELLO + ",\"stream\":\"yes\"}"), 400, "BadRequestError");
    assertError(client.post(CHAT, "{" + HELLO + ",\"stream_options\":{}}"), 400, "BadRequestError");
    assertError(client.post(COMPLETIONS, "{\"prompt\":[]}"), 400, "BadRequestError");
    assertError(client.post(COMPLETIONS, "{\"prompt\":[-1]}"), 400, "BadRequestError");
    assertError(client.get("/v1/nothing"), 404, "Not Found");
    assertError(client.get(CHAT), 405, "Method Not Allowed");
    assertError(client.post("/metrics", "{}"), 405, "Method Not Allowed");
  }

  @Test
  void a_prompt_beyond_the_context_is_refused_with_the_message_of_vllm() throws Exception {
    Reply reply =
        client.post(COMPLETIONS, "{\"prompt\":\"" + " bana".repeat(4096) + "\",\"max_tokens\":1}");
    assertError(reply, 400, "BadRequestError");
    assertThat(reply.json().at("/error/message").asString())
        .startsWith(
            "This model's maximum context length is 4096 tokens. However, your request has 4096 input tokens.");
    assertError(
        client.post("/v1/embeddings", "{\"input\":\"" + " bana".repeat(4096) + "\"}"),
        400,
        "BadRequestError");
  }

  private static void assertError(Reply reply, int status, String type) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.json().at("/error/code").asInt()).isEqualTo(status);
    assertThat(reply.json().at("/error/type").asString()).isEqualTo(type);
    assertThat(reply.json().at("/error/message").asString()).isNotEmpty();
    assertThat(reply.json().get("error").has("param")).isTrue();
  }

  @Test
  void embeddings_are_unit_vectors_that_depend_on_the_input() throws Exception {
    JsonNode body =
        client.post("/v1/embeddings", "{\"input\":[\"a\",\"b\",\"a\"],\"dimensions\":8}").json();
    JsonNode first = body.at("/data/0/embedding");
    assertThat(first).hasSize(8).isEqualTo(body.at("/data/2/embedding"));
    assertThat(first).isNotEqualTo(body.at("/data/1/embedding"));
    double norm = first.valueStream().mapToDouble(v -> v.asDouble() * v.asDouble()).sum();
    assertThat(norm).isBetween(0.999, 1.001);
    assertThat(body.at("/usage/prompt_tokens").asInt()).isEqualTo(3);
    String base64 =
        client
            .post(
                "/v1/embeddings",
                "{\"input\":\"a\",\"dimensions\":8,\"encoding_format\":\"base64\"}")
            .json()
            .at("/data/0/embedding")
            .asString();
    assertThat(Base64.getDecoder().decode(base64)).hasSize(32);
  }

  @Test
  void tokenize_and_detokenize_are_inverse() throws Exception {
    JsonNode tokens = client.post("/tokenize", "{\"prompt\":\"Hi bana é\"}").json();
    assertThat(tokens.get("count").asInt()).isEqualTo(tokens.get("tokens").size());
    Reply back = client.post("/detokenize", "{\"tokens\":" + tokens.get("tokens") + "}");
    assertThat(back.json().get("prompt").asString()).isEqualTo("Hi bana é");
    Reply chat = client.post("/tokenize", "{" + HELLO + "}");
    int counted =
        client
            .post(CHAT, "{" + HELLO + ",\"max_tokens\":1}")
            .json()
            .at("/usage/prompt_tokens")
            .asInt();
    assertThat(chat.json().get("count").asInt()).isEqualTo(counted);
    assertError(client.post("/detokenize", "{\"tokens\":[4200]}"), 400, "BadRequestError");
  }

  @Test
  void metrics_use_the_names_of_vllm() throws Exception {
    double before = client.metric("vllm:request_success_total", "finished_reason=\"length\"");
    double tokens = client.metric("vllm:generation_tokens_total", "");
    client.post(CHAT, "{" + HELLO + ",\"max_tokens\":9}");
    assertThat(client.metric("vllm:request_success_total", "finished_reason=\"length\"") - before)
        .isEqualTo(1);
    assertThat(client.metric("vllm:generation_tokens_total", "") - tokens).isEqualTo(9);
    String page = client.get("/metrics").body();
    assertThat(page)
        .contains("# TYPE vllm:num_requests_running gauge")
        .contains("# TYPE vllm:prompt_tokens_total counter")
        .contains("# TYPE vllm:iteration_tokens_total histogram")
        .contains(
            "vllm:time_to_first_token_seconds_bucket{engine=\"0\",model_name=\"m\",le=\"0.001\"}")
        .contains(
            "vllm:time_to_first_token_seconds_bucket{engine=\"0\",model_name=\"m\",le=\"2560.0\"}")
        .contains(
            "vllm:inter_token_latency_seconds_bucket{engine=\"0\",model_name=\"m\",le=\"+Inf\"}")
        .contains("vllm:request_prompt_tokens_bucket{engine=\"0\",model_name=\"m\",le=\"2000.0\"}")
        .doesNotContain("le=\"5000.0\"")
        .contains("vllm:kv_cache_usage_perc{engine=\"0\",model_name=\"m\"} ");
    assertThat(
            page.lines().filter(line -> line.startsWith("vllm:e2e_request_latency_seconds_bucket")))
        .hasSize(22);
  }

  @Test
  void a_client_that_disconnects_aborts_its_generation() throws Exception {
    double before = client.metric("vllm:request_success_total", "finished_reason=\"abort\"");
    String body = "{" + HELLO + ",\"max_tokens\":4000,\"ignore_eos\":true,\"stream\":true}";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST "
                  + CHAT
                  + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
                  + body.length()
                  + "\r\n\r\n"
                  + body)
              .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readNBytes(15), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200 OK");
    }
    awaitMetric("vllm:request_success_total", "finished_reason=\"abort\"", before + 1);
    awaitMetric("vllm:num_requests_running", "", 0);
    awaitMetric("vllm:kv_cache_usage_perc", "", 0);
  }

  private static void awaitMetric(String name, String label, double value)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (client.metric(name, label) != value) {
      assertThat(System.nanoTime()).as(name + " never became " + value).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void pipelined_requests_are_answered_in_order() throws Exception {
    String body = "{" + HELLO + ",\"max_tokens\":3}";
    String request =
        "POST "
            + CHAT
            + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String last = "GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      socket
          .getOutputStream()
          .write((request + request + last).getBytes(StandardCharsets.US_ASCII));
      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(4);
      assertThat(answers).endsWith("}");
      assertThat(answers.lastIndexOf("chat.completion")).isLessThan(answers.indexOf("\"version\""));
    }
  }

  @Test
  void a_malformed_request_ends_the_connection() throws Exception {
    String request = "GET /health HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 400").contains("connection: close");
    }
  }

  @Test
  void long_headers_are_accepted_as_by_vllm() throws Exception {
    assertThat(client.get("/health", "x-long", "a".repeat(60_000)).status()).isEqualTo(200);
  }

  @Test
  void a_port_in_use_is_reported_by_the_command_and_ends_it() throws Exception {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String port = Integer.toString(server.port());
    int status =
        SimCommand.run(
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            "--port",
            port);
    assertThat(status).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith(
            "weir sim: cannot listen on 127.0.0.1:" + port + ": the address is in use; choose");
  }

  @Test
  void an_api_key_protects_only_v1() throws Exception {
    try (SimServer guarded =
        SimServer.start(SimOptions.parse("--port", "0", "--model", "m", "--api-key", "secret"))) {
      SimClient ask = new SimClient(guarded);
      Reply refused = ask.get("/v1/models");
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.json())
          .isEqualTo(JsonMapper.shared().readTree("{\"error\":\"Unauthorized\"}"));
      assertThat(ask.get("/v1/models", "authorization", "Bearer secret").status()).isEqualTo(200);
      assertThat(ask.get("/health").status()).isEqualTo(200);
      assertThat(ask.get("/metrics").status()).isEqualTo(200);
    }
  }

  @Test
  void a_loading_server_is_not_healthy_and_generates_nothing() throws Exception {
    try (SimServer loading =
        SimServer.start(
            SimOptions.parse("--port", "0", "--model", "m", "--load-seconds", "3600"))) {
      SimClient ask = new SimClient(loading);
      assertThat(ask.get("/health")).isEqualTo(new Reply(503, "", ""));
      assertThat(ask.post(CHAT, "{" + HELLO + "}").status()).isEqualTo(503);
    }
  }
}
