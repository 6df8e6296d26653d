// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

/// The instants in the life of a replica's process between which a death of Weir makes a
/// difference, in the order of a first start, a crash or restart, and a stop.
public enum LaunchPoint {
  /// A start is due and nothing is written of it.
  START_DUE,
  /// The record names the new launch, the fence still the one before.
  RECORDED,
  /// Record and fence name the new launch.
  FENCED,
  /// Nothing of an earlier launch is left; the next step is the spawn.
  SPAWN_DUE,
  /// The child exists, and has written its pid file or not yet.
  SPAWNED,
  /// It answered for the first time and that is not written, and then it is.
  READY_SEEN,
  READY_KEPT,
  /// It ended, or a restart was asked for, and that is not written, and then it is.
  END_SEEN,
  END_KEPT,
  /// It was given up and that is not written, and then it is.
  FAILURE_SEEN,
  FAILURE_KEPT,
  /// A stop was asked for and that is not written, and then it is.
  STOP_SEEN,
  STOP_KEPT,
  /// SIGTERM or SIGKILL is sent.
  SIGNALLED,
  /// None of its processes is left.
  GONE,
  /// Nothing is kept of it any more.
  FORGOTTEN
}
