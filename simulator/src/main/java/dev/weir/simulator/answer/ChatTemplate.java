// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.List;

/// Renders a conversation to tokens in the ChatML format of Qwen and other models:
/// `<|im_start|>role content<|im_end|> `, then `<|im_start|>assistant ` for the answer.
///
/// A conversation with an open last assistant message (vLLM's `continue_final_message`) renders to
/// exactly the tokens of the conversation without it, the generation prompt, and the tokens so far.
/// [SimulatedAnswer] needs this to find the seam.
public final class ChatTemplate {
  /// How the rendered conversation ends.
  public enum Ending {
    /// Ready for a new assistant message (`add_generation_prompt`).
    GENERATION_PROMPT,
    /// The last message stays open (`continue_final_message`).
    OPEN_FINAL_MESSAGE,
    /// All messages are closed, and nothing follows.
    CLOSED
  }

  private static final TokenIds GENERATION_PROMPT = header("assistant");

  private ChatTemplate() {}

  public static TokenIds render(List<ChatMessage> messages, Ending ending) {
    TokenIds.Builder out = new TokenIds.Builder();
    for (int index = 0; index < messages.size(); index++) {
      boolean open = ending == Ending.OPEN_FINAL_MESSAGE && index == messages.size() - 1;
      append(messages.get(index), open, out);
    }
    if (ending == Ending.GENERATION_PROMPT) {
      append(GENERATION_PROMPT, out);
    }
    return out.build();
  }

  private static void append(ChatMessage message, boolean open, TokenIds.Builder out) {
    append(header(message.role()), out);
    Tokenizer.encode(message.content(), out);
    if (!open) {
      out.add(Tokenizer.MESSAGE_END);
      Tokenizer.encode("\n", out);
    }
  }

  private static TokenIds header(String role) {
    TokenIds.Builder out = new TokenIds.Builder();
    out.add(Tokenizer.MESSAGE_START);
    Tokenizer.encode(role + "\n", out);
    return out.build();
  }

  private static void append(TokenIds ids, TokenIds.Builder out) {
    for (int index = 0; index < ids.size(); index++) {
      out.add(ids.at(index));
    }
  }
}
