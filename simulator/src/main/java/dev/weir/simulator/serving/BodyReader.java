// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.TokenIds;
import dev.weir.simulator.answer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Reads fields of a request body. Absent or null fields have their default, and unknown fields are
/// ignored, as in vLLM.
final class BodyReader {
  /// A field is invalid.
  static final class BadField extends RuntimeException {
    private final transient ApiError error;

    BadField(ApiError error) {
      super(error.message());
      this.error = error;
    }

    ApiError error() {
      return error;
    }
  }

  private final JsonNode body;

  BodyReader(JsonNode body) {
    this.body = body;
  }

  static BadField bad(String param, String message) {
    return new BadField(ApiError.badRequest(param, message));
  }

  boolean has(String name) {
    JsonNode node = body.get(name);
    return node != null && !node.isNull();
  }

  JsonNode required(String name) {
    JsonNode node = body.get(name);
    if (node == null || node.isNull()) {
      throw bad(name, "Field required: " + name);
    }
    return node;
  }

  boolean flag(String name, boolean fallback) {
    if (!has(name)) {
      return fallback;
    }
    JsonNode node = required(name);
    if (!node.isBoolean()) {
      throw bad(name, "Input should be a valid boolean: " + name);
    }
    return node.booleanValue();
  }

  long whole(String name, long fallback, long min, long max) {
    if (!has(name)) {
      return fallback;
    }
    JsonNode node = required(name);
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw bad(name, "Input should be a valid integer: " + name);
    }
    long value = node.longValue();
    if (value < min || value > max) {
      throw bad(
          name, name + " must be at least " + min + " and at most " + max + ", got " + value + ".");
    }
    return value;
  }

  void number(String name, double min, double max) {
    if (!has(name)) {
      return;
    }
    JsonNode node = required(name);
    if (!node.isNumber()) {
      throw bad(name, "Input should be a valid number: " + name);
    }
    double value = node.doubleValue();
    if (!(value >= min && value <= max)) {
      throw bad(name, name + " must be from " + min + " to " + max + ", got " + value + ".");
    }
  }

  String text(String name, String fallback) {
    if (!has(name)) {
      return fallback;
    }
    return text(name, required(name));
  }

  static String text(String name, JsonNode node) {
    if (!node.isString()) {
      throw bad(name, "Input should be a valid string: " + name);
    }
    return node.stringValue();
  }

  /// A string or a list of strings.
  List<String> texts(String name) {
    if (!has(name)) {
      return List.of();
    }
    JsonNode node = required(name);
    List<String> out = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(item -> out.add(text(name, item)));
    } else {
      out.add(text(name, node));
    }
    return out;
  }

  /// A string, a list of strings, a list of token ids, or a list of such lists.
  List<TokenIds> prompts(String name) {
    JsonNode node = required(name);
    if (node.isString()) {
      return List.of(encode(name, node));
    }
    if (!node.isArray() || node.isEmpty()) {
      throw bad(name, "Either " + name + " or prompt_embeds must be provided and non-empty.");
    }
    if (node.get(0).isNumber()) {
      return List.of(ids(name, node));
    }
    List<TokenIds> out = new ArrayList<>();
    node.forEach(item -> out.add(item.isArray() ? ids(name, item) : encode(name, item)));
    return out;
  }

  private static TokenIds encode(String name, JsonNode node) {
    TokenIds tokens = Tokenizer.encode(text(name, node));
    if (tokens.size() == 0) {
      throw bad(name, "The " + name + " must not be empty.");
    }
    return tokens;
  }

  static TokenIds ids(String name, JsonNode node) {
    if (!node.isArray() || node.isEmpty()) {
      throw bad(name, "Input should be a non-empty list of token ids: " + name);
    }
    int[] ids = new int[node.size()];
    for (int index = 0; index < ids.length; index++) {
      JsonNode item = node.get(index);
      boolean fits = item.isIntegralNumber() && item.canConvertToInt();
      if (!fits || item.intValue() < 0 || item.intValue() >= Tokenizer.SIZE) {
        throw bad(name, "Token id " + item + " is out of vocabulary");
      }
      ids[index] = item.intValue();
    }
    return TokenIds.of(ids);
  }
}
