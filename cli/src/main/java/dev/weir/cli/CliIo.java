// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.Map;

/// All that a command touches of the world besides files and the control plane.
///
/// @param out results
/// @param err errors and progress
/// @param in for `-f -`
/// @param terminal whether a person looks at it: colour, and progress that is updated in place
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
