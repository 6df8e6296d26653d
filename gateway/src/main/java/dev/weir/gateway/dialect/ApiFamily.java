// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.ResumeConstraints;
import dev.weir.gateway.exchange.StreamDialect;
import java.util.Set;

/// API families, which differ in their stream and error formats.
public enum ApiFamily {
  CHAT,
  COMPLETIONS,
  RESPONSES,
  MESSAGES,
  /// Any other family: bytes pass through, and events are not parsed.
  OTHER;

  private static final Set<String> CONTINUE_MESSAGES = Set.of("vllm", "sglang", "llamacpp", "sim");

  /// Engines that report token ids in a known format and accept them as a prompt.
  private static final Set<String> REPORT_IDS = Set.of("vllm", "sim");

  /// Engines that limit a completion to [#COMPLETION_TOKENS] if the request sets no limit, as
  /// OpenAI's API specifies. A continuation would start counting from zero.
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

  /// Whether a broken stream of this family can be continued from its text.
  public boolean continuable() {
    return this == CHAT || this == COMPLETIONS;
  }

  /// Whether this type of engine can continue an answer. Every engine continues a prompt. An
  /// assistant message can be continued only by engines that support `continue_final_message`;
  /// others start a new message, and hosted ones reject the unknown field.
  public boolean continuable(String engine) {
    return continuable() && (this != CHAT || CONTINUE_MESSAGES.contains(engine));
  }

  /// Whether this type of engine reports token ids on request and can continue from them.
  public boolean traceable(String engine) {
    return continuable() && REPORT_IDS.contains(engine);
  }

  /// The constraints of a request, including the limit that this type of engine applies by default.
  public ResumeConstraints at(String engine, ResumeConstraints resumeConstraints) {
    boolean limited = this == COMPLETIONS && LIMIT_COMPLETIONS.contains(engine);
    return limited && !resumeConstraints.limitNamed()
        ? resumeConstraints.withDefault(COMPLETION_TOKENS)
        : resumeConstraints;
  }

  /// Whether answers are generated text whose length the engine decides.
  public boolean generates() {
    return this != OTHER;
  }

  /// Whether an answer is a list with at least one choice.
  public boolean choices() {
    return this == CHAT || this == COMPLETIONS;
  }

  /// Whether errors have Anthropic's format.
  public boolean anthropic() {
    return this == MESSAGES;
  }
}
