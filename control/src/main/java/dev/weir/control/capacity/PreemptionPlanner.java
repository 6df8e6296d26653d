// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.capacity.CapacityDemand.TargetResource;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.EffectivePlacements;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.ModelVersion;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.RolloutSpec.Loan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Finds Services that lend replicas, lowest priority first. A Service with a running release lends
/// none, and each keeps one replica.
final class PreemptionPlanner {
  private static final Comparator<Service> FIRST =
      Comparator.comparingInt((Service service) -> service.spec().lends().priority())
          .thenComparing(Service::ref);

  private final ResourceSnapshot resourceSnapshot;
  private final CapacityUsage capacityUsage;
  private final Service borrower;

  PreemptionPlanner(
      ResourceSnapshot resourceSnapshot, CapacityUsage capacityUsage, Service borrower) {
    this.resourceSnapshot = resourceSnapshot;
    this.capacityUsage = capacityUsage;
    this.borrower = borrower;
  }

  /// Finds loans for the wanted amount.
  ///
  /// @param already the loans that the same release already has
  /// @return empty if all Services together lend too little
  Optional<List<Loan>> find(TargetResource targetResource, int wanted, List<Loan> already) {
    List<Loan> loans = new ArrayList<>();
    int left = wanted;
    for (Service lender : lenders(targetResource)) {
      int unitsPerReplica = unitsPerReplica(lender);
      int replicas =
          Math.min(
              spare(lender, targetResource.target(), already), Math.ceilDiv(left, unitsPerReplica));
      if (left > 0 && replicas > 0) {
        loans.add(new Loan(DesiredReplicas.id(lender), targetResource.target(), replicas));
        left -= replicas * unitsPerReplica;
      }
    }
    return left > 0 ? Optional.empty() : Optional.of(loans);
  }

  /// Describes what other Services lend there, for a refusal.
  String offer(TargetResource targetResource) {
    int offered =
        lenders(targetResource).stream()
            .mapToInt(lender ->
                unitsPerReplica(lender) * spare(lender, targetResource.target(), List.of()))
            .sum();
    return offered == 0
        ? "no other Service lends any there"
        : "other Services lend %d there".formatted(offered);
  }

  private List<Service> lenders(TargetResource targetResource) {
    return resourceSnapshot.services().values().stream()
        .filter(service -> service.spec().lends().replicas() > 0)
        .filter(service -> !service.ref().equals(borrower.ref()))
        .filter(
            service -> resourceSnapshot.liveRollout(service).filter(CapacityUsage::begun).isEmpty())
        .filter(service -> takes(service, targetResource))
        .sorted(FIRST)
        .toList();
  }

  private boolean takes(Service service, TargetResource targetResource) {
    Optional<String> unit =
        version(service)
            .flatMap(version ->
                resourceSnapshot
                    .target(targetResource.target())
                    .map(Target::spec)
                    .filter(target -> target.provider().traits().lendsReplicas())
                    .flatMap(ReplicaFootprint.of(version.spec())::unit));
    return placed(service, targetResource.target()) > 0
        && unit.filter(targetResource.unit()::equals).isPresent();
  }

  /// The number of replicas that the lender can still lend on the Target.
  private int spare(Service lender, String target, List<Loan> already) {
    String id = DesiredReplicas.id(lender);
    int lent =
        lender.spec().placements().stream()
            .mapToInt(placement -> capacityUsage.lent(id, placement.target()))
            .sum();
    int promised =
        already.stream().filter(loan -> loan.service().equals(id)).mapToInt(Loan::replicas).sum();
    int promisedHere =
        already.stream()
            .filter(loan -> loan.service().equals(id) && loan.target().equals(target))
            .mapToInt(Loan::replicas)
            .sum();
    int willing = lender.spec().lends().replicas() - lent - promised;
    int able = EffectivePlacements.of(lender, resourceSnapshot).total() - promised - 1;
    int here = placed(lender, target) - capacityUsage.lent(id, target) - promisedHere;
    return Math.max(0, Math.min(Math.min(willing, able), here));
  }

  private int placed(Service service, String target) {
    return EffectivePlacements.specified(service, resourceSnapshot::target).on(target);
  }

  private int unitsPerReplica(Service lender) {
    return version(lender).map(version -> ReplicaFootprint.of(version.spec()).count()).orElse(1);
  }

  private Optional<ModelVersion> version(Service service) {
    return resourceSnapshot.version(
        service.metadata().namespace(), DesiredReplicas.stable(service));
  }
}
