// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.AnswerWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.IOException;
import java.io.InputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Lets a watch read a whole JSON answer: what the model says, its tool calls, its own word for a
/// refusal. Knows the fields of chats, completions, responses and messages by their names; of
/// several choices only the first is read.
public final class AnswerText {
  private final JsonParser parser;
  private final AnswerWatch watch;
  private int calls;

  private AnswerText(JsonParser parser, AnswerWatch watch) {
    this.parser = parser;
    this.watch = watch;
  }

  public static void read(ByteBuf answer, AnswerWatch watch) {
    try (InputStream in = new ByteBufInputStream(answer.slice());
        JsonParser parser = Json.FACTORY.createParser(Json.READ, in)) {
      new AnswerText(parser, watch).read();
    } catch (JacksonException | IOException e) {
      // Whoever relays it has looked whether it is JSON.
    }
  }

  private void read() {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "choices" -> firstOf(value);
        case "output", "content" -> inside(value);
        case "stop_reason" -> reason();
        default -> parser.skipChildren();
      }
    }
  }

  private void firstOf(JsonToken value) {
    if (value == JsonToken.START_ARRAY && parser.nextToken() != JsonToken.END_ARRAY) {
      inside(parser.currentToken());
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        parser.skipChildren();
      }
    }
  }

  /// Everything below this value.
  private void inside(JsonToken value) {
    if (value == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        inside(parser.currentToken());
      }
    } else if (value == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        field(parser.currentName(), parser.nextToken());
      }
    }
  }

  private void field(String name, JsonToken value) {
    boolean text = value == JsonToken.VALUE_STRING;
    switch (name) {
      case "content", "text" -> {
        if (text) {
          watch.text(parser.getString());
        } else {
          inside(value);
        }
      }
      case "refusal" -> {
        if (text && !parser.getString().isEmpty()) {
          watch.refused();
        }
      }
      case "finish_reason" -> reason();
      case "arguments" -> {
        if (text) {
          watch.call(calls++, parser.getString());
        }
      }
      case "logprobs", "input", "reasoning", "reasoning_content", "summary" ->
          parser.skipChildren();
      default -> inside(value);
    }
    if (text || value.isScalarValue()) {
      return;
    }
    parser.skipChildren();
  }

  private void reason() {
    if (parser.currentToken() == JsonToken.VALUE_STRING && Refusals.isOne(parser.getString())) {
      watch.refused();
    }
  }
}
