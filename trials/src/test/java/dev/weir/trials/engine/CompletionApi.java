// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The two ways to ask.
public enum CompletionApi {
  CHAT("/v1/chat/completions"),
  COMPLETIONS("/v1/completions");

  private static final String OPENING = "Once upon a time, there was a little";

  private final String path;

  CompletionApi(String path) {
    this.path = path;
  }

  public String path() {
    return path;
  }

  public String question(boolean streamed, int tokens) {
    return question("story", streamed, tokens, "");
  }

  /// @param user the `user` field, by which a proxy recognizes the request
  public String question(String model, boolean streamed, int tokens, String user) {
    String asked =
        this == CHAT
            ? "\"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]".formatted(OPENING)
            : "\"prompt\": \"%s\"".formatted(OPENING);
    return request(model, streamed, tokens, "\"user\": \"%s\", %s".formatted(user, asked));
  }

  /// The same request, streamed, from a client that has the start of the answer.
  ///
  /// @param tokens how many more are wanted
  public String continuation(String said, int tokens) {
    JsonMapper json = JsonMapper.shared();
    String asked =
        this == CHAT
            ? """
            "messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": %s}],
            "continue_final_message": true, "add_generation_prompt": false
            """
                .formatted(OPENING, json.writeValueAsString(said))
            : "\"prompt\": %s".formatted(json.writeValueAsString(OPENING + said));
    return request("story", true, tokens, asked);
  }

  private static String request(String model, boolean streamed, int tokens, String more) {
    return """
    {"model": "%s", "max_tokens": %d, "stream": %s%s, "temperature": 0, %s}
    """
        .formatted(
            model,
            tokens,
            streamed,
            streamed ? ", \"stream_options\": {\"include_usage\": true}" : "",
            more);
  }

  public String text(JsonNode answer) {
    JsonNode choice = answer.path("choices").path(0);
    return this == CHAT
        ? choice.path("message").path("content").asString("")
        : choice.path("text").asString("");
  }

  /// The text that an event of a stream adds.
  public String piece(JsonNode event) {
    JsonNode choice = event.path("choices").path(0);
    return this == CHAT
        ? choice.path("delta").path("content").asString("")
        : choice.path("text").asString("");
  }

  /// The part of an answer that a request to go on begins with; empty in any other request.
  public String sentBefore(JsonNode request) {
    if (this == COMPLETIONS) {
      String prompt = request.path("prompt").asString("");
      return prompt.startsWith(OPENING) ? prompt.substring(OPENING.length()) : "";
    }
    JsonNode messages = request.path("messages");
    return request.path("continue_final_message").asBoolean(false)
        ? messages.path(messages.size() - 1).path("content").asString("")
        : "";
  }
}
