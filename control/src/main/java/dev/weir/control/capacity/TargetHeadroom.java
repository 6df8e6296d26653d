// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.capacity.CapacityDemand.TargetResource;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.RolloutSpec.Loan;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.VersionRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The maximum number of replicas of a borrowing Service on Targets of its loans: the present
/// replicas plus as many as free accelerators allow. Lent capacity is free once the lender's
/// replica has stopped, not when the loan is decided.
public final class TargetHeadroom {
  private final Service service;
  private final ResourceSnapshot resourceSnapshot;
  private final List<TargetReplica> targetReplicas;

  private TargetHeadroom(
      Service service, ResourceSnapshot resourceSnapshot, List<TargetReplica> targetReplicas) {
    this.service = service;
    this.resourceSnapshot = resourceSnapshot;
    this.targetReplicas = targetReplicas;
  }

  /// The maximum by Target; other Targets have no such limit.
  public static Map<String, Integer> of(
      Service service,
      Optional<Rollout> live,
      ResourceSnapshot resourceSnapshot,
      List<TargetReplica> targetReplicas) {
    Map<String, Integer> limits = new HashMap<>();
    live.filter(rollout -> rollout.status().phase() != RolloutPhase.PENDING)
        .ifPresent(rollout -> {
          TargetHeadroom room = new TargetHeadroom(service, resourceSnapshot, targetReplicas);
          for (Loan loan : rollout.spec().scale().loans()) {
            room.limit(loan.target(), rollout.spec().to())
                .ifPresent(count -> limits.put(loan.target(), count));
          }
        });
    return limits;
  }

  private Optional<Integer> limit(String target, VersionRef to) {
    int there = (int) here(target).filter(this::own).count();
    return need(service.metadata().namespace(), to)
        .flatMap(need ->
            targetResource(target, need)
                .flatMap(this::free)
                .map(free -> there + Math.max(0, free / need.count())));
  }

  /// The capacity that no present replica of any Service uses.
  private Optional<Integer> free(TargetResource targetResource) {
    int taken =
        here(targetResource.target())
            .flatMap(replica -> need(replica.name().namespace(), replica.version()).stream())
            .filter(need ->
                targetResource(targetResource.target(), need)
                    .filter(targetResource::equals)
                    .isPresent())
            .mapToInt(ReplicaFootprint::count)
            .sum();
    return resourceSnapshot
        .target(targetResource.target())
        .flatMap((Target there) ->
            Optional.ofNullable(there.spec().capacity().get(targetResource.unit())))
        .map(capacity -> capacity - taken);
  }

  private Stream<TargetReplica> here(String target) {
    return targetReplicas.stream()
        .filter(replica -> replica.present() && replica.target().equals(target));
  }

  private boolean own(TargetReplica replica) {
    return replica.of(service.metadata().namespace(), service.metadata().name());
  }

  private Optional<TargetResource> targetResource(String target, ReplicaFootprint need) {
    return resourceSnapshot
        .target(target)
        .flatMap((Target there) -> need.unit(there.spec()))
        .map(unit -> new TargetResource(target, unit));
  }

  private Optional<ReplicaFootprint> need(String namespace, VersionRef version) {
    return resourceSnapshot
        .version(namespace, version)
        .map(ModelVersion::spec)
        .map(ReplicaFootprint::of);
  }
}
