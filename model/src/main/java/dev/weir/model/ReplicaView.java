// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/// A replica as `weir get replicas` shows it.
///
/// @param since when it entered `state`
/// @param order what an operator ordered of it
/// @param engine what its engine told; empty unless it is ready
/// @param reason why it is in that state, one line
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
  /// A replica whose engine has told nothing.
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

  /// The same with what its engine told.
  public ReplicaView with(Optional<EngineView> told) {
    return new ReplicaView(
        name, namespace, service, version, target, state, endpoint, pid, restarts, since, order,
        told, reason);
  }
}
