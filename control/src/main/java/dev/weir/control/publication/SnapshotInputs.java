// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.Seen;
import dev.weir.snapshot.RoutingSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// All that a snapshot is made from.
///
/// @param now decides which keys have expired
/// @param leaseMillis how long a canary may be fed without renewal
/// @param previous the snapshot before; read only while `adopting`
/// @param adopting whether providers may still be finding again what runs: until then a replica
///   that they do not speak of keeps its place in routing
/// @param warmUpRequests part of what is wanted of a replica
public record SnapshotInputs(
    Catalogue catalogue,
    List<Seen> replicas,
    Instant now,
    long leaseMillis,
    Optional<RoutingSnapshot> previous,
    boolean adopting,
    int warmUpRequests) {
  public SnapshotInputs {
    replicas = List.copyOf(replicas);
  }
}
