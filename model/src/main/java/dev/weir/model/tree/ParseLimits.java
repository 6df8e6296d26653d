// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.tree;

import dev.weir.model.Problem;
import java.util.Optional;

/// How much one text may hold; what is beyond is refused, never cut.
public final class ParseLimits {
  /// Characters in a text.
  public static final int MAX_CHARACTERS = 4 * 1024 * 1024;

  /// Documents in a text, and items in a list of resources.
  public static final int MAX_DOCUMENTS = 1_000;

  /// Objects and lists inside one another.
  public static final int MAX_DEPTH = 50;

  /// Values in a text, aliases expanded.
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

  /// A limit was met: reading ends with this problem.
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

  /// Counts what is being read and refuses what is too deep or too much, and texts that have no
  /// form in UTF-8.
  static final class Meter {
    private int values;

    /// @param path of the value, or of the object whose key it is
    String text(String path, String text) {
      boolean halved =
          text.codePoints()
              .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
      if (halved) {
        throw new Refused(
            FirstPart.of(path),
            "",
            "holds half a character (an escape such as \\ud800 alone): write both halves, or the"
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
            "holds more than " + MAX_VALUES + " values, aliases expanded: split it");
      }
    }
  }

  /// A path of fifty levels helps nobody.
  private static final class FirstPart {
    static String of(String path) {
      return path.length() <= 100 ? path : path.substring(0, 100) + "...";
    }
  }
}
