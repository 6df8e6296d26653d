// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.EngineType;
import dev.weir.model.VersionRef;

/// Whether replicas are simulated.
final class SimulationCheck {
  private SimulationCheck() {}

  /// Whether a version's answers are made up; one that is not known is taken for real.
  static boolean serves(ResourceSnapshot now, String namespace, VersionRef version) {
    return now.version(namespace, version)
        .filter(found -> found.spec().engine().type() == EngineType.SIM)
        .isPresent();
  }
}
