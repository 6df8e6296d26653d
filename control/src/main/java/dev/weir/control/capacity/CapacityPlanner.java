// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.capacity.CapacityDemand.TargetResource;
import dev.weir.control.capacity.CapacityPlan.Borrow;
import dev.weir.control.capacity.CapacityPlan.InPlace;
import dev.weir.control.capacity.CapacityPlan.Refused;
import dev.weir.control.capacity.CapacityPlan.Surge;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.EffectivePlacements;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.ModelVersion;
import dev.weir.model.Service;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.Capacity;
import dev.weir.model.spec.RolloutSpec.Loan;
import dev.weir.model.spec.RolloutSpec.Room;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.value.VersionRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Finds capacity for the replicas of a new version before its release starts: beside the old ones,
/// in their place, or on capacity that other Services lend. The capacity stays reserved until the
/// release ends, so that a release never gets stuck halfway. If there is not enough capacity, the
/// plan reports the numbers.
public final class CapacityPlanner {
  private static final int ALL = 100;

  private final VersionRef from;
  private final ModelVersion to;
  private final ReleaseSpec release;
  private final boolean undo;
  private final CapacityUsage capacityUsage;
  private final PreemptionPlanner preemptionPlanner;
  private final CapacityDemand capacityDemand;
  private final String id;

  private CapacityPlanner(
      Service service,
      VersionRef from,
      ModelVersion to,
      ReleaseSpec release,
      boolean undo,
      CapacityUsage capacityUsage,
      ResourceSnapshot resourceSnapshot) {
    this.from = from;
    this.to = to;
    this.release = release;
    this.undo = undo;
    this.capacityUsage = capacityUsage;
    this.preemptionPlanner = new PreemptionPlanner(resourceSnapshot, capacityUsage, service);
    this.capacityDemand = new CapacityDemand(resourceSnapshot, service);
    this.id = DesiredReplicas.id(service);
  }

  /// Plans the capacity of a release that has not started.
  ///
  /// @param release the requested release
  /// @param undo whether the version is already proven, so that the release has no steps
  /// @param capacityUsage of the same snapshot
  public static CapacityPlan plan(
      Service service,
      VersionRef from,
      ModelVersion to,
      ReleaseSpec release,
      boolean undo,
      CapacityUsage capacityUsage,
      ResourceSnapshot resourceSnapshot) {
    return new CapacityPlanner(service, from, to, release, undo, capacityUsage, resourceSnapshot)
        .plan(release.capacity());
  }

  /// The scale of a release with this plan.
  ///
  /// @throws IllegalArgumentException if the plan is [Refused]
  public static Scale scale(
      Service service, ModelVersion to, CapacityPlan plan, ResourceSnapshot resourceSnapshot) {
    Scale beside = surgeScale(service, to, resourceSnapshot);
    return switch (plan) {
      case Surge _ -> beside;
      case InPlace _ -> new Scale(beside.replicas(), beside.gpus(), Room.IN_PLACE);
      case Borrow(List<Loan> loans, String _) ->
          new Scale(beside.replicas(), beside.gpus(), Room.SURGE, loans);
      case Refused(String why) -> throw new IllegalArgumentException(why);
    };
  }

  /// The scale of a release that surges, or whose capacity is not decided yet.
  public static Scale surgeScale(
      Service service, ModelVersion to, ResourceSnapshot resourceSnapshot) {
    return new Scale(
        Math.max(1, EffectivePlacements.of(service, resourceSnapshot).total()),
        to.spec().accelerator().map(AcceleratorSpec::count).orElse(1),
        Room.SURGE);
  }

  private CapacityPlan plan(Capacity wanted) {
    Map<TargetResource, Integer> beside = shortages(Room.SURGE);
    return switch (wanted) {
      case SURGE -> beside.isEmpty() ? surge() : new Refused(needs(beside));
      case IN_PLACE ->
          inPlace("")
              .<CapacityPlan>map(plan -> plan)
              .orElseGet(() -> new Refused(needs(shortages(Room.IN_PLACE))));
      case BORROW -> beside.isEmpty() ? surge() : borrow(beside);
      case AUTO -> beside.isEmpty() ? surge() : inPlaceOrBorrow(beside);
    };
  }

  private CapacityPlan inPlaceOrBorrow(Map<TargetResource, Integer> beside) {
    Optional<InPlace> inPlace = inPlace(needs(beside));
    Optional<InPlace> serving = inPlace.filter(plan -> plan.missingPercent() < ALL);
    if (serving.isPresent()) {
      return serving.get();
    }
    CapacityPlan borrowed = borrow(beside);
    return borrowed instanceof Refused(String why) && inPlace.isPresent()
        ? new Refused(
            why
                + "; in place, no replica would serve during the release, which only"
                + " release.capacity inPlace allows")
        : borrowed;
  }

  private Surge surge() {
    return new Surge(
        capacityDemand.of(from, to.spec().ref(), fills(Room.SURGE)).keySet().stream()
            .filter(targetResource -> capacityUsage.pool(targetResource).isEmpty())
            .map(TargetResource::target)
            .distinct()
            .toList(),
        capacityDemand.replicas() > 0);
  }

  private Optional<InPlace> inPlace(String why) {
    if (!shortages(Room.IN_PLACE).isEmpty()) {
      return Optional.empty();
    }
    int replicas = capacityDemand.replicas();
    int dip = ReplicaCounts.dip(fills(Room.IN_PLACE), replicas, 0);
    return Optional.of(new InPlace(dip, to.spec().startupTimeout(), why));
  }

  private CapacityPlan borrow(Map<TargetResource, Integer> shortages) {
    List<Loan> loans = new ArrayList<>();
    for (Map.Entry<TargetResource, Integer> shortage : shortages.entrySet()) {
      Optional<List<Loan>> found =
          preemptionPlanner.find(shortage.getKey(), shortage.getValue(), loans);
      if (found.isEmpty()) {
        return new Refused(needs(shortages) + "; " + preemptionPlanner.offer(shortage.getKey()));
      }
      loans.addAll(found.get());
    }
    return new Borrow(loans, needs(shortages));
  }

  /// The missing capacity; empty if there is enough.
  private Map<TargetResource, Integer> shortages(Room room) {
    Map<TargetResource, Integer> shortages = new TreeMap<>();
    capacityDemand
        .of(from, to.spec().ref(), fills(room))
        .forEach((targetResource, count) -> {
          int available =
              capacityUsage
                  .pool(targetResource)
                  .map(pool -> pool.within(id))
                  .orElse(Integer.MAX_VALUE);
          if (count > available) {
            shortages.put(targetResource, count - available);
          }
        });
    return shortages;
  }

  private List<ReplicaCounts> fills(Room room) {
    int replicas = capacityDemand.replicas();
    int gpus = to.spec().accelerator().map(AcceleratorSpec::count).orElse(1);
    return ReplicaCounts.of(
        Stages.of(release, undo, new Scale(Math.max(1, replicas), gpus, room)), replicas);
  }

  private String needs(Map<TargetResource, Integer> shortages) {
    return shortages.entrySet().stream()
        .map(shortage ->
            "needs %d more %s on %s; %s"
                .formatted(
                    shortage.getValue(),
                    CapacityPool.unitText(shortage.getKey().unit()),
                    shortage.getKey().target(),
                    capacityUsage.pool(shortage.getKey()).map(CapacityPool::text).orElse("")))
        .collect(Collectors.joining("; "));
  }
}
