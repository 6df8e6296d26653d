// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.Model;
import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.ModelSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.NoStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.store.Write.Delete;
import dev.weir.store.Write.Put;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Small resources and writes for tests of stores.
final class StoreFixtures {
  static final AuditDraft AUDIT =
      new AuditDraft("ada", "192.0.2.1", "req-1", "apply", "", "allowed", "because");

  private StoreFixtures() {}

  static Model model(String name, String owner) {
    return new Model(
        Metadata.of("default", name),
        new ModelSpec(
            owner,
            Optional.of("apache-2.0"),
            Optional.empty(),
            Optional.empty(),
            Optional.of("Grüße \"quoted\" \u2028 𝄞"),
            List.of("a@example.com")),
        new NoStatus());
  }

  static Model labelled(Model model, Map<String, String> labels) {
    Metadata old = model.metadata();
    return model.withMetadata(
        new Metadata(
            old.namespace(),
            old.name(),
            labels,
            old.annotations(),
            old.revision(),
            old.specRevision(),
            old.createdAt()));
  }

  static Target target(String name) {
    return new Target(
        Metadata.of("", name),
        new TargetSpec(
            ProviderType.PROCESS,
            Optional.of("eu-1"),
            Optional.empty(),
            Optional.empty(),
            Map.of("H100", 8),
            List.of("/usr/bin/vllm")),
        new NoStatus());
  }

  static Service service(String name, String version, String message) {
    return new Service(
        Metadata.of("default", name),
        new ServiceSpec(
            new VersionRef(name, version),
            List.of(new ServiceSpec.Placement("local", 2, Map.of())),
            new ReleaseSpec(
                ReleaseSpec.Strategy.CANARY, List.of(new ReleaseSpec.Step(25)), analysis()),
            new ServiceSpec.TrafficSpec(
                new ServiceSpec.Timeouts(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(120)),
                new ServiceSpec.Retries(Percentage.of(20), 3),
                new ServiceSpec.Breaker(
                    5, Duration.ofSeconds(10), Percentage.of(10), Percentage.of(50)),
                4_096,
                true,
                Optional.empty(),
                Limits.NONE,
                new ServiceSpec.TenantLimits(0, 0, 0, Map.of()),
                new ServiceSpec.Concurrency(0, Duration.ZERO),
                3,
                false,
                ServiceSpec.ResumeFrom.TEXT)),
        ServiceStatus.empty().withMessage(message));
  }

  private static ReleaseSpec.AnalysisSpec analysis() {
    return new ReleaseSpec.AnalysisSpec(
        0.01,
        0.05,
        Duration.ofMinutes(2),
        Duration.ofMinutes(30),
        ReleaseSpec.OnInconclusive.PAUSE,
        new ReleaseSpec.Dispersion.Auto(),
        Map.of());
  }

  static ResourceRef modelRef(String name) {
    return ResourceRef.of(Kind.MODEL, "default", name);
  }

  static Write put(Resource resource) {
    return new Put(resource, OptionalLong.empty());
  }

  static Write put(Resource resource, long expectedRevision) {
    return new Put(resource, OptionalLong.of(expectedRevision));
  }

  static Write delete(ResourceRef ref) {
    return new Delete(ref, OptionalLong.empty());
  }

  /// Commits one write that must succeed.
  static Commit.Result commit(Store store, Write write) {
    return commitAll(store, List.of(write)).results().getFirst();
  }

  static Commit.Done commitAll(Store store, List<Write> writes) {
    return switch (store.commit(writes, AUDIT)) {
      case Commit.Done done -> done;
      case Commit.Conflict conflict -> throw new AssertionError("unexpected: " + conflict);
    };
  }
}
