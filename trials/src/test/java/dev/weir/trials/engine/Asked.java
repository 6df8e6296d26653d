// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The fields of a request that the engine uses, read from OpenAI's format.
///
/// @param continues whether the prompt ends in the middle of an answer
record Asked(
    boolean chat,
    String model,
    String prompt,
    boolean continues,
    boolean streamed,
    boolean usageWanted,
    int maxTokens,
    float temperature,
    float topP,
    int seed,
    List<String> stop) {
  private static final int MAX_TOKENS = 256;

  Asked {
    stop = List.copyOf(stop);
  }

  /// @param temperature of requests that name none
  static Asked read(JsonNode body, boolean chat, float temperature) {
    boolean continues = body.path("continue_final_message").asBoolean(false);
    JsonNode limit =
        body.has("max_tokens") ? body.path("max_tokens") : body.path("max_completion_tokens");
    List<String> stop = new ArrayList<>();
    if (body.path("stop").isArray()) {
      body.path("stop").forEach(each -> stop.add(each.asString()));
    } else if (body.path("stop").isString()) {
      stop.add(body.path("stop").asString());
    }
    return new Asked(
        chat,
        body.path("model").asString(""),
        chat
            ? prompt(
                body.path("messages"),
                continues,
                body.path("add_generation_prompt").asBoolean(true))
            : body.path("prompt").asString(""),
        continues,
        body.path("stream").asBoolean(false),
        body.path("stream_options").path("include_usage").asBoolean(false),
        Math.min(MAX_TOKENS, limit.asInt(64)),
        (float) body.path("temperature").asDouble(temperature),
        (float) body.path("top_p").asDouble(0.95),
        body.path("seed").asInt(42),
        stop);
  }

  /// A plain template: the model knows stories, no roles.
  private static String prompt(JsonNode messages, boolean continues, boolean generate) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < messages.size(); i++) {
      JsonNode message = messages.get(i);
      boolean open = continues && i == messages.size() - 1;
      String content = message.path("content").asString("");
      text.append(open ? content : content + "\n");
    }
    if (continues && generate) {
      throw new IllegalArgumentException(
          "continue_final_message and add_generation_prompt exclude each other");
    }
    return text.toString();
  }
}
