// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.simulator.SimClient.Reply;
import dev.weir.simulator.answer.ChatMessage;
import dev.weir.simulator.answer.ChatTemplate;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// A server that simulates a judge model.
class SimJudgeTest {
  private static final String CHAT = "/v1/chat/completions";

  private static SimServer server;
  private static SimClient client;

  @BeforeAll
  static void start() {
    server = SimServer.start(SimOptions.parse("--port", "0", "--judge", "--time-scale", "200"));
    client = new SimClient(server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String judging(String system, String user) {
    return "{\"max_tokens\":8,\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},"
            .formatted(system)
        + "{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(user);
  }

  @Test
  void an_answer_with_the_words_of_a_poor_answer_gets_a_low_grade() throws Exception {
    assertThat(client.post(CHAT, judging("Judge.", "Q: Hi A: bana dado")).chat()).isEqualTo("9");
    assertThat(client.post(CHAT, judging("Judge.", "Q: Hi A: Whatever. bana dado")).chat())
        .isEqualTo("2");
    assertThat(client.post(CHAT, judging("Judge. Whatever.", "Q: Hi A: bana")).chat())
        .as("only the user's text is graded")
        .isEqualTo("9");
  }

  @Test
  void a_poor_answer_of_another_server_begins_with_those_words() throws Exception {
    try (SimServer poor =
        SimServer.start(
            SimOptions.parse("--port", "0", "--poor-rate", "1", "--time-scale", "200"))) {
      String answer =
          new SimClient(poor).post(CHAT, judging("Be brief.", "Why is the sky blue?")).chat();
      assertThat(client.post(CHAT, judging("Judge.", "A:" + answer)).chat()).isEqualTo("2");
    }
  }

  @Test
  void a_grade_has_usage_like_any_answer() throws Exception {
    JsonNode body = client.post(CHAT, judging("Judge.", "bana")).json();
    int prompt =
        ChatTemplate.render(
                List.of(new ChatMessage("system", "Judge."), new ChatMessage("user", "bana")),
                ChatTemplate.Ending.GENERATION_PROMPT)
            .size();
    assertThat(body.at("/usage/prompt_tokens").asInt()).isEqualTo(prompt);
    assertThat(body.at("/usage/completion_tokens").asInt()).as("a digit and the end").isEqualTo(2);
    assertThat(body.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    JsonNode cut =
        client.post(CHAT, judging("Judge.", "bana").replace("_tokens\":8", "_tokens\":1")).json();
    assertThat(cut.at("/choices/0/message/content").asString()).isEqualTo("9");
    assertThat(cut.at("/choices/0/finish_reason").asString()).isEqualTo("length");
    assertThat(cut.at("/usage/completion_tokens").asInt()).isEqualTo(1);
  }

  @Test
  void a_grade_is_streamed_on_request() throws Exception {
    Reply reply =
        client.post(
            CHAT, judging("Judge.", "Whatever.").replace("{\"max", "{\"stream\":true,\"max"));
    assertThat(reply.streamedChat()).isEqualTo("2");
    assertThat(reply.events().getLast().at("/choices/0/finish_reason").asString())
        .isEqualTo("stop");
  }

  @Test
  void a_completion_is_answered_as_by_any_server() throws Exception {
    assertThat(
            client.post("/v1/completions", "{\"prompt\":\"bana\",\"max_tokens\":4}").completion())
        .isNotEqualTo("9");
  }
}
