// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.EngineView;
import java.util.Optional;

/// The engines behind ready replicas, as people see them.
public final class Engines {
  private final Catalogue.Reader catalogue;
  private final Fleet fleet;

  public Engines(Catalogue.Reader catalogue, Fleet fleet) {
    this.catalogue = catalogue;
    this.fleet = fleet;
  }

  /// Empty unless the replica is ready and of a version that there is.
  public Optional<EngineView> view(Seen replica) {
    return fleet
        .engine(replica)
        .flatMap(observed ->
            catalogue
                .current()
                .version(replica.name().namespace(), replica.version())
                .map(version -> observed.view(version.spec().engine().type())));
  }
}
