// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.Locale;
import java.util.Optional;

/// What `-o` asks for.
enum OutputFormat {
  /// For people; also called `text`.
  TABLE,
  /// For people with a wide window.
  WIDE,
  JSON,
  YAML,
  MARKDOWN;

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<OutputFormat> named(String word) {
    if (word.equals("text")) {
      return Optional.of(TABLE);
    }
    for (OutputFormat format : values()) {
      if (format.text().equals(word)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /// Whether a program reads it.
  boolean document() {
    return this == JSON || this == YAML;
  }
}
