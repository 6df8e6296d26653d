// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/// The JSON Canonicalization Scheme of RFC 8785: one text for each value, for hashing.
public final class CanonicalJson {
  private CanonicalJson() {}

  /// @throws IllegalArgumentException for values outside I-JSON (RFC 7493): numbers that are not
  ///   doubles, lone surrogates, nodes that are not JSON
  public static String of(JsonNode tree) {
    StringBuilder text = new StringBuilder();
    value(text, tree);
    return text.toString();
  }

  /// Canonical JSON of a record, in the form of `Json.tree`.
  public static String of(Record record) {
    return of(Json.tree(record));
  }

  private static void value(StringBuilder text, JsonNode node) {
    switch (node.getNodeType()) {
      case STRING -> string(text, node.stringValue());
      case NUMBER -> text.append(number(exact(node)));
      case BOOLEAN -> text.append(node.booleanValue());
      case NULL -> text.append("null");
      case ARRAY -> array(text, node);
      case OBJECT -> object(text, node);
      case MISSING, BINARY, POJO ->
          throw new IllegalArgumentException("not a JSON value: " + node.getNodeType());
    }
  }

  private static void array(StringBuilder text, JsonNode node) {
    text.append('[');
    String separator = "";
    for (JsonNode item : node) {
      text.append(separator);
      value(text, item);
      separator = ",";
    }
    text.append(']');
  }

  /// Section 3.2.3: names sorted by UTF-16 code units, which is how Java compares strings.
  private static void object(StringBuilder text, JsonNode node) {
    List<String> names = new ArrayList<>(node.propertyNames());
    Collections.sort(names);
    text.append('{');
    String separator = "";
    for (String name : names) {
      text.append(separator);
      string(text, name);
      text.append(':');
      value(text, Objects.requireNonNull(node.get(name)));
      separator = ",";
    }
    text.append('}');
  }

  /// Section 3.2.2.2.
  private static void string(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isSurrogate(c)) {
        pair(value, i);
      }
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\b' -> text.append("\\b");
        case '\t' -> text.append("\\t");
        case '\n' -> text.append("\\n");
        case '\f' -> text.append("\\f");
        case '\r' -> text.append("\\r");
        default -> {
          if (c < 0x20) {
            text.append(String.format("\\u%04x", (int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  private static void pair(String value, int i) {
    boolean paired =
        Character.isHighSurrogate(value.charAt(i))
            ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
            : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
    if (!paired) {
      throw new IllegalArgumentException("a lone surrogate at character " + i);
    }
  }

  /// JSON numbers are doubles here; a long without an exact double would get the hash of its
  /// neighbour.
  private static double exact(JsonNode node) {
    double value = node.doubleValue();
    if (node.isIntegralNumber()
        && !new BigDecimal(value).toBigInteger().equals(node.bigIntegerValue())) {
      throw new IllegalArgumentException("not exactly a double: " + node.asString());
    }
    return value;
  }

  /// A number as ECMAScript's `Number::toString` writes it (ECMA-262 section 6.1.6.1.20), as
  /// section 3.2.2.3 requires.
  ///
  /// @throws IllegalArgumentException for NaN and the infinities
  public static String number(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("JSON has no number for " + value);
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal shortest = shortest(Math.abs(value));
    String digits = shortest.unscaledValue().toString();
    int point = digits.length() - shortest.scale();
    return (value < 0 ? "-" : "") + layout(digits, point);
  }

  /// @param point number of digits before the decimal point; may be negative or large
  private static String layout(String digits, int point) {
    int count = digits.length();
    if (count <= point && point <= 21) {
      return digits + "0".repeat(point - count);
    }
    if (0 < point && point <= 21) {
      return digits.substring(0, point) + "." + digits.substring(point);
    }
    if (-6 < point && point <= 0) {
      return "0." + "0".repeat(-point) + digits;
    }
    int exponent = point - 1;
    String fraction = count == 1 ? "" : "." + digits.substring(1);
    return digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + Math.abs(exponent);
  }

  /// The shortest decimal that parses to the value, and of those the nearest. Java's shortest form
  /// has at least two digits (`4.9E-324`), so this also tries one digit.
  private static BigDecimal shortest(double value) {
    BigDecimal java = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (java.precision() != 2) {
      return java;
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal best = java;
    for (RoundingMode mode : List.of(RoundingMode.DOWN, RoundingMode.UP)) {
      BigDecimal one = java.round(new MathContext(1, mode)).stripTrailingZeros();
      boolean nearer =
          best.precision() > 1
              || one.subtract(exact).abs().compareTo(best.subtract(exact).abs()) < 0;
      if (one.doubleValue() == value && nearer) {
        best = one;
      }
    }
    return best;
  }
}
