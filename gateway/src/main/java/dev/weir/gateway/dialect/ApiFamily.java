// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.StreamDialect;
import dev.weir.gateway.exchange.answer.ResumeConstraints;
import dev.weir.snapshot.EngineCapabilities;

/// API families, which differ in their stream and error formats.
public enum ApiFamily {
  CHAT,
  COMPLETIONS,
  RESPONSES,
  MESSAGES,
  /// Any other family: bytes pass through, and events are not parsed.
  OTHER;

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

  /// Whether the engine can continue an answer of this family from its text.
  public boolean continuable(EngineCapabilities engine) {
    return switch (this) {
      case CHAT -> engine.chatText();
      case COMPLETIONS -> engine.completionText();
      case RESPONSES, MESSAGES, OTHER -> false;
    };
  }

  /// Whether the engine reports the token ids of an answer of this family and continues from them.
  public boolean traceable(EngineCapabilities engine) {
    return continuable() && engine.tokenIds();
  }

  /// The constraints of a request with the limit that the engine sets itself where the request
  /// names none. An engine that continues a completion would count its tokens from zero.
  public ResumeConstraints at(EngineCapabilities engine, ResumeConstraints resumeConstraints) {
    boolean limited = this == COMPLETIONS && engine.completionTokens() > 0;
    return limited && !resumeConstraints.limitNamed()
        ? resumeConstraints.withDefault(engine.completionTokens())
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
