// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.capacity.CapacityDemand.TargetResource;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.RolloutSpec.Loan;
import dev.weir.model.status.RolloutPhase;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The capacity that all Services use on all Targets.
///
/// Lent capacity belongs to the borrower until its release ends. A release uses its capacity from
/// start to end, regardless of how many of its replicas already run.
public final class CapacityUsage {
  private final ResourceSnapshot resourceSnapshot;
  private final List<Loan> loans;
  private final Map<TargetResource, SortedMap<String, Integer>> used = new HashMap<>();

  private CapacityUsage(ResourceSnapshot resourceSnapshot) {
    this.resourceSnapshot = resourceSnapshot;
    this.loans = resourceSnapshot.loans();
  }

  public static CapacityUsage of(ResourceSnapshot resourceSnapshot) {
    CapacityUsage capacityUsage = new CapacityUsage(resourceSnapshot);
    resourceSnapshot.services().values().forEach(capacityUsage::add);
    return capacityUsage;
  }

  /// Whether it was computed from the revision of this snapshot, which must be one that was read.
  public boolean isFrom(ResourceSnapshot snapshot) {
    return resourceSnapshot.revision() == snapshot.revision();
  }

  static boolean begun(Rollout rollout) {
    return rollout.status().phase() != RolloutPhase.PENDING;
  }

  /// The number of replicas that the Service lends on the Target.
  int lent(String service, String target) {
    return loans.stream()
        .filter(loan -> loan.service().equals(service) && loan.target().equals(target))
        .mapToInt(Loan::replicas)
        .sum();
  }

  /// The pool of a kind; empty if the Target does not count it.
  Optional<CapacityPool> pool(TargetResource targetResource) {
    return resourceSnapshot
        .target(targetResource.target())
        .flatMap((Target target) ->
            Optional.ofNullable(target.spec().capacity().get(targetResource.unit())))
        .map(capacity ->
            new CapacityPool(
                targetResource.target(),
                targetResource.unit(),
                capacity,
                used.getOrDefault(targetResource, Collections.emptySortedMap())));
  }

  private void add(Service service) {
    String id = DesiredReplicas.id(service);
    new CapacityDemand(resourceSnapshot, service)
        .now()
        .forEach((targetResource, count) ->
            used.computeIfAbsent(targetResource, _ -> new TreeMap<>())
                .merge(id, count, Integer::sum));
  }
}
