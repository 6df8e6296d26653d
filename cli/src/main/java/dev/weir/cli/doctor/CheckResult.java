// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.doctor;

import dev.weir.model.value.Text;

/// The result of one check of `weir doctor`.
///
/// @param check what was checked, one or two words
/// @param found the state and what it means
/// @param todo the remedy; empty when the check passed
public record CheckResult(Level level, String check, String found, String todo) {

  /// The severity.
  public enum Level implements Text {
    OK("ok"),
    WARNING("warning"),
    PROBLEM("problem");

    private final String text;

    Level(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  public CheckResult {
    if (level != Level.OK && todo.isBlank()) {
      throw new IllegalArgumentException("a remedy is required for: " + found);
    }
  }

  public static CheckResult ok(String check, String found) {
    return new CheckResult(Level.OK, check, found, "");
  }

  public static CheckResult warning(String check, String found, String todo) {
    return new CheckResult(Level.WARNING, check, found, todo);
  }

  public static CheckResult problem(String check, String found, String todo) {
    return new CheckResult(Level.PROBLEM, check, found, todo);
  }
}
