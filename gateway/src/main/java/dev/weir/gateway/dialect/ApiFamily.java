// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.ResumeConstraints;
import dev.weir.gateway.exchange.StreamDialect;
import java.util.Set;

/// The API families, by how they stream and how their errors look.
public enum ApiFamily {
  CHAT,
  COMPLETIONS,
  RESPONSES,
  MESSAGES,
  /// Anything else: bytes pass, nothing is known about events.
  OTHER;

  private static final Set<String> CONTINUE_MESSAGES = Set.of("vllm", "sglang", "llamacpp", "sim");

  /// Those of which it is known how they tell token ids and that they take them as a prompt.
  private static final Set<String> TELL_IDS = Set.of("vllm", "sim");

  /// Those that end a completion after so many tokens where the request names no limit, as OpenAI's
  /// API has it. One that speaks on would begin to count anew.
  private static final Set<String> LIMIT_COMPLETIONS = Set.of("vllm", "sglang", "sim");

  private static final long COMPLETION_TOKENS = 16;

  private static final StreamDialect CHAT_STREAM = new OpenAiStream(true);
  private static final StreamDialect TEXT_STREAM = new OpenAiStream(false);
  private static final StreamDialect RESPONSES_STREAM = new TypedStream(TypedStream.RESPONSES);
  private static final StreamDialect MESSAGES_STREAM = new TypedStream(TypedStream.MESSAGES);
  private static final StreamDialect OPAQUE_STREAM = new OpaqueStream();

  public StreamDialect stream() {
    return switch (this) {
      case CHAT -> CHAT_STREAM;
      case COMPLETIONS -> TEXT_STREAM;
      case RESPONSES -> RESPONSES_STREAM;
      case MESSAGES -> MESSAGES_STREAM;
      case OTHER -> OPAQUE_STREAM;
    };
  }

  /// Whether a broken stream of this family may be continued from its text.
  public boolean continuable() {
    return this == CHAT || this == COMPLETIONS;
  }

  /// Whether that type of engine can be made to speak on. Any speaks on after a prompt; a message
  /// that the assistant has begun is a new message's beginning to engines that do not know
  /// `continue_final_message`, and an unknown field to hosted ones.
  public boolean continuable(String engine) {
    return continuable() && (this != CHAT || CONTINUE_MESSAGES.contains(engine));
  }

  /// Whether that type of engine tells the ids of its tokens when it is asked, and speaks on from
  /// them.
  public boolean traceable(String engine) {
    return continuable() && TELL_IDS.contains(engine);
  }

  /// A request's terms with the limit that such an engine sets by itself.
  public ResumeConstraints at(String engine, ResumeConstraints resumeConstraints) {
    boolean limited = this == COMPLETIONS && LIMIT_COMPLETIONS.contains(engine);
    return limited && !resumeConstraints.limitNamed()
        ? resumeConstraints.withDefault(COMPLETION_TOKENS)
        : resumeConstraints;
  }

  /// Whether answers are text of a length that only the engine decides.
  public boolean generates() {
    return this != OTHER;
  }

  /// Whether an answer is a list of choices, one at least.
  public boolean choices() {
    return this == CHAT || this == COMPLETIONS;
  }

  /// Whether errors have Anthropic's shape.
  public boolean anthropic() {
    return this == MESSAGES;
  }
}
