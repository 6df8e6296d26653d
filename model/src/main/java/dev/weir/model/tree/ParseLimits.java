// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.tree;

import dev.weir.model.value.Problem;
import java.util.Optional;

/// Limits on one text. A text that exceeds them is rejected, never truncated.
public final class ParseLimits {
  /// Maximum characters in a text.
  public static final int MAX_CHARACTERS = 4 * 1024 * 1024;

  /// Maximum documents in a text, and items in a list of resources.
  public static final int MAX_DOCUMENTS = 1_000;

  /// Maximum nesting of objects and lists.
  public static final int MAX_DEPTH = 50;

  /// Maximum values in a text, with aliases expanded.
  public static final int MAX_VALUES = 200_000;

  private ParseLimits() {}

  static Optional<Problem> tooLong(String text) {
    return text.length() <= MAX_CHARACTERS
        ? Optional.empty()
        : Optional.of(
            new Problem(
                "",
                text.length() + " characters",
                "at most " + MAX_CHARACTERS + " characters are read at once: split it"));
  }

  /// Ends reading with a problem because a limit is exceeded.
  static final class Refused extends RuntimeException {
    private final transient Problem problem;

    Refused(String path, String value, String message) {
      super(message, null, false, false);
      this.problem = new Problem(path, value, message);
    }

    Problem problem() {
      return problem;
    }
  }

  /// Counts values while reading. Rejects excessive depth and size, and strings that UTF-8 cannot
  /// encode.
  static final class Meter {
    private int values;

    /// @param path path of the value, or of the object that has it as a key
    String text(String path, String text) {
      boolean halved =
          text.codePoints()
              .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
      if (halved) {
        throw new Refused(
            FirstPart.of(path),
            "",
            "contains an unpaired surrogate (an escape such as \\ud800 alone): write both halves,"
                + " or the"
                + " character itself");
      }
      return text;
    }

    void value(String path, int depth, int size) {
      if (depth > MAX_DEPTH) {
        throw new Refused(
            FirstPart.of(path), "", "nested deeper than " + MAX_DEPTH + " levels: flatten it");
      }
      values += size;
      if (values > MAX_VALUES) {
        throw new Refused(
            FirstPart.of(path),
            "",
            "contains more than " + MAX_VALUES + " values, aliases expanded: split it");
      }
    }
  }

  /// Shortens long paths, because a path of fifty levels is not useful in a message.
  private static final class FirstPart {
    static String of(String path) {
      return path.length() <= 100 ? path : path.substring(0, 100) + "...";
    }
  }
}
