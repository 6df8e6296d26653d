// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import java.util.Locale;
import java.util.Optional;

/// Formats of `-o`.
public enum OutputFormat {
  /// Human-readable; `text` is an alias.
  TABLE,
  /// Human-readable with more columns.
  WIDE,
  JSON,
  YAML,
  MARKDOWN;

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<OutputFormat> named(String name) {
    if (name.equals("text")) {
      return Optional.of(TABLE);
    }
    for (OutputFormat format : values()) {
      if (format.text().equals(name)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /// Whether the format is machine-readable.
  public boolean document() {
    return this == JSON || this == YAML;
  }
}
