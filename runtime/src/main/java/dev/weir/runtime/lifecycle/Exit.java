// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import java.util.OptionalInt;

/// How a process ended.
///
/// @param code as a shell tells it (128 + signal); empty when Weir was not its parent
/// @param portTaken whether it ended because somebody else had its port
/// @param lastWords its last lines of output on one line, or empty
public record Exit(OptionalInt code, boolean portTaken, String lastWords) {
  /// `exit code 1: Traceback ...`.
  public String describe() {
    String how = code.isPresent() ? "exit code " + code.getAsInt() : "ended, exit code not known";
    return lastWords.isEmpty() ? how : how + ": " + lastWords;
  }
}
