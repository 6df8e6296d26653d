// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.control.crash.CrashPoints;
import dev.weir.runtime.process.ProcessProviderOptions;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/// What a trial may put in place of what ships, so that it can end or mislead Weir at a place of
/// its choice. Nothing that a user types or configures comes here.
///
/// @param processes what the process provider is told of its surroundings
/// @param crashPoints told of each instant at which the control plane may be made to die
/// @param nanos the monotonic clock of the control plane's decisions
public record TestHooks(
    UnaryOperator<ProcessProviderOptions> processes, CrashPoints crashPoints, LongSupplier nanos) {
  /// What ships.
  public static final TestHooks NONE =
      new TestHooks(UnaryOperator.identity(), CrashPoints.NONE, System::nanoTime);

  public TestHooks withProcesses(UnaryOperator<ProcessProviderOptions> other) {
    return new TestHooks(other, crashPoints, nanos);
  }

  public TestHooks withCrashPoints(CrashPoints other) {
    return new TestHooks(processes, other, nanos);
  }

  public TestHooks withNanos(LongSupplier other) {
    return new TestHooks(processes, crashPoints, other);
  }
}
