// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.InjectableValues;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The JSON dialect of the wire: records in the order of their components, maps sorted by key, one
/// line, UTF-8, instants as ISO-8601 UTC. Equal values have equal bytes.
///
/// Reading rejects missing, null and duplicate fields and text after the end. It ignores unknown
/// fields, so that newer programs can add optional ones.
final class WireJson {
  /// Name of the injected value of a field that older programs do not write: an empty `Optional`.
  static final String ABSENT = "absent";

  static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(16)
                          .maxStringLength(GatewayAnswer.MAX_CHARS)
                          .maxNumberLength(32)
                          .build())
                  .build())
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .injectableValues(new InjectableValues.Std().addValue(ABSENT, Optional.empty()))
          .build();

  private WireJson() {}

  static byte[] write(Object value) {
    return write(MAPPER, value);
  }

  /// @param mapper the mapper of this dialect, or one derived from it
  static byte[] write(JsonMapper mapper, Object value) {
    return mapper.writeValueAsBytes(value);
  }

  static <T> T read(byte[] bytes, Class<T> type, int maxBytes, String what)
      throws WireFormatException {
    return read(MAPPER, bytes, type, maxBytes, what);
  }

  /// @param mapper the mapper of this dialect, or one derived from it
  static <T> T read(JsonMapper mapper, byte[] bytes, Class<T> type, int maxBytes, String what)
      throws WireFormatException {
    if (bytes.length > maxBytes) {
      throw new WireFormatException(
          what + " is too large: " + bytes.length + " bytes, at most " + maxBytes + " are read");
    }
    try {
      T value = mapper.readValue(bytes, type);
      if (value == null) {
        throw new WireFormatException(what + " is null");
      }
      return value;
    } catch (JacksonException e) {
      throw new WireFormatException(what + " cannot be read: " + describe(e), e);
    }
  }

  /// Reports the location and the record's own message to the peer, without class names.
  private static String describe(JacksonException e) {
    if (e instanceof StreamReadException) {
      return "it is not JSON" + at(e);
    }
    String why =
        e.getCause() instanceof IllegalArgumentException own && ours(own)
            ? String.valueOf(own.getMessage())
            : "a field or value has the wrong form";
    String field =
        e.getPath().stream()
            .map(WireJson::step)
            .collect(Collectors.joining())
            .replaceFirst("^[.]", "");
    return (field.isEmpty() ? "" : "at " + field + ": ") + why + at(e);
  }

  private static String at(JacksonException e) {
    var place = e.getLocation();
    return place == null
        ? ""
        : ", at line " + place.getLineNr() + ", column " + place.getColumnNr();
  }

  /// Whether a record threw it, rather than the library.
  private static boolean ours(IllegalArgumentException e) {
    return e.getClass() == IllegalArgumentException.class;
  }

  private static String step(JacksonException.Reference step) {
    return step.getPropertyName() == null
        ? "[" + step.getIndex() + "]"
        : "." + step.getPropertyName();
  }

  /// Whether an object has a top-level field.
  static boolean names(byte[] bytes, String field, String what) throws WireFormatException {
    try (var parser = MAPPER.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new WireFormatException(what + " is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        if (parser.currentName().equals(field)) {
          return true;
        }
        parser.nextToken();
        parser.skipChildren();
      }
      return false;
    } catch (JacksonException e) {
      throw new WireFormatException(what + " is not JSON" + at(e), e);
    }
  }

  /// A top-level list of integers, read without parsing the rest; empty when there is none.
  static List<Long> topLevelIntegers(byte[] bytes, String field, String what)
      throws WireFormatException {
    List<Long> found = new ArrayList<>();
    try (var parser = MAPPER.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new WireFormatException(what + " is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean wanted = parser.currentName().equals(field);
        if (parser.nextToken() == JsonToken.START_ARRAY && wanted) {
          while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
            found.add(parser.getLongValue());
          }
          return found;
        }
        parser.skipChildren();
      }
      return found;
    } catch (JacksonException e) {
      throw new WireFormatException(what + " is not JSON" + at(e), e);
    }
  }

  /// A top-level integer, read without parsing the rest, because the version determines how to
  /// parse it.
  static long topLevelInteger(byte[] bytes, String field, String what) throws WireFormatException {
    try (var parser = MAPPER.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new WireFormatException(what + " is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean wanted = parser.currentName().equals(field);
        if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT && wanted) {
          return parser.getLongValue();
        }
        parser.skipChildren();
      }
      throw new WireFormatException(what + " has no integer `" + field + "`");
    } catch (JacksonException e) {
      throw new WireFormatException(what + " is not JSON" + at(e), e);
    }
  }

  /// The bytes of the object or list whose first token is the current one. Afterwards its last
  /// token is the current one.
  static byte[] slice(JsonParser parser, byte[] bytes) {
    int start = (int) parser.currentTokenLocation().getByteOffset();
    JsonParser _ = parser.skipChildren();
    return Arrays.copyOfRange(bytes, start, end(parser));
  }

  /// The offset after the current token.
  static int end(JsonParser parser) {
    return (int) parser.currentLocation().getByteOffset();
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException(what);
    }
  }
}
