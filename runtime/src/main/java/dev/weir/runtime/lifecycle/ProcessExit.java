// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import java.util.Map;
import java.util.OptionalInt;

/// How a process ended.
///
/// @param code as a shell tells it (128 + signal); empty when Weir was not its parent
/// @param portTaken whether it ended because somebody else had its port
/// @param outOfMemory whether the kernel killed processes for want of memory while it ran
/// @param leftRunning whether processes that it had started go on without it
/// @param lastWords its last lines of output on one line, or empty
public record ProcessExit(
    OptionalInt code,
    boolean portTaken,
    boolean outOfMemory,
    boolean leftRunning,
    String lastWords) {
  private static final int SIGNALS = 128;
  private static final int KILLED = SIGNALS + 9;

  /// By their numbers on Linux.
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

  /// Of a process that ended while nobody of Weir's looked.
  public static ProcessExit unseen() {
    return new ProcessExit(
        OptionalInt.empty(), false, false, false, "it ended while Weir was away");
  }

  /// `exit code 1: Traceback ...`, `exit code 139 (SIGSEGV)`.
  public String describe() {
    String how = code.isPresent() ? coded(code.getAsInt()) : "ended, exit code not known";
    return lastWords.isEmpty() ? how : how + ": " + lastWords;
  }

  private String coded(int number) {
    String signal = NAMES.getOrDefault(number - SIGNALS, "");
    String how = "exit code " + number + (signal.isEmpty() ? "" : " (" + signal + ")");
    if (number == KILLED && outOfMemory) {
      return how + ", and the kernel killed processes for want of memory meanwhile";
    }
    return number == 0 && leftRunning
        ? how + ", but processes that it started ran on: an engine must stay in the foreground"
        : how;
  }
}
