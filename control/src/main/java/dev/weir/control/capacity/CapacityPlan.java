// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.model.RolloutSpec.Loan;
import dev.weir.model.notation.Durations;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// Where the replicas of a new version find room.
public sealed interface CapacityPlan {
  /// In one sentence, for people.
  String words();

  /// Beside the old ones, as far as the strategy wants any there.
  ///
  /// @param unknown Targets whose capacity is not known: there it is taken for granted
  record Surge(List<String> unknown) implements CapacityPlan {
    public Surge {
      unknown = List.copyOf(unknown);
    }

    @Override
    public String words() {
      String there = "surge: there is room for what the strategy wants beside the old replicas";
      return unknown.isEmpty()
          ? there
          : "surge: capacity of Target %s is not known, so room is taken for granted"
              .formatted(String.join(", ", unknown));
    }
  }

  /// In the places of old ones, which go first.
  ///
  /// @param dip the largest share of the replicas that is missing on the way, in percent, 1 to 100
  /// @param each how long at most, each time that some are replaced
  /// @param why there is no room beside them; empty when it was asked for
  record InPlace(int dip, Duration each, String why) implements CapacityPlan {
    @Override
    public String words() {
      return "in place: new replicas take the places of old ones; up to %d %% of the replicas are missing for up to %s each time%s"
          .formatted(dip, Durations.print(each), why.isEmpty() ? "" : ". Beside them it " + why);
    }
  }

  /// Beside the old ones, where other Services make room until the release ends.
  ///
  /// @param why there is no room otherwise
  record Borrow(List<Loan> loans, String why) implements CapacityPlan {
    public Borrow {
      loans = List.copyOf(loans);
    }

    @Override
    public String words() {
      return loans.stream()
          .map(loan -> "%d of %s on %s".formatted(loan.replicas(), loan.service(), loan.target()))
          .collect(
              Collectors.joining(
                  ", ",
                  "borrow: these replicas are stopped until the release ends: ",
                  ". Without them it " + why));
    }
  }

  /// Nowhere.
  ///
  /// @param why with the numbers
  record Refused(String why) implements CapacityPlan {
    @Override
    public String words() {
      return "no room: it " + why;
    }
  }
}
