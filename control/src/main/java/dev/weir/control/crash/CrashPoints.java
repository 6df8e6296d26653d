// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.crash;

/// Told of each crash point in the instant in which it is passed, on the thread that passes it.
/// Tests and trials die there; nothing else ever happens there.
@FunctionalInterface
public interface CrashPoints {
  /// The hook of production.
  CrashPoints NONE = point -> {};

  void pass(CrashPoint point);
}
