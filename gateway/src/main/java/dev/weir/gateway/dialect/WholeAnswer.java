// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.IOException;
import java.io.InputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// What is worth knowing of a whole JSON answer, read in one pass without a tree of it.
///
/// @param readable whether it is one JSON object from end to end, which a client can read
/// @param promptTokens from the last `usage` object; 0 when the engine did not say
/// @param outputTokens likewise
/// @param aborted whether the engine gave the answer up (`"finish_reason":"abort"`) though it
///   answered 200
public record WholeAnswer(boolean readable, long promptTokens, long outputTokens, boolean aborted) {

  public static WholeAnswer read(ByteBuf body) {
    Reading reading = new Reading();
    try (InputStream in = new ByteBufInputStream(body.slice());
        JsonParser parser = Json.FACTORY.createParser(Json.READ, in)) {
      reading.document(parser);
    } catch (JacksonException | IOException e) {
      reading.readable = false;
    }
    return new WholeAnswer(reading.readable, reading.prompt, reading.output, reading.aborted);
  }

  private static final class Reading {
    private boolean readable;
    private long prompt;
    private long output;
    private boolean aborted;

    void document(JsonParser parser) {
      boolean object = parser.nextToken() == JsonToken.START_OBJECT;
      int depth = object ? 1 : 0;
      while (depth > 0) {
        JsonToken token = parser.nextToken();
        if (token == null) {
          return;
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (token == JsonToken.PROPERTY_NAME) {
          depth += property(parser);
        }
      }
      readable = object && parser.nextToken() == null;
    }

    /// @return by how much that went deeper
    private int property(JsonParser parser) {
      String name = parser.currentName();
      if (name.equals("usage")) {
        return usage(parser);
      }
      if (name.equals("finish_reason")) {
        JsonToken token = parser.nextToken();
        aborted |= token == JsonToken.VALUE_STRING && parser.getString().equals("abort");
        return token != null && token.isStructStart() ? 1 : 0;
      }
      return 0;
    }

    private int usage(JsonParser parser) {
      JsonToken token = parser.nextToken();
      if (token != JsonToken.START_OBJECT) {
        return token == JsonToken.START_ARRAY ? 1 : 0;
      }
      prompt = 0;
      output = 0;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
          count(name, parser);
        }
        parser.skipChildren();
      }
      return 0;
    }

    private void count(String name, JsonParser parser) {
      switch (name) {
        case "prompt_tokens", "input_tokens" -> prompt = Json.count(parser);
        case "completion_tokens", "output_tokens" -> output = Json.count(parser);
        default -> {}
      }
    }
  }
}
