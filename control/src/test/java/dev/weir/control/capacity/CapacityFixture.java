// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.ResourceSnapshots;
import dev.weir.model.ModelVersion;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.spec.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.Capacity;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.ServiceSpec.LendSpec;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.SloSpec;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Targets with accelerators, and Services that stand on them.
final class CapacityFixture {
  private final Map<ResourceRef, Resource> resources = new TreeMap<>();

  CapacityFixture put(Resource resource) {
    resources.put(resource.ref(), resource);
    return this;
  }

  CapacityFixture target(String name, String unit, int count) {
    return put(Resources.target(name, Map.of(unit, count)));
  }

  CapacityFixture target(String name, Map<String, Integer> capacity) {
    return put(Resources.target(name, capacity));
  }

  /// A version whose replicas take so many of that type.
  CapacityFixture version(String model, String version, String type, int count) {
    ModelVersion plain = Resources.version(model, version);
    ModelVersionSpec spec = plain.spec();
    return put(
        plain.withSpec(
            new ModelVersionSpec(
                spec.model(),
                spec.version(),
                spec.servedModel(),
                spec.source(),
                spec.engine(),
                Optional.of(new AcceleratorSpec(type, count, Optional.empty())),
                spec.startupTimeout(),
                spec.lineage())));
  }

  CapacityFixture version(String model, String version) {
    return put(Resources.version(model, version));
  }

  /// A Service that serves version 1 of the model that is named as it is.
  CapacityFixture serving(String name, Placement... placements) {
    Service plain = Resources.service(name, new VersionRef(name, "1"), placements);
    return put(
        plain.withStatus(
            ServiceStatus.empty()
                .withStable(new StableVersion(plain.spec().version(), 1))
                .withRollouts(0)));
  }

  CapacityFixture serving(String name, String target, int replicas) {
    return serving(name, new Placement(target, replicas, Map.of()));
  }

  CapacityFixture lending(String name, int replicas, int priority) {
    Service old = service(name);
    ServiceSpec spec = old.spec();
    return put(
        old.withSpec(
            new ServiceSpec(
                spec.version(),
                spec.placements(),
                spec.release(),
                spec.traffic(),
                SloSpec.DEFAULT,
                new LendSpec(replicas, priority))));
  }

  CapacityFixture releasing(String name, RolloutPhase phase, Scale scale) {
    Rollout rollout = Resources.rollout(name, 1, name + "@1", name + "@2");
    put(
        rollout
            .withSpec(rollout.spec().withScale(scale))
            .withStatus(Resources.rolloutStatus(phase, 0, 0)));
    Service service = service(name);
    return put(service.withStatus(service.status().withRollout(Optional.of(name + "-1"))));
  }

  Service service(String name) {
    return resourceSnapshot().service(Resources.NAMESPACE, name).orElseThrow();
  }

  /// Where a release of version 2 finds room.
  CapacityPlan plan(String name, Capacity capacity) {
    return plan(name, Resources.release().withCapacity(capacity));
  }

  CapacityPlan plan(String name, ReleaseSpec release) {
    return plan(name, release, false);
  }

  /// The plan of an undo.
  CapacityPlan undo(String name, ReleaseSpec release) {
    return plan(name, release, true);
  }

  private CapacityPlan plan(String name, ReleaseSpec release, boolean undo) {
    ResourceSnapshot resourceSnapshot = resourceSnapshot();
    return CapacityPlanner.plan(
        service(name),
        new VersionRef(name, "1"),
        resourceSnapshot.version(Resources.NAMESPACE, new VersionRef(name, "2")).orElseThrow(),
        release,
        undo,
        CapacityUsage.of(resourceSnapshot),
        resourceSnapshot);
  }

  ResourceSnapshot resourceSnapshot() {
    return ResourceSnapshots.of(List.copyOf(resources.values()));
  }

  /// What all Services take of a Target.
  CapacityPool pool(String target, String unit) {
    return CapacityUsage.of(resourceSnapshot())
        .pool(new CapacityDemand.TargetResource(target, unit))
        .orElseThrow();
  }
}
