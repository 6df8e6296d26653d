// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.VersionRef;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/// A replica as `weir get replicas` shows it.
///
/// @param since when it entered `state`
/// @param order the operator's order for this replica
/// @param engine what its engine reports; empty unless the replica is ready
/// @param reason why it is in this state, in one line
public record ReplicaView(
    String name,
    String namespace,
    String service,
    VersionRef version,
    String target,
    ReplicaState state,
    Optional<URI> endpoint,
    Optional<Long> pid,
    int restarts,
    Instant since,
    Optional<ReplicaOrder> order,
    Optional<EngineView> engine,
    String reason) {
  /// A replica without an engine report.
  public ReplicaView(
      String name,
      String namespace,
      String service,
      VersionRef version,
      String target,
      ReplicaState state,
      Optional<URI> endpoint,
      Optional<Long> pid,
      int restarts,
      Instant since,
      Optional<ReplicaOrder> order,
      String reason) {
    this(
        name,
        namespace,
        service,
        version,
        target,
        state,
        endpoint,
        pid,
        restarts,
        since,
        order,
        Optional.empty(),
        reason);
  }

  /// Whether Weir does not run the engine: the replica has an address but no process of Weir.
  public boolean external() {
    return endpoint.isPresent() && pid.isEmpty();
  }

  /// The same replica with an engine report.
  public ReplicaView with(Optional<EngineView> engineView) {
    return new ReplicaView(
        name,
        namespace,
        service,
        version,
        target,
        state,
        endpoint,
        pid,
        restarts,
        since,
        order,
        engineView,
        reason);
  }
}
