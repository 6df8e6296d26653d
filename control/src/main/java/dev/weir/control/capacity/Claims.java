// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.Lending;
import dev.weir.control.observation.Catalogue;
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

/// What a Service takes of its Targets at most, from now to the end of the release that runs.
final class Claims {
  private final Catalogue catalogue;
  private final Service service;

  /// A kind of thing on a Target.
  ///
  /// @param unit as the Target calls it, where it counts it
  record Spot(String target, String unit) implements Comparable<Spot> {
    private static final Comparator<Spot> ORDER =
        Comparator.comparing(Spot::target).thenComparing(Spot::unit);

    @Override
    public int compareTo(Spot other) {
      return ORDER.compare(this, other);
    }
  }

  Claims(Catalogue catalogue, Service service) {
    this.catalogue = catalogue;
    this.service = service;
  }

  /// How much of each kind; a release that has not begun takes nothing yet.
  Map<Spot, Integer> now() {
    VersionRef stable = DesiredReplicas.stable(service);
    Optional<Rollout> running =
        catalogue
            .liveRollout(service)
            .filter(rollout -> rollout.status().phase() != RolloutPhase.PENDING);
    return running
        .map(rollout -> of(rollout.spec().from(), rollout.spec().to(), fills(rollout.spec())))
        .orElseGet(() -> standing(stable));
  }

  /// How much of each kind while nothing but this version runs.
  Map<Spot, Integer> standing(VersionRef version) {
    return of(version, version, List.of(new Fill(0, replicas())));
  }

  /// How much of each kind at most during these fills.
  Map<Spot, Integer> of(VersionRef from, VersionRef to, List<Fill> fills) {
    Map<Spot, Integer> most = new TreeMap<>();
    for (Fill fill : fills) {
      Map<Spot, Integer> then = new HashMap<>();
      take(then, to, fill.fresh(), false);
      take(then, from, fill.old(), true);
      then.forEach((spot, count) -> most.merge(spot, count, Math::max));
    }
    return most;
  }

  /// Of the Targets where Weir runs its replicas.
  int replicas() {
    return DesiredReplicas.owned(service, catalogue);
  }

  private Stream<Placement> own() {
    return Lending.kept(service, catalogue).stream()
        .filter(placement -> placement.replicas() > 0)
        .filter(placement ->
            catalogue
                .target(placement.target())
                .filter(target -> target.spec().provider() != ProviderType.EXTERNAL)
                .isPresent());
  }

  private List<Fill> fills(RolloutSpec rollout) {
    return Fill.of(rollout.release(), rollout.scale(), replicas());
  }

  /// New replicas take the first placements, old ones keep the last: so none waits for a place that
  /// another keeps.
  private void take(Map<Spot, Integer> taken, VersionRef version, int replicas, boolean last) {
    List<Placement> placements = own().toList();
    int left = replicas;
    for (Placement placement : last ? placements.reversed() : placements) {
      int here = Math.min(left, placement.replicas());
      left -= here;
      need(version)
          .ifPresent(need -> taken.merge(spot(placement, need), here * need.count(), Integer::sum));
    }
  }

  private Spot spot(Placement placement, Need need) {
    return new Spot(
        placement.target(),
        catalogue
            .target(placement.target())
            .flatMap((Target target) -> need.unit(target.spec()))
            .orElseGet(need::plainly));
  }

  private Optional<Need> need(VersionRef version) {
    return catalogue
        .version(service.metadata().namespace(), version)
        .map(ModelVersion::spec)
        .map(Need::of);
  }
}
