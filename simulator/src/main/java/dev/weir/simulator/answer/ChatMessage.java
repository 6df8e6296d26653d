// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.Objects;

/// One message of a conversation, with its content as plain text.
public record ChatMessage(String role, String content) {
  public ChatMessage {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
  }
}
