// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import dev.weir.simulator.answer.AnswerLimits;
import dev.weir.simulator.answer.AnswerOracle;
import dev.weir.simulator.answer.ChatMessage;
import dev.weir.simulator.answer.Vocabulary;
import dev.weir.simulator.trace.PlannedRequest;
import java.util.List;
import java.util.SplittableRandom;

/// One planned request with its prompt, its body and its expected answer.
///
/// @param planned the plan
/// @param prompt words of the vocabulary, one per planned token
record PlayerRequest(PlannedRequest planned, String prompt) {
  static PlayerRequest of(PlannedRequest planned) {
    SplittableRandom random = new SplittableRandom(planned.promptSeed());
    StringBuilder words = new StringBuilder(5 * planned.promptTokens());
    for (int count = 0; count < planned.promptTokens(); count++) {
      Vocabulary.append(random.nextInt(Vocabulary.SIZE), words);
    }
    return new PlayerRequest(planned, words.toString());
  }

  String path() {
    return planned.chat() ? "/v1/chat/completions" : "/v1/completions";
  }

  /// The request body; the prompt needs no escaping.
  ///
  /// @param modelJson the model name as a JSON string
  String body(String modelJson) {
    String asked =
        planned.chat()
            ? "\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]"
            : "\"prompt\":\"" + prompt + '"';
    String streaming =
        planned.streamed() ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" : "";
    return "{\"model\":"
        + modelJson
        + ","
        + asked
        + ",\"max_tokens\":"
        + planned.maxTokens()
        + streaming
        + "}";
  }

  /// The expected answer of `version`.
  AnswerOracle.Expected expected(String version) {
    AnswerLimits limits = AnswerLimits.of(planned.maxTokens());
    return planned.chat()
        ? AnswerOracle.chat(version, 0, List.of(new ChatMessage("user", prompt)), limits)
        : AnswerOracle.completion(version, 0, prompt, limits);
  }
}
