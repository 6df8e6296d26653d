// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import dev.weir.simulator.answer.AnswerLimits;
import dev.weir.simulator.answer.AnswerOracle;
import dev.weir.simulator.answer.AnswerOracle.Expected;
import dev.weir.simulator.answer.ChatMessage;
import dev.weir.simulator.answer.Vocabulary;
import java.util.List;
import java.util.SplittableRandom;

/// One request of the trial, drawn from a seed, and the only right answer to it.
///
/// @param choices 1, or 2 for a stream that cannot be continued
record Question(
    long number, boolean chat, boolean streamed, int choices, int maxTokens, String prompt) {
  private static final int LEAST_WORDS = 4;
  private static final int MOST_WORDS = 16;
  private static final int LEAST_TOKENS = 8;
  private static final int MAX_TOKENS = 20;

  /// One stream in so many asks for two choices.
  private static final int TWO_CHOICES_IN = 20;

  static Question of(long seed, long number) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
    boolean streamed = number % 2 == 0;
    boolean chat = random.nextBoolean();
    int choices = streamed && chat && random.nextInt(TWO_CHOICES_IN / 2) == 0 ? 2 : 1;
    int maxTokens = random.nextInt(LEAST_TOKENS, MAX_TOKENS + 1);
    return new Question(number, chat, streamed, choices, maxTokens, words(random));
  }

  private static String words(SplittableRandom random) {
    StringBuilder words = new StringBuilder();
    int count = random.nextInt(LEAST_WORDS, MOST_WORDS + 1);
    for (int i = 0; i < count; i++) {
      Vocabulary.append(random.nextInt(Vocabulary.SIZE), words);
    }
    return words.toString();
  }

  /// Whether no fault of a replica may show: an answer that is not streamed can be asked for again,
  /// a stream of one choice can be continued.
  boolean eligible() {
    return !streamed || choices == 1;
  }

  String path() {
    return chat ? "/v1/chat/completions" : "/v1/completions";
  }

  /// The prompt is made of words that need no escaping.
  String body(String model) {
    String asked =
        chat
            ? "\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]"
            : "\"prompt\":\"" + prompt + '"';
    String streaming =
        streamed ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" : "";
    String more = choices > 1 ? ",\"n\":" + choices : "";
    return "{\"model\":\"%s\",%s,\"max_tokens\":%d%s%s}"
        .formatted(model, asked, maxTokens, more, streaming);
  }

  Expected expected() {
    AnswerLimits limits = AnswerLimits.of(maxTokens);
    return chat
        ? AnswerOracle.chat(Engine.VERSION, 0, List.of(new ChatMessage("user", prompt)), limits)
        : AnswerOracle.completion(Engine.VERSION, 0, prompt, limits);
  }
}
