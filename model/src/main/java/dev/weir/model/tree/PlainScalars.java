// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.tree;

import java.util.Set;
import java.util.regex.Pattern;

/// Interprets unquoted YAML scalars by the core schema of YAML 1.2.2 section 10.3.
public final class PlainScalars {
  private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> TRUE = Set.of("true", "True", "TRUE");
  private static final Set<String> FALSE = Set.of("false", "False", "FALSE");
  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
              + "|[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"
              + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

  /// Booleans in YAML 1.1, but text in YAML 1.2.
  private static final Pattern DISPUTED = Pattern.compile("(?i)yes|no|on|off");

  private PlainScalars() {}

  static Node resolve(String text) {
    if (NOTHING.contains(text)) {
      return new Node.Nothing();
    }
    if (TRUE.contains(text) || FALSE.contains(text)) {
      return new Node.Bool(TRUE.contains(text), text);
    }
    return NUMBER.matcher(text).matches() ? new Node.Numeral(text) : new Node.Text(text, false);
  }

  /// Whether YAML 1.1 and 1.2 read the unquoted text differently.
  public static boolean disputed(String text) {
    return DISPUTED.matcher(text).matches();
  }

  /// Whether every YAML reader reads the unquoted text as the same text.
  public static boolean isText(String text) {
    return resolve(text) instanceof Node.Text && !disputed(text);
  }
}
