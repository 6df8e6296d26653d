// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.capacity.Claims.Spot;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.observation.Catalogue;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutSpec.Loan;
import dev.weir.model.Service;
import dev.weir.model.Target;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What all Services take of all Targets.
///
/// What a Service lends is another's until that one's release ends; so is the room of a release
/// from its beginning to its end, whatever of it is filled already.
public final class Ledger {
  private final Catalogue catalogue;
  private final List<Loan> loans;
  private final Map<Spot, SortedMap<String, Integer>> used = new HashMap<>();

  private Ledger(Catalogue catalogue) {
    this.catalogue = catalogue;
    this.loans = catalogue.loans();
  }

  public static Ledger of(Catalogue catalogue) {
    Ledger ledger = new Ledger(catalogue);
    catalogue.services().values().forEach(ledger::enter);
    return ledger;
  }

  /// Whether it is about what is stored in this picture, which must be one that was read.
  public boolean about(Catalogue picture) {
    return catalogue.revision() == picture.revision();
  }

  static boolean begun(Rollout rollout) {
    return rollout.status().phase() != RolloutPhase.PENDING;
  }

  /// How many replicas the Service has lent on the Target.
  int lent(String service, String target) {
    return loans.stream()
        .filter(loan -> loan.service().equals(service) && loan.target().equals(target))
        .mapToInt(Loan::replicas)
        .sum();
  }

  /// What there is of a kind; empty where the Target does not count it.
  Optional<Pool> pool(Spot spot) {
    return catalogue
        .target(spot.target())
        .flatMap((Target target) -> Optional.ofNullable(target.spec().capacity().get(spot.unit())))
        .map(capacity ->
            new Pool(
                spot.target(),
                spot.unit(),
                capacity,
                used.getOrDefault(spot, Collections.emptySortedMap())));
  }

  private void enter(Service service) {
    String id = DesiredReplicas.id(service);
    new Claims(catalogue, service)
        .now()
        .forEach((spot, count) ->
            used.computeIfAbsent(spot, _ -> new TreeMap<>()).merge(id, count, Integer::sum));
  }
}
