// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.EffectivePlacements;
import dev.weir.control.deployment.EffectivePlacements.Order;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.ProviderTraits;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.VersionRef;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The peak demand of a Service on its Targets, from now to the end of its live release.
final class CapacityDemand {
  private final ResourceSnapshot resourceSnapshot;
  private final Service service;
  private final EffectivePlacements placements;

  /// A kind of capacity on a Target.
  ///
  /// @param unit the Target's name for it, if the Target counts it
  record TargetResource(String target, String unit) implements Comparable<TargetResource> {
    private static final Comparator<TargetResource> ORDER =
        Comparator.comparing(TargetResource::target).thenComparing(TargetResource::unit);

    @Override
    public int compareTo(TargetResource other) {
      return ORDER.compare(this, other);
    }
  }

  CapacityDemand(ResourceSnapshot resourceSnapshot, Service service) {
    this.resourceSnapshot = resourceSnapshot;
    this.service = service;
    this.placements = EffectivePlacements.of(service, resourceSnapshot);
  }

  /// The current demand by kind. A release that has not started has no demand yet.
  Map<TargetResource, Integer> now() {
    VersionRef stable = DesiredReplicas.stable(service);
    Optional<Rollout> running =
        resourceSnapshot
            .liveRollout(service)
            .filter(rollout -> rollout.status().phase() != RolloutPhase.PENDING);
    return running
        .map(rollout -> of(rollout.spec().from(), rollout.spec().to(), fills(rollout.spec())))
        .orElseGet(() -> steadyState(stable));
  }

  /// The demand by kind while only this version runs.
  Map<TargetResource, Integer> steadyState(VersionRef version) {
    return of(version, version, List.of(new ReplicaCounts(0, replicas())));
  }

  /// The peak demand by kind over these replica counts.
  Map<TargetResource, Integer> of(VersionRef from, VersionRef to, List<ReplicaCounts> fills) {
    Map<TargetResource, Integer> peak = new TreeMap<>();
    for (ReplicaCounts fill : fills) {
      Map<TargetResource, Integer> then = new HashMap<>();
      take(then, to, fill.fresh(), Order.FIRST_PLACEMENTS);
      take(then, from, fill.old(), Order.LAST_PLACEMENTS);
      then.forEach((targetResource, count) -> peak.merge(targetResource, count, Math::max));
    }
    return peak;
  }

  /// The replicas on Targets where Weir runs the replicas of the Service.
  int replicas() {
    return placements.total();
  }

  private List<ReplicaCounts> fills(RolloutSpec rollout) {
    return ReplicaCounts.of(Stages.of(rollout), replicas());
  }

  private void take(
      Map<TargetResource, Integer> taken, VersionRef version, int replicas, Order order) {
    Optional<ReplicaFootprint> need = need(version);
    placements.distribute(replicas, order).stream()
        .filter(each -> each.traits().map(ProviderTraits::countsAccelerators).orElse(false))
        .filter(each -> each.wanted() > 0)
        .forEach(each ->
            need.ifPresent(footprint ->
                taken.merge(
                    targetResource(each.placement(), footprint),
                    each.wanted() * footprint.count(),
                    Integer::sum)));
  }

  private TargetResource targetResource(Placement placement, ReplicaFootprint need) {
    return new TargetResource(
        placement.target(),
        resourceSnapshot
            .target(placement.target())
            .flatMap((Target target) -> need.unit(target.spec()))
            .orElseGet(need::defaultUnit));
  }

  private Optional<ReplicaFootprint> need(VersionRef version) {
    return resourceSnapshot
        .version(service.metadata().namespace(), version)
        .map(ModelVersion::spec)
        .map(ReplicaFootprint::of);
  }
}
