// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.lifecycle.LifecycleTiming;
import dev.weir.runtime.probe.GenerationProbe;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// What the process provider needs to know of its surroundings.
///
/// @param folder for records and logs; one subfolder for each Target
/// @param simCommand how Weir's own simulator is started, same placeholders as an engine's command:
///   for example `weir sim --port {port} --model {model} --version {version}`; `args` come behind
///   it
/// @param environment Weir's own: `PATH`, `HOME` and `LANG` are handed on, and `env:NAME` is looked
///   up in it
/// @param nanos monotonic
/// @param maxLogBytes a log is rotated when it is larger; one older piece of about that size is
///   kept
/// @param table the machine's processes
/// @param points told of the instants at which a death of Weir makes a difference
public record ProcessProviderOptions(
    Path folder,
    List<String> simCommand,
    Map<String, String> environment,
    InstantSource clock,
    LongSupplier nanos,
    LifecycleTiming timing,
    GenerationProbe.Limits probeLimits,
    long maxLogBytes,
    ProcessTable table,
    LaunchPoints points) {
  private static final long DEFAULT_LOG_BYTES = 16L << 20;

  public ProcessProviderOptions {
    simCommand = List.copyOf(simCommand);
    environment = Map.copyOf(environment);
    if (maxLogBytes < 1) {
      throw new IllegalArgumentException("maxLogBytes is 1 or more: " + maxLogBytes);
    }
  }

  public static ProcessProviderOptions of(
      Path folder, List<String> simCommand, InstantSource clock, LongSupplier nanos) {
    return new ProcessProviderOptions(
        folder,
        simCommand,
        System.getenv(),
        clock,
        nanos,
        LifecycleTiming.DEFAULT,
        GenerationProbe.Limits.DEFAULT,
        DEFAULT_LOG_BYTES,
        new ProcFs(),
        LaunchPoints.NONE);
  }

  public ProcessProviderOptions withTable(ProcessTable other) {
    return new ProcessProviderOptions(
        folder,
        simCommand,
        environment,
        clock,
        nanos,
        timing,
        probeLimits,
        maxLogBytes,
        other,
        points);
  }

  public ProcessProviderOptions withPoints(LaunchPoints other) {
    return new ProcessProviderOptions(
        folder,
        simCommand,
        environment,
        clock,
        nanos,
        timing,
        probeLimits,
        maxLogBytes,
        table,
        other);
  }
}
