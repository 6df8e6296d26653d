// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.tree.PlainScalars;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// JSON trees as YAML in block style. Text is unquoted only when both YAML 1.1 and 1.2 read it as
/// the same text.
public final class YamlText {
  /// Words that begin with a letter or a slash, separated by single spaces, with colons only inside
  /// a word.
  private static final Pattern WORDS =
      Pattern.compile(
          "[A-Za-z/]([A-Za-z0-9_./@+%=-]|:(?=[A-Za-z0-9/]))*"
              + "( ([A-Za-z0-9_./@+%=(]([A-Za-z0-9_./@+%=()-]|:(?=[A-Za-z0-9/]))*))*");

  /// Values with a unit; `1e3` has no unit.
  private static final Pattern MEASURES =
      Pattern.compile("([0-9]+(\\.[0-9]+)?(ms|us|ns|[hms]))+|[0-9]+(\\.[0-9]+)?(%|[KMGTPE]i)");

  private YamlText() {}

  /// One document, without `---`, ending in a line break.
  public static String print(JsonNode tree) {
    StringBuilder text = new StringBuilder();
    if (isBlock(tree)) {
      block(text, tree, 0, false);
    } else {
      text.append(scalar(tree)).append('\n');
    }
    return text.toString();
  }

  private static boolean isBlock(JsonNode node) {
    return (node.isObject() || node.isArray()) && !node.isEmpty();
  }

  /// @param inline whether the first line follows a dash and needs no indentation
  private static void block(StringBuilder text, JsonNode node, int indent, boolean inline) {
    boolean first = inline;
    if (node.isArray()) {
      for (JsonNode item : node) {
        indent(text, first ? 0 : indent).append("- ");
        item(text, item, indent);
        first = false;
      }
      return;
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      indent(text, first ? 0 : indent).append(quoted(field.getKey())).append(':');
      field(text, field.getValue(), indent);
      first = false;
    }
  }

  private static void item(StringBuilder text, JsonNode item, int indent) {
    if (isBlock(item)) {
      block(text, item, indent + 2, true);
    } else {
      text.append(scalar(item)).append('\n');
    }
  }

  private static void field(StringBuilder text, JsonNode value, int indent) {
    if (isBlock(value)) {
      text.append('\n');
      block(text, value, indent + 2, false);
    } else {
      text.append(' ').append(scalar(value)).append('\n');
    }
  }

  private static StringBuilder indent(StringBuilder text, int spaces) {
    return text.append(" ".repeat(spaces));
  }

  private static String scalar(JsonNode node) {
    // Numbers, booleans, null and empty containers have the same form in JSON and YAML.
    return node.isString() ? quoted(node.stringValue()) : JsonText.compact(node);
  }

  private static String quoted(String text) {
    boolean plain =
        text.length() < 200
            && PlainScalars.isText(text)
            && (WORDS.matcher(text).matches() || MEASURES.matcher(text).matches());
    return plain ? text : doubleQuoted(text);
  }

  /// Escapes of YAML 1.2.2 section 5.7: all characters except printable ASCII and non-ASCII
  /// letters.
  private static String doubleQuoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\t' -> quoted.append("\\t");
        case '\r' -> quoted.append("\\r");
        default -> {
          if (printable(c)) {
            quoted.append(c);
          } else {
            quoted.append(String.format("\\u%04X", (int) c));
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  private static boolean printable(char c) {
    return (c >= 0x20 && c < 0x7F) || (c > 0xA0 && Character.isLetterOrDigit(c));
  }
}
