// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.engine;

import dev.weir.model.value.Text;

/// How an engine can continue an answer whose stream broke.
public enum ResumeMethod implements Text {
  /// A completion continues after its prompt and the text so far.
  COMPLETION_TEXT("completionText"),
  /// A chat continues its last message: the engine supports `continue_final_message`.
  CHAT_TEXT("chatText"),
  /// The engine reports token ids with `return_token_ids` and accepts a prompt of token ids.
  TOKEN_IDS("tokenIds");

  private final String text;

  ResumeMethod(String text) {
    this.text = text;
  }

  @Override
  public String text() {
    return text;
  }
}
