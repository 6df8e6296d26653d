// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import java.util.Map;
import java.util.OptionalInt;

/// How a process ended.
///
/// @param code as a shell reports it (128 + signal); empty if Weir was not the parent
/// @param portTaken whether it ended because another process used its port
/// @param outOfMemory whether the OOM killer ended any process while it ran
/// @param leftRunning whether its child processes still run
/// @param lastWords its last output lines on one line, or empty
public record ProcessExit(
    OptionalInt code,
    boolean portTaken,
    boolean outOfMemory,
    boolean leftRunning,
    String lastWords) {
  private static final int SIGNALS = 128;
  private static final int KILLED = SIGNALS + 9;

  /// Signal names by their numbers on Linux.
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "SIGHUP"),
          Map.entry(2, "SIGINT"),
          Map.entry(3, "SIGQUIT"),
          Map.entry(4, "SIGILL"),
          Map.entry(5, "SIGTRAP"),
          Map.entry(6, "SIGABRT"),
          Map.entry(7, "SIGBUS"),
          Map.entry(8, "SIGFPE"),
          Map.entry(9, "SIGKILL"),
          Map.entry(11, "SIGSEGV"),
          Map.entry(13, "SIGPIPE"),
          Map.entry(15, "SIGTERM"),
          Map.entry(24, "SIGXCPU"),
          Map.entry(31, "SIGSYS"));

  /// The exit of a process that ended while Weir did not run.
  public static ProcessExit unseen() {
    return new ProcessExit(
        OptionalInt.empty(), false, false, false, "it ended while Weir was not running");
  }

  /// `exit code 1: Traceback ...`, `exit code 139 (SIGSEGV)`.
  public String describe() {
    String how = code.isPresent() ? coded(code.getAsInt()) : "ended, exit code unknown";
    return lastWords.isEmpty() ? how : how + ": " + lastWords;
  }

  private String coded(int number) {
    String signal = NAMES.getOrDefault(number - SIGNALS, "");
    String how = "exit code " + number + (signal.isEmpty() ? "" : " (" + signal + ")");
    if (number == KILLED && outOfMemory) {
      return how + ", and the OOM killer was active meanwhile";
    }
    return number == 0 && leftRunning
        ? how + ", but its child processes kept running: an engine must stay in the foreground"
        : how;
  }
}
