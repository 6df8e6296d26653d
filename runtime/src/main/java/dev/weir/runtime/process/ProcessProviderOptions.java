// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.lifecycle.LifecycleTiming;
import dev.weir.runtime.probe.GenerationProbe;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// Dependencies of the process provider.
///
/// @param folder for records and logs; one subfolder per Target
/// @param simCommand the command of Weir's simulator, with the placeholders of an engine's command,
///   for example `weir sim --port {port} --model {model} --version {version}`; `args` are appended
/// @param environment Weir's environment: `PATH`, `HOME` and `LANG` are passed on, and `env:NAME`
///   is resolved in it
/// @param nanos monotonic clock
/// @param maxLogBytes size at which a log is rotated; one rotated file is retained
/// @param table the machine's processes
/// @param points called at the points at which a trial may crash Weir
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
      throw new IllegalArgumentException("maxLogBytes must be 1 or more: " + maxLogBytes);
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

  public ProcessProviderOptions withTable(ProcessTable replacement) {
    return new ProcessProviderOptions(
        folder,
        simCommand,
        environment,
        clock,
        nanos,
        timing,
        probeLimits,
        maxLogBytes,
        replacement,
        points);
  }

  public ProcessProviderOptions withPoints(LaunchPoints replacement) {
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
        replacement);
  }
}
