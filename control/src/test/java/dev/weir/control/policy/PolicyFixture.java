// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.ResourceSnapshots;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Services with releases, and the policies above them.
final class PolicyFixture {
  static final Instant NOW = Instant.parse("2026-03-04T12:00:00Z");
  static final VersionRef ONE = new VersionRef("chat", "1");
  static final VersionRef TWO = new VersionRef("chat", "2");

  private final Map<ResourceRef, Resource> resources = new TreeMap<>();

  PolicyFixture put(Resource resource) {
    resources.put(resource.ref(), resource);
    return this;
  }

  /// A Service with a release that was made so many seconds ago.
  PolicyFixture releasing(String name, RolloutPhase phase, int secondsAgo, String... targets) {
    List<Placement> placements =
        Stream.of(targets).map(target -> new Placement(target, 1, Map.of())).toList();
    Instant made = NOW.minusSeconds(secondsAgo);
    put(Resources.rollout(name, 1, "chat@1", "chat@2").withStatus(status(phase, made)));
    return put(
        Resources.service(name, TWO, placements.toArray(Placement[]::new))
            .withStatus(
                ServiceStatus.empty()
                    .withStable(new StableVersion(ONE, 1))
                    .withRollout(Optional.of(name + "-1"))
                    .withRollouts(1)));
  }

  static RolloutStatus status(RolloutPhase phase, Instant made) {
    return new RolloutStatus(
        phase,
        phase == RolloutPhase.PENDING ? -1 : 0,
        0,
        Optional.of(made),
        Optional.of(made),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        "");
  }

  Service service(String name) {
    return resourceSnapshot().service(Resources.NAMESPACE, name).orElseThrow();
  }

  Rollout rollout(String name) {
    return resourceSnapshot().rollout(Resources.NAMESPACE, name + "-1").orElseThrow();
  }

  /// What holds the release of that Service.
  List<String> holds(String name) {
    return holds(name, NOW);
  }

  List<String> holds(String name, Instant at) {
    return new GuardRails(resourceSnapshot(), at).waitReasons(service(name), rollout(name));
  }

  ResourceSnapshot resourceSnapshot() {
    return ResourceSnapshots.of(List.copyOf(resources.values()));
  }
}
