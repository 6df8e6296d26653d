// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.answer.EventContent;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads names and arguments from the `tool_calls` of one chunk.
final class ToolCalls {
  private static final EventContent.Call EMPTY = new EventContent.Call(0, "", "");

  private ToolCalls() {}

  /// @param parser at the value of `tool_calls`; afterwards at its end
  /// @return whether there is any call
  static boolean read(JsonParser parser, EventContent facts) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      boolean present = parser.currentToken() != JsonToken.VALUE_NULL;
      parser.skipChildren();
      return present;
    }
    boolean any = false;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      any = true;
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        call(parser, facts);
      } else {
        parser.skipChildren();
      }
    }
    return any;
  }

  private static void call(JsonParser parser, EventContent facts) {
    int index = 0;
    EventContent.Call function = EMPTY;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
        index = parser.getIntValue();
      } else if (name.equals("function") && value == JsonToken.START_OBJECT) {
        function = function(parser);
      } else {
        parser.skipChildren();
      }
    }
    facts.calls.add(new EventContent.Call(index, function.name(), function.arguments()));
  }

  private static EventContent.Call function(JsonParser parser) {
    String name = "";
    String arguments = "";
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_STRING) {
        switch (field) {
          case "name" -> name = parser.getString();
          case "arguments" -> arguments = parser.getString();
          default -> {}
        }
      }
      parser.skipChildren();
    }
    return new EventContent.Call(0, name, arguments);
  }
}
