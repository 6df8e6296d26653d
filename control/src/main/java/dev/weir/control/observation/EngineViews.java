// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.view.EngineView;
import java.util.Optional;
import java.util.function.Function;

/// Views of the engines of ready replicas, for users.
public final class EngineViews {
  private final ResourceSnapshot.Reader resources;
  private final Fleet fleet;

  public EngineViews(ResourceSnapshot.Reader resources, Fleet fleet) {
    this.resources = resources;
    this.fleet = fleet;
  }

  /// The view of a replica's engine; empty unless the replica is ready and its version exists.
  public Function<TargetReplica, Optional<EngineView>> views() {
    ResourceSnapshot now = resources.current();
    return replica ->
        fleet
            .engine(replica)
            .flatMap(observed ->
                now.version(replica.name().namespace(), replica.version())
                    .map(version -> observed.view(version.spec().engine().type())));
  }
}
