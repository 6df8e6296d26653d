// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.value.VersionRef;

/// Checks whether replicas are simulated.
final class SimulationCheck {
  private SimulationCheck() {}

  /// Whether the engine of a version is simulated; an unknown version counts as real.
  static boolean serves(ResourceSnapshot now, String namespace, VersionRef version) {
    return now.version(namespace, version)
        .filter(found -> found.spec().engine().type().simulated())
        .isPresent();
  }
}
