// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.answer.TokenIdTracking;
import dev.weir.gateway.exchange.answer.Transcript;
import io.netty.buffer.ByteBuf;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.JsonStringEncoder;

/// A chunk of a continued stream as the client receives it: the first chunk's identity, no second
/// role, merged counts, and the chat format where a completion continues a chat. All other bytes
/// are the engine's own.
final class ContinuedChunk {
  /// Depth of a choice inside `choices`.
  private static final int CHOICE = 2;

  private final JsonParser parser;
  private final JsonEdits edits;
  private final boolean chat;
  private final boolean showIds;

  private ContinuedChunk(JsonParser parser, JsonEdits edits, boolean chat, boolean showIds) {
    this.parser = parser;
    this.edits = edits;
    this.chat = chat;
    this.showIds = showIds;
  }

  static ByteBuf of(byte[] data, int length, boolean chat, Transcript transcript) {
    JsonEdits edits = new JsonEdits(data, length);
    boolean showIds = transcript.ids() != TokenIdTracking.HIDDEN;
    try (JsonParser parser =
        StreamingJson.FACTORY.createParser(StreamingJson.READ, data, 0, length)) {
      parser.nextToken();
      new ContinuedChunk(parser, edits, chat, showIds).chunk(transcript);
    }
    return edits.event();
  }

  /// A chunk of an unbroken stream, without its token ids.
  static ByteBuf withoutIds(byte[] data, int length) {
    JsonEdits edits = new JsonEdits(data, length);
    try (JsonParser parser =
        StreamingJson.FACTORY.createParser(StreamingJson.READ, data, 0, length)) {
      parser.nextToken();
      new ContinuedChunk(parser, edits, false, false).dropIds();
    }
    return edits.event();
  }

  private void dropIds() {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      switch (parser.currentName()) {
        case "prompt_token_ids" -> remove();
        case "choices" -> {
          parser.nextToken();
          walk(this::dropIfIds);
        }
        default -> {
          parser.nextToken();
          parser.skipChildren();
        }
      }
    }
  }

  private void chunk(Transcript transcript) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      if (name.equals("prompt_token_ids")) {
        remove();
        continue;
      }
      parser.nextToken();
      switch (name) {
        case "id" -> value(quoted(transcript.id()));
        case "object" -> object();
        case "created" -> value(transcript.created().isEmpty() ? "0" : transcript.created());
        case "model" -> value(quoted(transcript.model()));
        case "usage" -> usage(transcript);
        case "choices" -> walk(this::edit);
        default -> parser.skipChildren();
      }
    }
  }

  private void object() {
    if (chat) {
      value("\"chat.completion.chunk\"");
    } else {
      parser.skipChildren();
    }
  }

  private void value(String with) {
    int from = start();
    edits.replace(from, end(), with);
  }

  private void remove() {
    int from = start();
    parser.nextToken();
    edits.removeMember(from, end());
  }

  private int start() {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  /// Offset after the current value, which is consumed.
  private int end() {
    if (parser.currentToken().isStructStart()) {
      parser.skipChildren();
    } else {
      parser.getString();
    }
    return (int) parser.currentLocation().getByteOffset();
  }

  static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
  }

  private void usage(Transcript transcript) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return;
    }
    long prompt = transcript.promptTokens();
    long output = transcript.outputTokens();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "prompt_tokens" -> value(Long.toString(prompt));
        case "completion_tokens" -> value(Long.toString(output));
        case "total_tokens" -> value(Long.toString(prompt + output));
        default -> parser.skipChildren();
      }
    }
  }

  /// Handles the name of a member of a choice, at any depth.
  @FunctionalInterface
  private interface AtName {
    void member(String name, int depth);
  }

  private void walk(AtName edit) {
    int depth = 0;
    do {
      JsonToken token = parser.currentToken();
      if (token == JsonToken.PROPERTY_NAME) {
        edit.member(parser.currentName(), depth);
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
    } while (depth > 0 && parser.nextToken() != null);
  }

  private void dropIfIds(String name, int depth) {
    boolean ids = name.equals("token_ids") || name.equals("prompt_token_ids");
    if (ids && depth == CHOICE) {
      remove();
    }
  }

  /// The client receives the role only once, and the prompt's ids only at the start.
  private void edit(String name, int depth) {
    if (name.equals("role") || (name.equals("prompt_token_ids") && depth == CHOICE)) {
      remove();
    } else if (depth == CHOICE && chat && name.equals("text")) {
      textToDelta();
    } else if (!showIds) {
      dropIfIds(name, depth);
    }
  }

  private void textToDelta() {
    int name = start();
    parser.nextToken();
    edits.replace(name, start(), "\"delta\":{\"content\":");
    int end = end();
    edits.replace(end, end, "}");
  }
}
