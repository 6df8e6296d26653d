// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.StdConverter;

/// Snapshot format 3, which has no store identity but only the hash of the newest audit entry.
/// Otherwise it equals the current format.
final class SnapshotFormat3 {
  static final int NUMBER = 3;

  static final JsonMapper MAPPER =
      WireJson.MAPPER.rebuild().addMixIn(RoutingSnapshot.class, AsSnapshot.class).build();

  private SnapshotFormat3() {}

  /// A snapshot in this format.
  record Snapshot(
      int formatVersion,
      long sequence,
      long revision,
      Instant publishedAt,
      String auditHead,
      long leaseMillis,
      List<KeyEntry> keys,
      List<RouteEntry> routes,
      List<ServiceEntry> services) {}

  @JsonSerialize(converter = Writing.class)
  @JsonDeserialize(converter = Reading.class)
  private interface AsSnapshot {}

  static final class Writing extends StdConverter<RoutingSnapshot, Snapshot> {
    @Override
    public Snapshot convert(RoutingSnapshot snapshot) {
      return new Snapshot(
          snapshot.formatVersion(),
          snapshot.sequence(),
          snapshot.revision(),
          snapshot.publishedAt(),
          snapshot.store().auditHead(),
          snapshot.leaseMillis(),
          snapshot.keys(),
          snapshot.routes(),
          snapshot.services());
    }
  }

  static final class Reading extends StdConverter<Snapshot, RoutingSnapshot> {
    @Override
    public RoutingSnapshot convert(Snapshot snapshot) {
      return new RoutingSnapshot(
          snapshot.formatVersion(),
          snapshot.sequence(),
          snapshot.revision(),
          snapshot.publishedAt(),
          new StoreHead("", 0, snapshot.auditHead()),
          snapshot.leaseMillis(),
          snapshot.keys(),
          snapshot.routes(),
          snapshot.services());
    }
  }
}
