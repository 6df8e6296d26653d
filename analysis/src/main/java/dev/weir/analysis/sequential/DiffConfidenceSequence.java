// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.List;

/// For display: limits for the difference of two rates (canary minus baseline) that hold
/// simultaneously at all times with probability `1 - alpha`. It tests each point of a grid from
/// both sides at `alpha/2`; a rejected point stays rejected.
///
/// It needs two e-processes per grid point, so compute it on demand from stored slice counts.
public final class DiffConfidenceSequence {

  private final double logThreshold;
  private final Ewma centre;
  private final List<GridPoint> grid = new ArrayList<>();

  /// @param lower lower limit, -1 without data
  /// @param upper upper limit, 1 without data
  public record Limits(double lower, double upper) {}

  /// The default grid: 41 points over [-0.2, 0.2].
  public DiffConfidenceSequence(double prior, double alpha) {
    this(prior, alpha, -.2, .2, 41);
  }

  public DiffConfidenceSequence(
      double prior, double alpha, double lowest, double highest, int points) {
    if (!(alpha > 0 && alpha < 1 && lowest < highest && points >= 2)) {
      throw new IllegalArgumentException(
          "a grid needs alpha in (0, 1), lowest < highest and two points but has %s, %s, %s, %d"
              .formatted(alpha, lowest, highest, points));
    }
    logThreshold = Math.log(2 / alpha);
    centre = new Ewma(prior);
    for (int i = 0; i < points; i++) {
      grid.add(new GridPoint(lowest + (highest - lowest) * i / (points - 1)));
    }
  }

  /// Consumes a slice and returns the updated limits.
  public Limits slice(SliceCounts counts, double rho) {
    double m = centre.value();
    for (GridPoint point : grid) {
      point.harm.beginSlice();
      point.safe.beginSlice();
      point.notAtMost |= rejects(point.harm, new Payoff(Side.HARM, rho, m, point.theta), counts);
      point.notAtLeast |= rejects(point.safe, new Payoff(Side.SAFE, rho, m, point.theta), counts);
    }
    centre.add(counts);
    return limits();
  }

  private boolean rejects(EProcess process, Payoff payoff, SliceCounts counts) {
    if (payoff.bound() <= 0) {
      return true;
    }
    process.bet(payoff, counts, 1);
    return process.logE() >= logThreshold;
  }

  /// The current limits: the largest grid point up to which every "at most" hypothesis is rejected,
  /// and the smallest from which every "at least" hypothesis is rejected.
  public Limits limits() {
    double lower = -1;
    for (GridPoint point : grid) {
      if (!point.notAtMost) {
        break;
      }
      lower = point.theta;
    }
    double upper = 1;
    for (GridPoint point : grid.reversed()) {
      if (!point.notAtLeast) {
        break;
      }
      upper = point.theta;
    }
    return new Limits(lower, upper);
  }

  /// Evidence that the difference exceeds the grid point nearest to `theta`.
  public double harmLogE(double theta) {
    return nearest(theta).harm.logE();
  }

  /// Evidence that the difference is below the grid point nearest to `theta`.
  public double safeLogE(double theta) {
    return nearest(theta).safe.logE();
  }

  private GridPoint nearest(double theta) {
    GridPoint best = grid.getFirst();
    for (GridPoint point : grid) {
      if (Math.abs(point.theta - theta) < Math.abs(best.theta - theta)) {
        best = point;
      }
    }
    return best;
  }

  private static final class GridPoint {
    final double theta;
    final EProcess harm = new EProcess();
    final EProcess safe = new EProcess();
    boolean notAtMost;
    boolean notAtLeast;

    GridPoint(double theta) {
      this.theta = theta;
    }
  }
}
