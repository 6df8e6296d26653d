// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.status.Fault;
import dev.weir.snapshot.RoutingSnapshot;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/// The inputs of a snapshot.
///
/// @param now decides which keys and faults have expired
/// @param leaseMillis lease of a canary, in milliseconds
/// @param previous the previous snapshot; only used while `adopting`
/// @param adopting whether providers may still be finding running replicas; until then a replica
///   that they do not report stays in routing
/// @param warmUpRequests part of the desired state of a replica
public record SnapshotInputs(
    ResourceSnapshot catalogue,
    ObservedFleet replicas,
    Instant now,
    long leaseMillis,
    Optional<RoutingSnapshot> previous,
    boolean adopting,
    int warmUpRequests) {

  /// Whether both inputs have the same snapshot content, provided that nothing expires in between.
  boolean same(SnapshotInputs other) {
    return catalogue.equals(other.catalogue)
        && adopting == other.adopting
        && leaseMillis == other.leaseMillis
        && warmUpRequests == other.warmUpRequests
        && previous.equals(other.previous)
        && replicas.equals(other.replicas);
  }

  /// The time at which the next active key or fault expires.
  Instant nextExpiry() {
    return Stream.concat(
            catalogue.keys().values().stream().flatMap(key -> key.spec().expiresAt().stream()),
            catalogue.services().values().stream()
                .flatMap(service -> service.status().faults().stream().map(Fault::until)))
        .filter(now::isBefore)
        .min(Comparator.naturalOrder())
        .orElse(Instant.MAX);
  }
}
