// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.snapshot.EngineCapabilities;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Detects from an engine's error (4xx) whether the request has more tokens than the model's
/// context. Reads only the fields of the error, at the top level or inside `error`: other fields
/// may quote arbitrary text of the request.
public final class ContextLimit {
  private ContextLimit() {}

  /// Whether the error reports it, with the codes and texts of this engine; false if the body is
  /// not a JSON object.
  public static boolean exceeded(EngineCapabilities engine, ByteBuf error) {
    try (InputStream in = new ByteBufInputStream(error.slice());
        JsonParser parser = StreamingJson.FACTORY.createParser(StreamingJson.READ, in)) {
      return parser.nextToken() == JsonToken.START_OBJECT
          && matches(engine, parser, /* nested= */ false);
    } catch (JacksonException | IOException e) {
      return false;
    }
  }

  private static boolean matches(EngineCapabilities engine, JsonParser parser, boolean nested) {
    boolean found = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_STRING) {
        found |= matches(engine, name, parser.getString());
      } else if (value == JsonToken.START_OBJECT && name.equals("error") && !nested) {
        found |= matches(engine, parser, /* nested= */ true);
      } else {
        parser.skipChildren();
      }
    }
    return found;
  }

  private static boolean matches(EngineCapabilities engine, String field, String value) {
    return switch (field) {
      case "code", "type" -> engine.contextCodes().contains(value);
      case "message", "error", "detail" -> {
        String lower = value.toLowerCase(Locale.ROOT);
        yield engine.contextTexts().stream().anyMatch(lower::contains);
      }
      default -> false;
    };
  }
}
