// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Detects from an engine's error (4xx) whether the request has more tokens than the model's
/// context. Reads only the fields of the error, at the top level or inside `error`: other fields
/// may quote arbitrary text of the request.
public final class ContextLimit {
  /// Codes of OpenAI and compatible engines, and of llama.cpp's server.
  private static final Set<String> CODES =
      Set.of("context_length_exceeded", "exceed_context_size_error");

  /// In the order vLLM, SGLang and OpenAI (`This model's maximum context length is ...`), vLLM
  /// (`... longer than the maximum model length of ...`), SGLang (three forms, one of its
  /// scheduler), llama.cpp, Ollama, Anthropic.
  private static final List<String> MESSAGES =
      List.of(
          "maximum context length",
          "longer than the maximum model length",
          "longer than the model's context length",
          "exceeds the maximum allowed length",
          "exceeds the available context size",
          "exceeds the context length",
          "prompt is too long");

  private ContextLimit() {}

  /// Whether the error reports it; false if the body is not a JSON object.
  public static boolean exceeded(ByteBuf error) {
    try (InputStream in = new ByteBufInputStream(error.slice());
        JsonParser parser = StreamingJson.FACTORY.createParser(StreamingJson.READ, in)) {
      return parser.nextToken() == JsonToken.START_OBJECT && matches(parser, /* nested= */ false);
    } catch (JacksonException | IOException e) {
      return false;
    }
  }

  private static boolean matches(JsonParser parser, boolean nested) {
    boolean found = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_STRING) {
        found |= matches(name, parser.getString());
      } else if (value == JsonToken.START_OBJECT && name.equals("error") && !nested) {
        found |= matches(parser, /* nested= */ true);
      } else {
        parser.skipChildren();
      }
    }
    return found;
  }

  private static boolean matches(String field, String value) {
    return switch (field) {
      case "code", "type" -> CODES.contains(value);
      case "message", "error", "detail" -> {
        String lower = value.toLowerCase(Locale.ROOT);
        yield MESSAGES.stream().anyMatch(lower::contains);
      }
      default -> false;
    };
  }
}
