// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.simulator.answer.AnswerOracle.Expected;
import dev.weir.simulator.answer.ChatTemplate.Ending;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SimulatedAnswerTest {
  private static final List<ChatMessage> CHAT =
      List.of(
          new ChatMessage("system", "Be brief."), new ChatMessage("user", "Why is the sky blue?"));

  @Test
  void every_word_is_one_token_and_is_decoded_unchanged() {
    for (int id = 0; id < Vocabulary.SIZE; id++) {
      assertThat(Tokenizer.encode(Vocabulary.word(id))).isEqualTo(TokenIds.of(id));
    }
  }

  @Test
  void any_text_survives_encoding_and_decoding() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 500; round++) {
      StringBuilder text = new StringBuilder();
      int parts = random.nextInt(1, 20);
      for (int part = 0; part < parts; part++) {
        switch (random.nextInt(4)) {
          case 0 -> Vocabulary.append(random.nextInt(Vocabulary.SIZE), text);
          case 1 -> text.appendCodePoint(random.nextInt(0x20, 0xD7FF));
          case 2 -> text.append(" more like data");
          default -> text.append("\uD83D\uDE00 ");
        }
      }
      assertThat(Tokenizer.decode(Tokenizer.encode(text.toString()))).isEqualTo(text.toString());
    }
  }

  @Test
  void ids_outside_the_vocabulary_are_refused() {
    assertThatThrownBy(() -> Tokenizer.decode(TokenIds.of(Tokenizer.SIZE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("out of vocabulary");
    assertThatThrownBy(() -> Tokenizer.decode(TokenIds.of(Vocabulary.SIZE + 5)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_chat_cut_after_any_token_continues_byte_for_byte() {
    Expected whole = AnswerOracle.chat("7", 3, CHAT, AnswerLimits.of(200));
    for (int cut = 1; cut < words(whole.text()); cut++) {
      String partial = whole.text().substring(0, cut * Vocabulary.WORD_LENGTH);
      List<ChatMessage> resumed = new ArrayList<>(CHAT);
      resumed.add(new ChatMessage("assistant", partial));
      TokenIds prompt = ChatTemplate.render(resumed, Ending.OPEN_FINAL_MESSAGE);
      Expected rest = AnswerOracle.of("7", 3, prompt, AnswerLimits.of(200 - cut));
      assertThat(partial + rest.text()).isEqualTo(whole.text());
      assertThat(cut + rest.completionTokens()).isEqualTo(whole.completionTokens());
      assertThat(rest.finishReason()).isEqualTo(whole.finishReason());
      assertThat(rest.promptTokens() - cut).isEqualTo(whole.promptTokens());
    }
  }

  @Test
  void a_completion_cut_after_any_token_continues_byte_for_byte() {
    SplittableRandom random = new SplittableRandom(11);
    for (int round = 0; round < 200; round++) {
      String prompt = words(random, random.nextInt(1, 60));
      Expected whole = AnswerOracle.completion("2", 0, prompt, AnswerLimits.of(30));
      for (int cut = 1; cut < words(whole.text()); cut++) {
        String partial = whole.text().substring(0, cut * Vocabulary.WORD_LENGTH);
        Expected rest =
            AnswerOracle.completion("2", 0, prompt + partial, AnswerLimits.of(30 - cut));
        assertThat(partial + rest.text()).isEqualTo(whole.text());
      }
    }
  }

  @Test
  void a_prompt_that_ends_with_its_own_first_word_still_continues_consistently() {
    String start = " once upon a time";
    Expected answer = AnswerOracle.completion("1", 0, start, AnswerLimits.of(40));
    String prompt = start + answer.text().substring(0, Vocabulary.WORD_LENGTH);
    Expected whole = AnswerOracle.completion("1", 0, prompt, AnswerLimits.of(20));
    assertThat(answer.text()).startsWith(prompt.substring(start.length()) + whole.text());
    for (int cut = 1; cut < words(whole.text()); cut++) {
      String partial = whole.text().substring(0, cut * Vocabulary.WORD_LENGTH);
      Expected rest = AnswerOracle.completion("1", 0, prompt + partial, AnswerLimits.of(20 - cut));
      assertThat(partial + rest.text()).isEqualTo(whole.text());
    }
  }

  @Test
  void a_prompt_that_contains_the_whole_answer_ends_at_once() {
    Expected whole = AnswerOracle.chat("1", 0, CHAT, AnswerLimits.of(9000));
    assertThat(whole.finishReason()).isEqualTo("stop");
    List<ChatMessage> resumed = new ArrayList<>(CHAT);
    resumed.add(new ChatMessage("assistant", whole.text()));
    TokenIds prompt = ChatTemplate.render(resumed, Ending.OPEN_FINAL_MESSAGE);
    Expected rest = AnswerOracle.of("1", 0, prompt, AnswerLimits.of(100));
    assertThat(rest.text()).isEmpty();
    assertThat(rest.completionTokens()).isEqualTo(1);
    assertThat(rest.finishReason()).isEqualTo("stop");
  }

  @Test
  void a_partial_answer_of_another_version_is_a_new_prompt() {
    Expected other = AnswerOracle.completion("2", 0, "Hello", AnswerLimits.of(10));
    Expected mine = AnswerOracle.completion("1", 0, "Hello", AnswerLimits.of(20));
    Expected rest = AnswerOracle.completion("1", 0, "Hello" + other.text(), AnswerLimits.of(10));
    assertThat(mine.text()).doesNotContain(rest.text());
  }

  @Test
  void version_seed_and_prompt_each_change_the_answer() {
    AnswerLimits limits = AnswerLimits.of(10);
    List<String> texts =
        List.of(
            AnswerOracle.completion("1", 0, "Hello", limits).text(),
            AnswerOracle.completion("2", 0, "Hello", limits).text(),
            AnswerOracle.completion("1", 1, "Hello", limits).text(),
            AnswerOracle.completion("1", 0, "Hello!", limits).text(),
            AnswerOracle.chat("1", 0, List.of(new ChatMessage("user", "Hello")), limits).text(),
            AnswerOracle.chat("1", 0, List.of(new ChatMessage("system", "Hello")), limits).text());
    assertThat(texts).doesNotHaveDuplicates();
  }

  @Test
  void answers_never_change_between_releases() {
    assertThat(AnswerOracle.completion("1", 0, "Hello there", AnswerLimits.of(4)).text())
        .isEqualTo(" rofo pore fezo hejo");
  }

  @Test
  void a_garbled_answer_has_the_same_length_and_other_text() {
    SimulatedAnswer right = SimulatedAnswer.to("1", 0, 0, Tokenizer.encode("Hello"));
    SimulatedAnswer wrong = right.garbled();
    assertThat(wrong.remaining()).isEqualTo(right.remaining());
    assertThat(new AnswerStream(wrong, AnswerLimits.of(5)).next().text())
        .isNotEqualTo(new AnswerStream(right, AnswerLimits.of(5)).next().text());
  }

  @Test
  void an_included_stop_string_holds_no_text_back() {
    String whole = AnswerOracle.completion("1", 0, "Hello", AnswerLimits.of(30)).text();
    AnswerStream stream =
        new AnswerStream(
            SimulatedAnswer.to("1", 0, 0, Tokenizer.encode("Hello")),
            new AnswerLimits(30, false, List.of(whole.substring(42, 51)), true));

    assertThat(stream.next().text()).isEqualTo(whole.substring(0, 5));
  }

  @Test
  void a_stop_string_ends_the_answer_before_it_and_no_part_of_it_leaks() {
    String whole = AnswerOracle.completion("1", 0, "Hello", AnswerLimits.of(30)).text();
    String stop = whole.substring(42, 51);
    AnswerStream stream =
        new AnswerStream(
            SimulatedAnswer.to("1", 0, 0, Tokenizer.encode("Hello")),
            new AnswerLimits(30, false, List.of(stop), false));
    StringBuilder shown = new StringBuilder();
    TokenPiece piece = stream.next();
    for (; !piece.last(); piece = stream.next()) {
      shown.append(piece.text());
      assertThat(whole.substring(0, 42)).startsWith(shown);
    }
    assertThat(shown + piece.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
    assertThat(piece.stoppedBy()).contains(stop);
    assertThat(piece.finish()).isEqualTo(TokenPiece.Finish.STOP);
  }

  @Test
  void an_answer_that_ignores_the_end_continues_to_the_limit() {
    Expected natural = AnswerOracle.completion("1", 0, "Hello", AnswerLimits.of(8000));
    AnswerLimits on = new AnswerLimits(natural.completionTokens() + 50, true, List.of(), false);
    Expected longer = AnswerOracle.completion("1", 0, "Hello", on);
    assertThat(longer.finishReason()).isEqualTo("length");
    assertThat(longer.text()).startsWith(natural.text());
    assertThat(words(longer.text())).isEqualTo(natural.completionTokens() + 50);
  }

  @Test
  void natural_lengths_have_the_median_of_the_conversation_trace() {
    int[] lengths = new int[4001];
    for (int index = 0; index < lengths.length; index++) {
      lengths[index] =
          SimulatedAnswer.to("1", 0, 0, Tokenizer.encode("prompt " + index)).remaining();
    }
    Arrays.sort(lengths);
    assertThat(lengths[lengths.length / 2]).isBetween(119, 139);
    assertThat(Arrays.stream(lengths).average().orElse(0)).isBetween(195.0, 227.0);
  }

  private static int words(String text) {
    return text.length() / Vocabulary.WORD_LENGTH;
  }

  private static String words(SplittableRandom random, int count) {
    StringBuilder out = new StringBuilder();
    for (int word = 0; word < count; word++) {
      Vocabulary.append(random.nextInt(Vocabulary.SIZE), out);
    }
    return out.toString();
  }
}
