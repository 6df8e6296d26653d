// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.observation.Catalogue;
import dev.weir.model.EngineType;
import dev.weir.model.VersionRef;

/// Whether replicas are simulated.
final class Simulation {
  private Simulation() {}

  /// Whether a version's answers are made up; one that is not known is taken for real.
  static boolean serves(Catalogue now, String namespace, VersionRef version) {
    return now.version(namespace, version)
        .filter(found -> found.spec().engine().type() == EngineType.SIM)
        .isPresent();
  }
}
