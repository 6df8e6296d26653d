// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.Fault;
import dev.weir.snapshot.RoutingSnapshot;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/// All that a snapshot is made from.
///
/// @param now decides which keys have expired
/// @param leaseMillis how long a canary may be fed without renewal
/// @param previous the snapshot before; read only while `adopting`
/// @param adopting whether providers may still be finding again what runs: until then a replica
///   that they do not speak of keeps its place in routing
/// @param warmUpRequests part of what is wanted of a replica
public record SnapshotInputs(
    ResourceSnapshot catalogue,
    ObservedFleet replicas,
    Instant now,
    long leaseMillis,
    Optional<RoutingSnapshot> previous,
    boolean adopting,
    int warmUpRequests) {

  /// Whether the same snapshot content follows from both, when nothing expires in between.
  boolean same(SnapshotInputs other) {
    return catalogue.equals(other.catalogue)
        && adopting == other.adopting
        && leaseMillis == other.leaseMillis
        && warmUpRequests == other.warmUpRequests
        && previous.equals(other.previous)
        && replicas.equals(other.replicas);
  }

  /// When the first key or injected fault that counts now stops counting.
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
