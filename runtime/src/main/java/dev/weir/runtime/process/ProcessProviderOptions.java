// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.lifecycle.Timing;
import dev.weir.runtime.probe.GenerationProbe;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// What the process provider needs to know of its surroundings.
///
/// @param folder for records and logs; one subfolder for each Target
/// @param simCommand how Weir's own simulator is started, same placeholders as an engine's command:
///   for example `weir sim --port {port} --model {model} --version {version}`; `args` come behind
///   it
/// @param environment Weir's own: `PATH`, `HOME` and `LANG` are handed on, and `env:NAME` is looked
///   up in it
/// @param maxLogBytes a log is rotated when it is larger; one older piece of about that size is
///   kept
public record ProcessProviderOptions(
    Path folder,
    List<String> simCommand,
    Map<String, String> environment,
    InstantSource clock,
    Timing timing,
    GenerationProbe.Limits probeLimits,
    long maxLogBytes) {
  private static final long DEFAULT_LOG_BYTES = 16L << 20;

  public ProcessProviderOptions {
    simCommand = List.copyOf(simCommand);
    environment = Map.copyOf(environment);
    if (maxLogBytes < 1) {
      throw new IllegalArgumentException("maxLogBytes is 1 or more: " + maxLogBytes);
    }
  }

  public static ProcessProviderOptions of(
      Path folder, List<String> simCommand, InstantSource clock) {
    return new ProcessProviderOptions(
        folder,
        simCommand,
        System.getenv(),
        clock,
        Timing.DEFAULT,
        GenerationProbe.Limits.DEFAULT,
        DEFAULT_LOG_BYTES);
  }
}
