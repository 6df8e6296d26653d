// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.model.Text;

/// One thing that `weir doctor` looked at.
///
/// @param check what was looked at, a word or two
/// @param found what is so, and what it means
/// @param todo what to do about it; empty when all is well
public record CheckResult(Level level, String check, String found, String todo) {

  /// How bad it is.
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
      throw new IllegalArgumentException("say what to do about: " + found);
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
