// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.capacity.Claims.Spot;
import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.Seen;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutSpec.Loan;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.VersionRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// How many replicas of a Service there may be on Targets where others make room for it: those that
/// are there and as many more as accelerators are free already. What others lend is free when it is
/// gone, not when that was decided.
public final class Elbowroom {
  private final Service service;
  private final Catalogue catalogue;
  private final List<Seen> seen;

  private Elbowroom(Service service, Catalogue catalogue, List<Seen> seen) {
    this.service = service;
    this.catalogue = catalogue;
    this.seen = seen;
  }

  /// By Target; one that is not named has no such limit.
  public static Map<String, Integer> of(
      Service service, Optional<Rollout> live, Catalogue catalogue, List<Seen> seen) {
    Map<String, Integer> most = new HashMap<>();
    live.filter(rollout -> rollout.status().phase() != RolloutPhase.PENDING)
        .ifPresent(rollout -> {
          Elbowroom room = new Elbowroom(service, catalogue, seen);
          for (Loan loan : rollout.spec().scale().loans()) {
            room.most(loan.target(), rollout.spec().to())
                .ifPresent(count -> most.put(loan.target(), count));
          }
        });
    return most;
  }

  private Optional<Integer> most(String target, VersionRef to) {
    int there = (int) here(target).filter(this::own).count();
    return need(service.metadata().namespace(), to)
        .flatMap(need ->
            spot(target, need)
                .flatMap(this::free)
                .map(free -> there + Math.max(0, free / need.count())));
  }

  /// What no replica takes that is there, whosever it is.
  private Optional<Integer> free(Spot spot) {
    int taken =
        here(spot.target())
            .flatMap(replica -> need(replica.name().namespace(), replica.version()).stream())
            .filter(need -> spot(spot.target(), need).filter(spot::equals).isPresent())
            .mapToInt(Need::count)
            .sum();
    return catalogue
        .target(spot.target())
        .flatMap((Target there) -> Optional.ofNullable(there.spec().capacity().get(spot.unit())))
        .map(capacity -> capacity - taken);
  }

  private Stream<Seen> here(String target) {
    return seen.stream().filter(replica -> replica.present() && replica.target().equals(target));
  }

  private boolean own(Seen replica) {
    return replica.of(service.metadata().namespace(), service.metadata().name());
  }

  private Optional<Spot> spot(String target, Need need) {
    return catalogue
        .target(target)
        .flatMap((Target there) -> need.unit(there.spec()))
        .map(unit -> new Spot(target, unit));
  }

  private Optional<Need> need(String namespace, VersionRef version) {
    return catalogue.version(namespace, version).map(ModelVersion::spec).map(Need::of);
  }
}
