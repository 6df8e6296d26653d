// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import java.util.ArrayList;
import java.util.List;

/// Answers of a model server to a chat.
final class ChatAnswers {
  private ChatAnswers() {}

  /// A whole answer.
  static String whole(String text) {
    return "{\"choices\":[{\"message\":{\"content\":\"%s\"},\"finish_reason\":\"stop\"}],"
            .formatted(text)
        + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}";
  }

  /// The events of an answer in these pieces.
  static List<String> stream(String... pieces) {
    List<String> events = new ArrayList<>();
    for (String piece : pieces) {
      events.add("data: {\"choices\":[{\"delta\":{\"content\":\"%s\"}}]}\n\n".formatted(piece));
    }
    events.add("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
    events.add("data: [DONE]\n\n");
    return List.copyOf(events);
  }
}
