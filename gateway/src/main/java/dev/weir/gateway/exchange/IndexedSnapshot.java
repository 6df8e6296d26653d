// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import static java.util.stream.Collectors.toUnmodifiableMap;

import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.StoreHead;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// A routing snapshot with indexes for request processing. Immutable; swapped as a whole.
public final class IndexedSnapshot {
  /// The snapshot of a gateway that has not received one yet: routes nothing.
  public static final IndexedSnapshot NONE =
      of(
          new RoutingSnapshot(
              RoutingSnapshot.FORMAT_VERSION,
              0,
              0,
              Instant.EPOCH,
              StoreHead.UNKNOWN,
              1,
              List.of(),
              List.of(),
              List.of()),
          "");

  private final RoutingSnapshot snapshot;
  private final String hash;
  private final Map<String, KeyEntry> keys;
  private final Map<String, RouteEntry> routes;
  private final Map<String, ServiceEntry> services;

  private IndexedSnapshot(RoutingSnapshot snapshot, String hash) {
    this.snapshot = snapshot;
    this.hash = hash;
    this.keys = index(snapshot.keys(), KeyEntry::hash);
    this.routes = index(snapshot.routes(), RouteEntry::model);
    this.services = index(snapshot.services(), ServiceEntry::id);
  }

  /// Indexes a snapshot.
  ///
  /// @param hash of its encoded bytes, which telemetry acknowledges
  /// @throws IllegalArgumentException if a key hash, model or service id is a duplicate
  public static IndexedSnapshot of(RoutingSnapshot snapshot, String hash) {
    return new IndexedSnapshot(snapshot, hash);
  }

  private static <T> Map<String, T> index(List<T> entries, Function<T, String> key) {
    return entries.stream()
        .collect(
            toUnmodifiableMap(
                key,
                Function.identity(),
                (a, _) -> {
                  throw new IllegalArgumentException(
                      "duplicate in one snapshot: " + key.apply(a) + "; it must be unique");
                }));
  }

  public RoutingSnapshot snapshot() {
    return snapshot;
  }

  public String hash() {
    return hash;
  }

  public long sequence() {
    return snapshot.sequence();
  }

  /// @param keyHash `sha256:` and the hex digest of the whole key
  public Optional<KeyEntry> key(String keyHash) {
    return Optional.ofNullable(keys.get(keyHash));
  }

  /// @param model public model name
  public Optional<RouteEntry> route(String model) {
    return Optional.ofNullable(routes.get(model));
  }

  /// @param id `namespace/name`
  public Optional<ServiceEntry> service(String id) {
    return Optional.ofNullable(services.get(id));
  }
}
