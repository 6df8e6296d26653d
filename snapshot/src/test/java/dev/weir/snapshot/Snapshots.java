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
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Valid snapshots for tests, and changes of one value at a time.
public final class Snapshots {
  /// A key that every snapshot of this class accepts.
  public static final String KEY = "wk_test_0123456789abcdef";

  public static final Instant PUBLISHED_AT = Instant.parse("2026-01-01T00:00:00Z");
  public static final String TENANT = "default";

  /// The store of all snapshots of this class.
  public static final StoreHead STORE =
      new StoreHead("0123456789abcdef0123456789abcdef", 12, "ab".repeat(32));

  private Snapshots() {}

  /// A snapshot with one key and one service `default/chat` on `chat@1` with two replicas.
  public static RoutingSnapshot small() {
    return of(1, service("chat", arm("chat@1", "http://127.0.0.1:9001", "http://127.0.0.1:9002")));
  }

  /// A snapshot of these services, each with a route of the same name, and the key [#KEY].
  public static RoutingSnapshot of(long sequence, ServiceEntry... services) {
    List<RouteEntry> routes = new ArrayList<>();
    for (ServiceEntry service : services) {
      routes.add(new RouteEntry(service.name(), TENANT, List.of(new Backend(service.id(), 100))));
    }
    return new RoutingSnapshot(
        RoutingSnapshot.FORMAT_VERSION,
        sequence,
        sequence * 10,
        PUBLISHED_AT,
        STORE,
        30_000,
        List.of(key(KEY)),
        routes,
        List.of(services));
  }

  public static KeyEntry key(String key) {
    return new KeyEntry(
        keyHash(key), "application", TENANT, Long.MAX_VALUE, List.of(), /* pinVersion= */ true);
  }

  public static String keyHash(String key) {
    return "sha256:" + SnapshotCodec.hash(key.getBytes(StandardCharsets.UTF_8));
  }

  /// A service of namespace `default` without a canary.
  public static ServiceEntry service(String name, Arm stable) {
    return new ServiceEntry(
        TENANT + "/" + name,
        TENANT,
        name,
        stable,
        List.of(),
        new Timeouts(1_000, 10_000, 5_000, 120_000),
        20,
        3,
        /* resume= */ true,
        "");
  }

  /// An arm with one replica per URL, named `<model>-<version>-<n>` from 0.
  public static Arm arm(String version, String... urls) {
    String model = version.substring(0, version.indexOf('@'));
    return new Arm(
        version,
        IntStream.range(0, urls.length)
            .mapToObj(
                n -> new ReplicaEntry(version.replace('@', '-') + "-" + n, urls[n], "vllm", model))
            .toList());
  }

  /// The same arm with a description of its engine.
  public static Arm described(Arm arm, EngineCapabilities engine) {
    return new Arm(arm.version(), arm.replicas(), Optional.of(engine));
  }

  /// The service with an observed canary of rollout `<service>-1`.
  public static ServiceEntry withCanary(
      ServiceEntry service, Arm arm, int step, int weightMillionths) {
    return withCanary(
        service, new CanaryArm(arm, service.id() + "-1", step, "salt", weightMillionths, true));
  }

  public static ServiceEntry withCanary(ServiceEntry service, CanaryArm canary) {
    return service.withCanary(Optional.of(canary));
  }

  public static ServiceEntry withTimeouts(ServiceEntry service, Timeouts timeouts) {
    return new ServiceEntry(
        service.id(),
        service.namespace(),
        service.name(),
        service.stable(),
        service.canary(),
        timeouts,
        service.retryBudgetPercent(),
        service.maxAttempts(),
        service.resume(),
        service.sessionHeader(),
        service.admission(),
        service.isolation(),
        service.breaks(),
        service.faults(),
        service.recording());
  }

  /// The same snapshot with another format number.
  public static RoutingSnapshot withFormat(RoutingSnapshot snapshot, int format) {
    return new RoutingSnapshot(
        format,
        snapshot.sequence(),
        snapshot.revision(),
        snapshot.publishedAt(),
        snapshot.store(),
        snapshot.leaseMillis(),
        snapshot.keys(),
        snapshot.routes(),
        snapshot.services());
  }

  /// The same snapshot, published later.
  public static RoutingSnapshot withPublishedAt(RoutingSnapshot snapshot, Instant at) {
    return new RoutingSnapshot(
        snapshot.formatVersion(),
        snapshot.sequence(),
        snapshot.revision(),
        at,
        snapshot.store(),
        snapshot.leaseMillis(),
        snapshot.keys(),
        snapshot.routes(),
        snapshot.services());
  }

  /// The same snapshot, of another store or with another audit head.
  public static RoutingSnapshot withStore(RoutingSnapshot snapshot, StoreHead store) {
    return new RoutingSnapshot(
        snapshot.formatVersion(),
        snapshot.sequence(),
        snapshot.revision(),
        snapshot.publishedAt(),
        store,
        snapshot.leaseMillis(),
        snapshot.keys(),
        snapshot.routes(),
        snapshot.services());
  }

  public static RoutingSnapshot withKeys(RoutingSnapshot snapshot, KeyEntry... keys) {
    return new RoutingSnapshot(
        snapshot.formatVersion(),
        snapshot.sequence(),
        snapshot.revision(),
        snapshot.publishedAt(),
        snapshot.store(),
        snapshot.leaseMillis(),
        List.of(keys),
        snapshot.routes(),
        snapshot.services());
  }

  public static RoutingSnapshot withRoutes(RoutingSnapshot snapshot, RouteEntry... routes) {
    return new RoutingSnapshot(
        snapshot.formatVersion(),
        snapshot.sequence(),
        snapshot.revision(),
        snapshot.publishedAt(),
        snapshot.store(),
        snapshot.leaseMillis(),
        snapshot.keys(),
        List.of(routes),
        snapshot.services());
  }

  /// The same snapshot with the next sequence number.
  public static RoutingSnapshot withSequence(RoutingSnapshot snapshot, long sequence) {
    return new RoutingSnapshot(
        snapshot.formatVersion(),
        sequence,
        snapshot.revision(),
        snapshot.publishedAt(),
        snapshot.store(),
        snapshot.leaseMillis(),
        snapshot.keys(),
        snapshot.routes(),
        snapshot.services());
  }
}
