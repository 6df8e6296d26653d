// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.List;

/// The data of one slice with fractional badness. A session counts as one unit, whose badness is
/// the mean over its requests; grades are fractional as well.
///
/// @param whole units with badness 0 or 1
/// @param canary badness in (0, 1) of the canary's other units
/// @param baseline badness in (0, 1) of the baseline's other units
public record UnitScores(SliceCounts whole, List<Double> canary, List<Double> baseline) {

  public UnitScores {
    canary = List.copyOf(canary);
    baseline = List.copyOf(baseline);
    EProcess.requireBadness(canary.stream().mapToDouble(z -> z).toArray());
    EProcess.requireBadness(baseline.stream().mapToDouble(z -> z).toArray());
  }

  /// Units that are single requests.
  public static UnitScores of(SliceCounts counts) {
    return new UnitScores(counts, List.of(), List.of());
  }

  public long canaryUnits() {
    return whole.canary() + canary.size();
  }

  public long baselineUnits() {
    return whole.baseline() + baseline.size();
  }

  /// The sum of the baseline's badness.
  public double baselineBad() {
    return whole.baselineBad() + baseline.stream().mapToDouble(z -> z).sum();
  }

  /// Collects the units of one arm.
  public static final class Arm {
    private final List<Double> partly = new ArrayList<>();
    private long bad;
    private long units;

    public Arm() {}

    /// Adds units that are single requests.
    public void add(long badOnes, long all) {
      bad += badOnes;
      units += all;
    }

    /// Adds a unit with badness `badness / worst`: for a session its bad requests among all, for a
    /// grade its difference to the best grade.
    ///
    /// @param worst above 0
    public void addMean(long badness, long worst) {
      if (badness == 0 || badness == worst) {
        add(badness == 0 ? 0 : 1, 1);
      } else {
        partly.add((double) badness / worst);
      }
    }

    /// Both arms together in a deterministic order, because sums of doubles depend on the order.
    public static UnitScores together(Arm canary, Arm baseline) {
      return new UnitScores(
          new SliceCounts(canary.bad, canary.units, baseline.bad, baseline.units),
          canary.partly.stream().sorted().toList(),
          baseline.partly.stream().sorted().toList());
    }
  }
}
