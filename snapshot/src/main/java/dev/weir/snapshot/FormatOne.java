// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import java.util.List;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.StdConverter;

/// Snapshot format 1, in which a replica has no credential, keys and services have no limits, a
/// service no isolation of its own and no faults, and a route no rules, fallbacks, mirror or
/// ceilings. Otherwise it is the newest one.
final class FormatOne {
  static final int NUMBER = 1;

  static final JsonMapper MAPPER =
      WireJson.MAPPER
          .rebuild()
          .addMixIn(ReplicaEntry.class, AsReplica.class)
          .addMixIn(KeyEntry.class, AsKey.class)
          .addMixIn(ServiceEntry.class, AsService.class)
          .addMixIn(RouteEntry.class, AsRoute.class)
          .build();

  private FormatOne() {}

  /// A replica as this format has it.
  record Replica(String name, String url, String engine, String servedModel) {}

  /// A key as this format has it.
  record Key(
      String hash,
      String principal,
      String tenant,
      long expiresAtMillis,
      List<String> models,
      boolean pinVersion) {}

  /// A service as this format has it.
  record Service(
      String id,
      String namespace,
      String name,
      Arm stable,
      List<CanaryArm> canary,
      Timeouts timeouts,
      int retryBudgetPercent,
      int maxAttempts,
      boolean resume,
      String sessionHeader) {}

  /// A route as this format has it.
  record Route(String model, String tenant, List<Backend> backends) {}

  @JsonSerialize(converter = WritingKey.class)
  @JsonDeserialize(converter = ReadingKey.class)
  private interface AsKey {}

  @JsonSerialize(converter = WritingService.class)
  @JsonDeserialize(converter = ReadingService.class)
  private interface AsService {}

  @JsonSerialize(converter = WritingRoute.class)
  @JsonDeserialize(converter = ReadingRoute.class)
  private interface AsRoute {}

  static final class WritingRoute extends StdConverter<RouteEntry, Route> {
    @Override
    public Route convert(RouteEntry entry) {
      return new Route(entry.model(), entry.tenant(), entry.backends());
    }
  }

  static final class ReadingRoute extends StdConverter<Route, RouteEntry> {
    @Override
    public RouteEntry convert(Route route) {
      return new RouteEntry(route.model(), route.tenant(), route.backends());
    }
  }

  static final class WritingKey extends StdConverter<KeyEntry, Key> {
    @Override
    public Key convert(KeyEntry entry) {
      return new Key(
          entry.hash(),
          entry.principal(),
          entry.tenant(),
          entry.expiresAtMillis(),
          entry.models(),
          entry.pinVersion());
    }
  }

  static final class ReadingKey extends StdConverter<Key, KeyEntry> {
    @Override
    public KeyEntry convert(Key key) {
      return new KeyEntry(
          key.hash(),
          key.principal(),
          key.tenant(),
          key.expiresAtMillis(),
          key.models(),
          key.pinVersion());
    }
  }

  static final class WritingService extends StdConverter<ServiceEntry, Service> {
    @Override
    public Service convert(ServiceEntry entry) {
      return new Service(
          entry.id(),
          entry.namespace(),
          entry.name(),
          entry.stable(),
          entry.canary(),
          entry.timeouts(),
          entry.retryBudgetPercent(),
          entry.maxAttempts(),
          entry.resume(),
          entry.sessionHeader());
    }
  }

  static final class ReadingService extends StdConverter<Service, ServiceEntry> {
    @Override
    public ServiceEntry convert(Service service) {
      return new ServiceEntry(
          service.id(),
          service.namespace(),
          service.name(),
          service.stable(),
          service.canary(),
          service.timeouts(),
          service.retryBudgetPercent(),
          service.maxAttempts(),
          service.resume(),
          service.sessionHeader());
    }
  }

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
