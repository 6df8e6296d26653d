// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.deployment.EffectivePlacements.EffectivePlacement;
import dev.weir.model.spec.RolloutSpec.Loan;
import java.util.ArrayList;
import java.util.List;

/// The remaining replicas of a Service while it lends some to releases of other Services.
final class LentReplicas {
  private LentReplicas() {}

  /// The placements minus the loans. At least one replica that Weir runs stays, even if the Service
  /// was scaled down after it lent the others.
  ///
  /// @param loans of this Service
  static List<EffectivePlacement> kept(List<EffectivePlacement> placements, List<Loan> loans) {
    List<EffectivePlacement> kept = new ArrayList<>();
    for (EffectivePlacement each : placements) {
      kept.add(each.with(Math.max(0, each.wanted() - lent(loans, each))));
    }
    if (kept.stream().allMatch(each -> each.wanted() == 0)) {
      keepOne(placements, kept);
    }
    return kept;
  }

  private static int lent(List<Loan> loans, EffectivePlacement placement) {
    return loans.stream()
        .filter(loan -> loan.target().equals(placement.placement().target()))
        .mapToInt(Loan::replicas)
        .sum();
  }

  private static void keepOne(List<EffectivePlacement> placements, List<EffectivePlacement> kept) {
    for (int i = 0; i < placements.size(); i++) {
      if (placements.get(i).wanted() > 0) {
        kept.set(i, placements.get(i).with(1));
        return;
      }
    }
  }
}
