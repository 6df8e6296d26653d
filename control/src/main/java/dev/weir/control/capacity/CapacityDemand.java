// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.LentReplicas;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutSpec;
import dev.weir.model.Service;
import dev.weir.model.ServiceSpec.Placement;
import dev.weir.model.Target;
import dev.weir.model.TargetSpec.ProviderType;
import dev.weir.model.VersionRef;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The peak demand of a Service on its Targets, from now to the end of its live release.
final class CapacityDemand {
  private final ResourceSnapshot resourceSnapshot;
  private final Service service;

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
      take(then, to, fill.fresh(), false);
      take(then, from, fill.old(), true);
      then.forEach((targetResource, count) -> peak.merge(targetResource, count, Math::max));
    }
    return peak;
  }

  /// The replicas on Targets where Weir runs the replicas of the Service.
  int replicas() {
    return DesiredReplicas.owned(service, resourceSnapshot);
  }

  private Stream<Placement> own() {
    return LentReplicas.kept(service, resourceSnapshot).stream()
        .filter(placement -> placement.replicas() > 0)
        .filter(placement ->
            resourceSnapshot
                .target(placement.target())
                .filter(target -> target.spec().provider() != ProviderType.EXTERNAL)
                .isPresent());
  }

  private List<ReplicaCounts> fills(RolloutSpec rollout) {
    return ReplicaCounts.of(rollout.release(), rollout.scale(), replicas());
  }

  /// New replicas use the first placements, old ones keep the last: so no new replica waits for
  /// capacity that an old one still uses.
  private void take(
      Map<TargetResource, Integer> taken, VersionRef version, int replicas, boolean last) {
    List<Placement> placements = own().toList();
    int left = replicas;
    for (Placement placement : last ? placements.reversed() : placements) {
      int here = Math.min(left, placement.replicas());
      left -= here;
      need(version)
          .ifPresent(need ->
              taken.merge(targetResource(placement, need), here * need.count(), Integer::sum));
    }
  }

  private TargetResource targetResource(Placement placement, ReplicaFootprint need) {
    return new TargetResource(
        placement.target(),
        resourceSnapshot
            .target(placement.target())
            .flatMap((Target target) -> need.unit(target.spec()))
            .orElseGet(need::plainly));
  }

  private Optional<ReplicaFootprint> need(VersionRef version) {
    return resourceSnapshot
        .version(service.metadata().namespace(), version)
        .map(ModelVersion::spec)
        .map(ReplicaFootprint::of);
  }
}
