// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.notation;

import java.util.regex.Pattern;

/// Paths to fields, as used in problems: `spec.steps[1].weight`, `endpoints["chat@2"][0]`.
public final class FieldPath {
  private static final Pattern SIMPLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]*");

  private FieldPath() {}

  /// The path of a field or key below `parent`; the root's path is empty.
  public static String child(String parent, String key) {
    if (!SIMPLE.matcher(key).matches()) {
      return parent + "[\"" + shortened(key, 80).replace("\"", "\\\"") + "\"]";
    }
    return parent.isEmpty() ? key : parent + "." + key;
  }

  /// The path of a list's item, counted from 0.
  public static String item(String parent, int index) {
    return parent + "[" + index + "]";
  }

  /// At most `limit` characters, with an ellipsis if shortened and control characters escaped.
  public static String shortened(String text, int limit) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length() && shown.length() < limit; i++) {
      char c = text.charAt(i);
      shown.append(Character.isISOControl(c) ? '\uFFFD' : c);
    }
    return text.length() > limit ? shown + "..." : shown.toString();
  }
}
