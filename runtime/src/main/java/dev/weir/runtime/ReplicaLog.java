// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

/// The output of a replica's processes from a starting point, as raw bytes.
///
/// Continues across rotations and restarts, and inserts a line where output was lost. For use by
/// one thread.
@FunctionalInterface
public interface ReplicaLog {
  /// The output since the last call.
  ///
  /// @param maxBytes maximum number of bytes, 1 or more
  /// @return empty if there is no new output
  byte[] next(int maxBytes);
}
