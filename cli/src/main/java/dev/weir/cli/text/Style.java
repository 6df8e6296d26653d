// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import java.util.Map;

/// How text is shown: on a terminal, lines have a limited width, and states may have colours.
///
/// @param terminal whether a person sees the text on a terminal; otherwise nothing is truncated
/// @param colour false leaves text unchanged
public record Style(boolean terminal, boolean colour) {
  private static final String RESET = "\u001b[0m";
  private static final String GREEN = "\u001b[32m";
  private static final String YELLOW = "\u001b[33m";
  private static final String RED = "\u001b[31m";
  private static final String BOLD = "\u001b[1m";

  private static final Map<String, String> STATES =
      Map.ofEntries(
          Map.entry("ok", GREEN),
          Map.entry("warning", YELLOW),
          Map.entry("problem", RED),
          Map.entry("Ready", GREEN),
          Map.entry("Completed", GREEN),
          Map.entry("Promote", GREEN),
          Map.entry("created", GREEN),
          Map.entry("pass", GREEN),
          Map.entry("allowed", GREEN),
          Map.entry("Paused", YELLOW),
          Map.entry("Inconclusive", YELLOW),
          Map.entry("Unready", YELLOW),
          Map.entry("Progressing", YELLOW),
          Map.entry("Provisioning", YELLOW),
          Map.entry("Starting", YELLOW),
          Map.entry("BackOff", YELLOW),
          Map.entry("Serving,OutOfSync", YELLOW),
          Map.entry("changed", YELLOW),
          Map.entry("RollingBack", RED),
          Map.entry("RolledBack", RED),
          Map.entry("Aborted", RED),
          Map.entry("Revert", RED),
          Map.entry("Guard", RED),
          Map.entry("Failed", RED),
          Map.entry("fail", RED),
          Map.entry("failed", RED),
          Map.entry("denied", RED),
          Map.entry("deleted", RED),
          Map.entry("revoked", RED));

  /// The style of files and pipes.
  public static Style plain() {
    return new Style(false, false);
  }

  /// The text in the colour of `state`.
  public String state(String state, String text) {
    String code = STATES.getOrDefault(state, "");
    return !colour || code.isEmpty() ? text : code + text + RESET;
  }

  /// A state in its colour.
  public String state(String state) {
    return state(state, state);
  }

  public String bold(String text) {
    return colour ? BOLD + text + RESET : text;
  }
}
