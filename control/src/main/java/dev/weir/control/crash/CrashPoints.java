// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.crash;

/// Called at each crash point, on the thread that passes it. Tests and trials kill the process
/// there; in production the hook does nothing.
@FunctionalInterface
public interface CrashPoints {
  /// The production hook.
  CrashPoints NONE = point -> {};

  void pass(CrashPoint point);
}
