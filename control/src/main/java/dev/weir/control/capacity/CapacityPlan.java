// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.model.notation.Durations;
import dev.weir.model.spec.RolloutSpec.Loan;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// How a release gets the capacity for the replicas of its new version.
public sealed interface CapacityPlan {
  /// The plan in one sentence, for users.
  String text();

  /// New replicas run beside the old ones, as many as the strategy wants.
  ///
  /// @param unknown Targets of unknown capacity, which is assumed to be enough
  /// @param counted whether Weir starts replicas; `false` if all replicas are external endpoints
  record Surge(List<String> unknown, boolean counted) implements CapacityPlan {
    public Surge {
      unknown = List.copyOf(unknown);
    }

    /// A surge with replicas that Weir starts.
    public Surge(List<String> unknown) {
      this(unknown, true);
    }

    @Override
    public String text() {
      if (!counted) {
        return "external endpoints are not counted: Weir does not start them";
      }
      String enough = "surge: there is enough capacity for the new replicas beside the old ones";
      return unknown.isEmpty()
          ? enough
          : "surge: capacity of Target %s is not known, so Weir assumes that it is enough"
              .formatted(String.join(", ", unknown));
    }
  }

  /// New replicas replace old ones, which stop first.
  ///
  /// @param missingPercent the largest share of the replicas that is missing during the release, in
  ///   percent, 1 to 100
  /// @param maxReplacement the maximum duration of each replacement
  /// @param why the reason why a surge does not fit; empty if the release requests `inPlace`
  record InPlace(int missingPercent, Duration maxReplacement, String why) implements CapacityPlan {
    @Override
    public String text() {
      return "in place: new replicas replace old ones; up to %d %% of the replicas are missing for up to %s each time%s"
          .formatted(
              missingPercent,
              Durations.print(maxReplacement),
              why.isEmpty() ? "" : ". A surge " + why);
    }
  }

  /// New replicas run beside the old ones; other Services lend capacity until the release ends.
  ///
  /// @param why the reason why the release does not fit otherwise
  record Borrow(List<Loan> loans, String why) implements CapacityPlan {
    public Borrow {
      loans = List.copyOf(loans);
    }

    @Override
    public String text() {
      return loans.stream()
          .map(loan -> "%d of %s on %s".formatted(loan.replicas(), loan.service(), loan.target()))
          .collect(
              Collectors.joining(
                  ", ",
                  "borrow: these replicas stop until the release ends: ",
                  ". Without their capacity, the release " + why));
    }
  }

  /// There is not enough capacity.
  ///
  /// @param why the reason with the numbers
  record Refused(String why) implements CapacityPlan {
    @Override
    public String text() {
      return "not enough capacity: it " + why;
    }
  }
}
