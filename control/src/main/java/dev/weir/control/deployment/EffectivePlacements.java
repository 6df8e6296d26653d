// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.ProviderTraits;
import dev.weir.model.spec.RolloutSpec.Loan;
import dev.weir.model.spec.ServiceSpec.Placement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The number of replicas that a Service wants on each of its Targets.
///
/// This class alone reads the replica counts of placements. All other code gets the counts here, so
/// that every reader sees the same numbers.
///
/// @param all in the order of the placements
public record EffectivePlacements(List<EffectivePlacement> all) {
  public EffectivePlacements {
    all = List.copyOf(all);
  }

  /// A placement with its effective count.
  ///
  /// @param target empty if the Target does not exist
  /// @param wanted replicas that Weir runs there, 0 or more; 0 if the Target does not exist or Weir
  ///   does not start its replicas
  public record EffectivePlacement(Placement placement, Optional<Target> target, int wanted) {
    static EffectivePlacement of(Placement placement, Optional<Target> target) {
      boolean starts =
          target.map(found -> found.spec().provider().traits().startsReplicas()).orElse(false);
      return new EffectivePlacement(placement, target, starts ? placement.replicas() : 0);
    }

    /// The traits of the Target's provider; empty if the Target does not exist.
    public Optional<ProviderTraits> traits() {
      return target.map(found -> found.spec().provider().traits());
    }

    EffectivePlacement with(int replicas) {
      return new EffectivePlacement(placement, target, replicas);
    }
  }

  /// The Targets whose capacity a version uses first.
  public enum Order {
    /// For a new version and for a Service without a release.
    FIRST_PLACEMENTS,
    /// For the old version of a release. Otherwise a new replica would wait for capacity that an
    /// old one still uses.
    LAST_PLACEMENTS
  }

  /// The current counts: those of the spec minus the replicas that the Service lends.
  public static EffectivePlacements of(Service service, ResourceSnapshot resourceSnapshot) {
    EffectivePlacements specified = specified(service, resourceSnapshot::target);
    List<Loan> loans =
        resourceSnapshot.loans().stream()
            .filter(loan -> loan.service().equals(DesiredReplicas.id(service)))
            .toList();
    return loans.isEmpty()
        ? specified
        : new EffectivePlacements(LentReplicas.kept(specified.all(), loans));
  }

  /// The counts while the Service lends nothing.
  ///
  /// @param targets finds a Target by its name
  public static EffectivePlacements specified(
      Service service, Function<String, Optional<Target>> targets) {
    return new EffectivePlacements(
        service.spec().placements().stream()
            .map(placement -> EffectivePlacement.of(placement, targets.apply(placement.target())))
            .toList());
  }

  /// The number of replicas on all Targets.
  public int total() {
    return all.stream().mapToInt(EffectivePlacement::wanted).sum();
  }

  /// The number of replicas on one Target; 0 if the Service has no placement there.
  public int on(String target) {
    return all.stream()
        .filter(each -> each.placement().target().equals(target))
        .mapToInt(EffectivePlacement::wanted)
        .sum();
  }

  /// Distributes the replicas of one version over the Targets. No Target gets more than its count;
  /// replicas that do not fit are left out.
  ///
  /// @param replicas of the version, 0 or more
  /// @return every placement, in the given order
  public List<EffectivePlacement> distribute(int replicas, Order order) {
    List<EffectivePlacement> distributed = new ArrayList<>();
    int left = replicas;
    for (EffectivePlacement each : order == Order.LAST_PLACEMENTS ? all.reversed() : all) {
      int here = Math.min(left, each.wanted());
      left -= here;
      distributed.add(each.with(here));
    }
    return distributed;
  }

  /// The maximum number of replicas by Target, for Targets where Weir starts them.
  ///
  /// @param surplus replicas beyond the count, 0 or more
  Map<String, Integer> limits(int surplus) {
    Map<String, Integer> limits = new HashMap<>();
    all.stream()
        .filter(each -> each.traits().map(ProviderTraits::startsReplicas).orElse(false))
        .forEach(each -> limits.put(each.placement().target(), each.wanted() + surplus));
    return limits;
  }
}
