// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import java.io.InputStream;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.Map;

/// A command's environment, apart from files and the control plane.
///
/// @param out results
/// @param err errors and progress
/// @param in for `-f -`
/// @param terminal whether output goes to a terminal: enables colour and in-place progress
public record CliIo(
    PrintWriter out,
    PrintWriter err,
    InputStream in,
    Map<String, String> env,
    boolean terminal,
    InstantSource clock) {
  public CliIo {
    env = Map.copyOf(env);
  }
}
