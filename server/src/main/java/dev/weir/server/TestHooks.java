// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.control.crash.CrashPoints;
import dev.weir.runtime.process.ProcessProviderOptions;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/// Replacements with which trials crash or mislead Weir at a chosen point. Not reachable through
/// configuration or commands.
///
/// @param processes changes the options of the process provider
/// @param crashPoints called at each point at which a trial may crash the control plane
/// @param nanos the control plane's monotonic clock
public record TestHooks(
    UnaryOperator<ProcessProviderOptions> processes, CrashPoints crashPoints, LongSupplier nanos) {
  /// The production behaviour.
  public static final TestHooks NONE =
      new TestHooks(UnaryOperator.identity(), CrashPoints.NONE, System::nanoTime);

  public TestHooks withProcesses(UnaryOperator<ProcessProviderOptions> replacement) {
    return new TestHooks(replacement, crashPoints, nanos);
  }

  public TestHooks withCrashPoints(CrashPoints replacement) {
    return new TestHooks(processes, replacement, nanos);
  }

  public TestHooks withNanos(LongSupplier replacement) {
    return new TestHooks(processes, crashPoints, replacement);
  }
}
