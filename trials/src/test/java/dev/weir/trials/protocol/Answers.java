// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import org.jspecify.annotations.Nullable;

/// Answers of an engine as text; each says the nonce of its request.
final class Answers {
  static final String EVENTS_HEAD =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
  static final String DONE = "data: [DONE]\n\n";

  /// Of `/v1/completions`.
  static final String TEXT =
      "{\"id\":\"c\",\"object\":\"text_completion\",\"created\":1,\"model\":\"wild\",\"choices\":[{\"index\":0,"
          + "\"text\":\" weir\",\"finish_reason\":\"stop\"}]}";

  private Answers() {}

  static String whole(String nonce) {
    return "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"wild\",\"choices\":[{\"index\":0,"
        + "\"message\":{\"role\":\"assistant\",\"content\":\""
        + nonce
        + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}";
  }

  /// @param finish the reason, null before the end
  static String chunk(String text, @Nullable String finish) {
    return "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"wild\",\"choices\":[{\"index\":0,"
        + "\"delta\":{\"content\":\""
        + text
        + "\"},\"finish_reason\":"
        + (finish == null ? "null" : '"' + finish + '"')
        + "}]}";
  }

  static String event(String text, @Nullable String finish) {
    return "data: " + chunk(text, finish) + "\n\n";
  }
}
