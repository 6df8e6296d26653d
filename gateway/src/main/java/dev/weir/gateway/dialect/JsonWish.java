// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Whether a request asks for JSON. An unescaped name of such a field is looked for first; in most
/// bodies there is none, and they are not parsed for it.
public final class JsonWish {
  private static final Set<String> SCHEMAS = Set.of("guided_json", "json_schema");
  private static final Set<String> JSON = Set.of("json_object", "json_schema");
  private static final List<ByteBuf> SIGNS =
      List.of(bytes("\"json_object\""), bytes("\"json_schema\""), bytes("\"guided_json\""));

  private JsonWish() {}

  private static ByteBuf bytes(String text) {
    return Unpooled.unreleasableBuffer(
        Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)).asReadOnly());
  }

  public static boolean in(ByteBuf body) {
    return SIGNS.stream().anyMatch(sign -> ByteBufUtil.indexOf(sign, body) >= 0) && parsed(body);
  }

  private static boolean parsed(ByteBuf body) {
    try (InputStream in = new ByteBufInputStream(body.slice());
        JsonParser parser = Json.FACTORY.createParser(Json.READ, in)) {
      return parser.nextToken() == JsonToken.START_OBJECT && anyField(parser);
    } catch (JacksonException | IOException e) {
      return false;
    }
  }

  private static boolean anyField(JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      boolean asks =
          switch (name) {
            case "response_format" -> value == JsonToken.START_OBJECT && typeIsJson(parser);
            case "text" -> value == JsonToken.START_OBJECT && formatIsJson(parser);
            default -> SCHEMAS.contains(name) && value != JsonToken.VALUE_NULL;
          };
      if (asks) {
        return true;
      }
      parser.skipChildren();
    }
    return false;
  }

  private static boolean formatIsJson(JsonParser parser) {
    boolean json = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean format = parser.currentName().equals("format");
      if (parser.nextToken() == JsonToken.START_OBJECT && format) {
        json |= typeIsJson(parser);
      } else {
        parser.skipChildren();
      }
    }
    return json;
  }

  private static boolean typeIsJson(JsonParser parser) {
    boolean json = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean type = parser.currentName().equals("type");
      JsonToken value = parser.nextToken();
      json |= type && value == JsonToken.VALUE_STRING && JSON.contains(parser.getString());
      parser.skipChildren();
    }
    return json;
  }
}
