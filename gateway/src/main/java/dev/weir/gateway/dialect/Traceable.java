// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.ParsedRequest;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Decides whether a broken answer can be continued from its token ids alone. Token ids represent
/// the whole prompt only if it is text, and only if no parser converts output into tool calls. The
/// request must set a token limit, because default limits differ between chats and completions.
final class Traceable {
  /// Fields other than text that change how a prompt is built.
  private static final Set<String> FORBID =
      Set.of("mm_processor_kwargs", "media_io_kwargs", "multi_modal_data");

  /// Larger bodies have more tokens than are tracked.
  private static final int MAX_BODY = 1024 * 1024;

  private boolean plain;
  private boolean tools;
  private boolean toolsOff;
  private ParsedRequest.TokenIdRequest ids = ParsedRequest.TokenIdRequest.UNNAMED;

  Traceable(int bodyBytes) {
    this.plain = bodyBytes <= MAX_BODY;
  }

  ParsedRequest.TokenIdRequest ids() {
    return ids;
  }

  boolean isTraceable() {
    return plain && (!tools || toolsOff);
  }

  /// @param used whether the field's value has an effect
  void wanted(JsonParser parser, boolean used) {
    ids = used ? ParsedRequest.TokenIdRequest.WANTED : ParsedRequest.TokenIdRequest.DECLINED;
    parser.skipChildren();
  }

  void tools(JsonParser parser, boolean used) {
    tools = used;
    parser.skipChildren();
  }

  /// A field that is not interpreted otherwise.
  void field(String name, JsonParser parser, boolean used) {
    plain &= !used || !FORBID.contains(name);
    parser.skipChildren();
  }

  void toolChoice(String choice) {
    toolsOff = choice.equals("none");
  }

  /// A string, or the token ids of one prompt.
  void prompt(JsonParser parser) {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        plain &= parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
        parser.skipChildren();
      }
    } else {
      plain &= parser.currentToken() == JsonToken.VALUE_STRING;
    }
  }

  /// Called at the start of the list.
  void messages(JsonParser parser) {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        message(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void message(JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("content") && value == JsonToken.START_ARRAY) {
        parts(parser);
      } else {
        plain &= !name.equals("audio") || value == JsonToken.VALUE_NULL;
        parser.skipChildren();
      }
    }
  }

  private void parts(JsonParser parser) {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean text = parser.currentToken() == JsonToken.VALUE_STRING;
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        text = textPart(parser);
      }
      plain &= text;
      parser.skipChildren();
    }
  }

  private static boolean textPart(JsonParser parser) {
    boolean text = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean type = parser.currentName().equals("type");
      JsonToken value = parser.nextToken();
      if (type) {
        text = value == JsonToken.VALUE_STRING && parser.getString().equals("text");
      }
      parser.skipChildren();
    }
    return text;
  }
}
