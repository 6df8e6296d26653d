// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.capacity.CapacityPlan.Borrow;
import dev.weir.control.capacity.CapacityPlan.InPlace;
import dev.weir.control.capacity.CapacityPlan.Refused;
import dev.weir.control.capacity.CapacityPlan.Surge;
import dev.weir.control.capacity.Claims.Spot;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.observation.Catalogue;
import dev.weir.model.ModelVersion;
import dev.weir.model.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.ReleaseSpec;
import dev.weir.model.ReleaseSpec.Capacity;
import dev.weir.model.RolloutSpec.Loan;
import dev.weir.model.RolloutSpec.Room;
import dev.weir.model.RolloutSpec.Scale;
import dev.weir.model.Service;
import dev.weir.model.VersionRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Finds room for the replicas of a new version before its release begins: beside the old ones, in
/// their places, or in places that others lend. What it finds stays reserved to the release's end,
/// so that nothing gets stuck half-way; what it does not find it tells with the numbers.
public final class CapacityPlanner {
  private static final int ALL = 100;

  private final VersionRef from;
  private final ModelVersion to;
  private final ReleaseSpec release;
  private final Ledger ledger;
  private final Lenders lenders;
  private final Claims claims;
  private final String id;

  private CapacityPlanner(
      Service service,
      VersionRef from,
      ModelVersion to,
      ReleaseSpec release,
      Ledger ledger,
      Catalogue catalogue) {
    this.from = from;
    this.to = to;
    this.release = release;
    this.ledger = ledger;
    this.lenders = new Lenders(catalogue, ledger, service);
    this.claims = new Claims(catalogue, service);
    this.id = DesiredReplicas.id(service);
  }

  /// Where a release that has not begun finds room.
  ///
  /// @param release as it was asked for
  /// @param ledger of the same picture
  public static CapacityPlan plan(
      Service service,
      VersionRef from,
      ModelVersion to,
      ReleaseSpec release,
      Ledger ledger,
      Catalogue catalogue) {
    return new CapacityPlanner(service, from, to, release, ledger, catalogue)
        .plan(release.capacity());
  }

  /// How big a release is that has this room.
  ///
  /// @param plan none that is refused
  public static Scale scale(
      Service service, ModelVersion to, CapacityPlan plan, Catalogue catalogue) {
    Scale beside = beside(service, to, catalogue);
    return switch (plan) {
      case Surge _ -> beside;
      case InPlace _ -> new Scale(beside.replicas(), beside.gpus(), Room.IN_PLACE);
      case Borrow(List<Loan> loans, String _) ->
          new Scale(beside.replicas(), beside.gpus(), Room.SURGE, loans);
      case Refused(String why) -> throw new IllegalArgumentException(why);
    };
  }

  /// How big a release is that has room beside what runs, or for which that is not decided yet.
  public static Scale beside(Service service, ModelVersion to, Catalogue catalogue) {
    return new Scale(
        Math.max(1, DesiredReplicas.owned(service, catalogue)),
        to.spec().accelerator().map(AcceleratorSpec::count).orElse(1),
        Room.SURGE);
  }

  private CapacityPlan plan(Capacity wanted) {
    Map<Spot, Integer> beside = lacking(Room.SURGE);
    return switch (wanted) {
      case SURGE -> beside.isEmpty() ? surge() : new Refused(needs(beside));
      case IN_PLACE ->
          inPlace("")
              .<CapacityPlan>map(plan -> plan)
              .orElseGet(() -> new Refused(needs(lacking(Room.IN_PLACE))));
      case BORROW -> beside.isEmpty() ? surge() : borrow(beside);
      case AUTO -> beside.isEmpty() ? surge() : otherwise(beside);
    };
  }

  private CapacityPlan otherwise(Map<Spot, Integer> beside) {
    Optional<InPlace> inPlace = inPlace(needs(beside));
    Optional<InPlace> serving = inPlace.filter(plan -> plan.dip() < ALL);
    if (serving.isPresent()) {
      return serving.get();
    }
    CapacityPlan borrowed = borrow(beside);
    return borrowed instanceof Refused(String why) && inPlace.isPresent()
        ? new Refused(
            why
                + "; in place nothing would be left that serves meanwhile, which only"
                + " release.capacity inPlace allows")
        : borrowed;
  }

  private Surge surge() {
    return new Surge(
        claims.of(from, to.spec().ref(), fills(Room.SURGE)).keySet().stream()
            .filter(spot -> ledger.pool(spot).isEmpty())
            .map(Spot::target)
            .distinct()
            .toList());
  }

  private Optional<InPlace> inPlace(String why) {
    if (!lacking(Room.IN_PLACE).isEmpty()) {
      return Optional.empty();
    }
    int replicas = claims.replicas();
    int dip = Fill.dip(fills(Room.IN_PLACE), replicas, 0);
    return Optional.of(new InPlace(dip, to.spec().startupTimeout(), why));
  }

  private CapacityPlan borrow(Map<Spot, Integer> lacking) {
    List<Loan> loans = new ArrayList<>();
    for (Map.Entry<Spot, Integer> lack : lacking.entrySet()) {
      Optional<List<Loan>> found = lenders.find(lack.getKey(), lack.getValue(), loans);
      if (found.isEmpty()) {
        return new Refused(needs(lacking) + "; " + lenders.offer(lack.getKey()));
      }
      loans.addAll(found.get());
    }
    return new Borrow(loans, needs(lacking));
  }

  /// How much is missing where; empty when there is room.
  private Map<Spot, Integer> lacking(Room room) {
    Map<Spot, Integer> lacking = new TreeMap<>();
    claims
        .of(from, to.spec().ref(), fills(room))
        .forEach((spot, count) -> {
          int there = ledger.pool(spot).map(pool -> pool.within(id)).orElse(Integer.MAX_VALUE);
          if (count > there) {
            lacking.put(spot, count - there);
          }
        });
    return lacking;
  }

  private List<Fill> fills(Room room) {
    int replicas = claims.replicas();
    int gpus = to.spec().accelerator().map(AcceleratorSpec::count).orElse(1);
    return Fill.of(release, new Scale(Math.max(1, replicas), gpus, room), replicas);
  }

  private String needs(Map<Spot, Integer> lacking) {
    return lacking.entrySet().stream()
        .map(lack ->
            "needs %d %s more on %s; %s"
                .formatted(
                    lack.getValue(),
                    Pool.noun(lack.getKey().unit()),
                    lack.getKey().target(),
                    ledger.pool(lack.getKey()).map(Pool::words).orElse("")))
        .collect(Collectors.joining("; "));
  }
}
