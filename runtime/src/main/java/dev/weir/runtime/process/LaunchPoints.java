// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.model.ReplicaName;

/// Told of each [LaunchPoint] that is passed, so that a trial can end Weir right there.
public interface LaunchPoints {
  /// What ships.
  LaunchPoints NONE = (_, _) -> {};

  void pass(LaunchPoint point, ReplicaName name);
}
