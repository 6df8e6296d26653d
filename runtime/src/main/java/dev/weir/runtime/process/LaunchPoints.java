// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.model.value.ReplicaName;

/// Called at each [LaunchPoint], so that a trial can crash Weir there.
public interface LaunchPoints {
  /// The production behaviour.
  LaunchPoints NONE = (_, _) -> {};

  void pass(LaunchPoint point, ReplicaName name);
}
