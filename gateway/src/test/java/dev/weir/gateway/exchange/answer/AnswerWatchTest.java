// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.Telemetry.Trait;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerWatchTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        " {\"a\": [1, -2.5e+3, true, null, \"x\\n\\u00e9\"], \"b\": {}}\n",
        "\"text\"",
        "12",
        "0.5",
        "false"
      })
  void json_is_recognised_in_pieces_of_any_size(String json) {
    assertThat(traits(true, json)).containsExactly(Trait.JSON_ASKED);
    assertThat(traits(true, json.split(""))).containsExactly(Trait.JSON_ASKED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"a\":1",
        "{\"a\":1}}",
        "{\"a\":1,}",
        "[1,]",
        "{'a':1}",
        "```json\n{}\n```",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "\"\\x\"",
        "\"a\nb\"",
        "nul",
        "[1 2]",
        "{\"a\" 1}",
        "{} {}",
        "Here you are: {}"
      })
  void invalid_json_is_found_when_the_request_demands_json(String text) {
    assertThat(traits(true, text)).containsExactlyInAnyOrder(Trait.JSON_ASKED, Trait.INVALID_JSON);
    assertThat(traits(true, text.split("")))
        .containsExactlyInAnyOrder(Trait.JSON_ASKED, Trait.INVALID_JSON);
    assertThat(traits(false, text)).isEmpty();
  }

  @Test
  void depth_is_bounded() {
    assertThat(traits(true, "[".repeat(500) + "]".repeat(500))).containsExactly(Trait.JSON_ASKED);
    assertThat(traits(true, "[".repeat(501) + "]".repeat(501))).contains(Trait.INVALID_JSON);
  }

  @Test
  void the_arguments_of_tool_calls_must_be_json() {
    AnswerWatch fine = new AnswerWatch(true);
    fine.call(0, "{\"city\":");
    fine.call(1, "{}");
    fine.call(0, "\"Bern\"}");
    assertThat(fine.traits()).containsExactly(Trait.JSON_ASKED);
    AnswerWatch cut = new AnswerWatch(false);
    cut.call(0, "{\"city\":");
    assertThat(cut.traits()).containsExactlyInAnyOrder(Trait.JSON_ASKED, Trait.INVALID_JSON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "I'm sorry, but I can't help with that.",
        "  \u201cI cannot assist with this request",
        "I\u2019m unable to help with that.",
        "As an AI language model, I cannot do so."
      })
  void an_answer_that_begins_like_a_refusal_is_a_refusal(String text) {
    assertThat(traits(false, text)).containsExactly(Trait.REFUSAL);
    assertThat(traits(false, text.split(""))).containsExactly(Trait.REFUSAL);
    assertThat(traits(true, text))
        .as("the request does not demand JSON")
        .containsExactly(Trait.REFUSAL);
  }

  @Test
  void an_answer_that_only_mentions_a_refusal_is_not_a_refusal() {
    assertThat(traits(false, "She said: I'm sorry, but I can't help with that.")).isEmpty();
    AnswerWatch watch = new AnswerWatch(false);
    watch.refused();
    assertThat(watch.traits()).containsExactly(Trait.REFUSAL);
  }

  @Test
  void an_answer_that_ends_in_a_loop_is_found_in_pieces_of_any_size() {
    String prose = prose(300);
    String loop = "and so the wheel went round again, ".repeat(12);
    assertThat(traits(false, prose, loop)).containsExactly(Trait.REPETITION);
    assertThat(traits(false, (prose + loop).split(""))).containsExactly(Trait.REPETITION);
    assertThat(traits(false, prose, "\u54c8".repeat(60))).containsExactly(Trait.REPETITION);
    assertThat(traits(false, prose, "ab".repeat(600))).containsExactly(Trait.REPETITION);
    assertThat(traits(false, loop, prose)).as("the answer left the loop").isEmpty();
  }

  @Test
  void ordinary_text_is_not_a_loop() {
    assertThat(traits(false, prose(5_000))).isEmpty();
    assertThat(traits(false, "ha ha ha ha ha ha ha ha")).isEmpty();
    assertThat(traits(false, "|---|---|---|\n| a | b | c |\n".repeat(2))).isEmpty();
  }

  private static String prose(int words) {
    Random random = new Random(4);
    List<String> some =
        List.of("a", "the", "model", "serves", "many", "tokens", "with", "care", "and", "speed");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(some.get(random.nextInt(some.size()))).append(' ');
    }
    return text.toString();
  }

  private static Set<Trait> traits(boolean jsonAsked, String... pieces) {
    AnswerWatch watch = new AnswerWatch(jsonAsked);
    for (String piece : pieces) {
      watch.text(piece);
    }
    return watch.traits();
  }
}
