// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

/// The points in a process's lifecycle between which a crash of Weir has different results, in the
/// order of a first start, a crash or restart, and a stop.
public enum LaunchPoint {
  /// A start is due and not recorded yet.
  START_DUE,
  /// The record names the new launch, the fence still the previous one.
  RECORDED,
  /// Record and fence name the new launch.
  FENCED,
  /// No processes of earlier launches exist; the spawn is next.
  SPAWN_DUE,
  /// The child exists and may have written its pid file.
  SPAWNED,
  /// The first successful generation, before and after it is recorded.
  READY_SEEN,
  READY_KEPT,
  /// The end of the process or a requested restart, before and after it is recorded.
  END_SEEN,
  END_KEPT,
  /// The failure of the replica, before and after it is recorded.
  FAILURE_SEEN,
  FAILURE_KEPT,
  /// A requested stop, before and after it is recorded.
  STOP_SEEN,
  STOP_KEPT,
  /// SIGTERM or SIGKILL was sent.
  SIGNALLED,
  /// All of its processes have ended.
  GONE,
  /// Its record is removed.
  FORGOTTEN
}
