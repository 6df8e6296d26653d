// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.RolloutSpec.Loan;
import dev.weir.model.Service;
import dev.weir.model.ServiceSpec.Placement;
import java.util.ArrayList;
import java.util.List;

/// The remaining placements of a Service while it lends replicas to releases of other Services.
public final class LentReplicas {
  private LentReplicas() {}

  /// The placements of a Service minus its current loans. At least one replica stays, even if the
  /// Service was scaled down after it lent the others.
  public static List<Placement> kept(Service service, ResourceSnapshot resourceSnapshot) {
    List<Placement> placements = service.spec().placements();
    List<Loan> loans =
        resourceSnapshot.loans().stream()
            .filter(loan -> loan.service().equals(DesiredReplicas.id(service)))
            .toList();
    if (loans.isEmpty()) {
      return placements;
    }
    List<Placement> kept = new ArrayList<>();
    for (Placement placement : placements) {
      kept.add(with(placement, Math.max(0, placement.replicas() - lent(loans, placement))));
    }
    if (kept.stream().allMatch(placement -> placement.replicas() == 0)) {
      keepOne(placements, kept);
    }
    return List.copyOf(kept);
  }

  private static int lent(List<Loan> loans, Placement placement) {
    return loans.stream()
        .filter(loan -> loan.target().equals(placement.target()))
        .mapToInt(Loan::replicas)
        .sum();
  }

  private static void keepOne(List<Placement> placements, List<Placement> kept) {
    for (int i = 0; i < placements.size(); i++) {
      if (placements.get(i).replicas() > 0) {
        kept.set(i, with(placements.get(i), 1));
        return;
      }
    }
  }

  private static Placement with(Placement placement, int replicas) {
    return new Placement(placement.target(), replicas, placement.endpoints());
  }
}
