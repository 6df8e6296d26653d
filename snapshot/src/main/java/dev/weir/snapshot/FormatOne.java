// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.StdConverter;

/// Snapshot format 1, in which a replica has no credential. Otherwise it is the newest one.
final class FormatOne {
  static final int NUMBER = 1;

  static final JsonMapper MAPPER =
      WireJson.MAPPER.rebuild().addMixIn(ReplicaEntry.class, AsReplica.class).build();

  private FormatOne() {}

  /// A replica as this format has it.
  record Replica(String name, String url, String engine, String servedModel) {}

  @JsonSerialize(converter = Writing.class)
  @JsonDeserialize(converter = Reading.class)
  private interface AsReplica {}

  static final class Writing extends StdConverter<ReplicaEntry, Replica> {
    @Override
    public Replica convert(ReplicaEntry entry) {
      if (!entry.plain()) {
        throw new IllegalArgumentException(
            "format 1 cannot say that replica "
                + entry.name()
                + " needs a credential or authorities of its own");
      }
      return new Replica(entry.name(), entry.url(), entry.engine(), entry.servedModel());
    }
  }

  static final class Reading extends StdConverter<Replica, ReplicaEntry> {
    @Override
    public ReplicaEntry convert(Replica replica) {
      return new ReplicaEntry(
          replica.name(), replica.url(), replica.engine(), replica.servedModel());
    }
  }
}
