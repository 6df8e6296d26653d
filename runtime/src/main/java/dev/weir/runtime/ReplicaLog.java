// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

/// What a replica's processes wrote, from some point on: bytes as they came, whatever they are.
///
/// It is read on across rotations and restarts; where output was lost in between, it says so in a
/// line of its own. For one thread.
@FunctionalInterface
public interface ReplicaLog {
  /// What has come since the last call.
  ///
  /// @param most 1 or more bytes
  /// @return at most so many; none when nothing has come yet, or nothing will
  byte[] next(int most);
}
