// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.List;

/// The baseline's earlier latencies of each stratum, for example of each class of prompt lengths.
///
/// A request is bad when it is slower than the quantile of its own stratum. So a bad request is as
/// likely in each stratum, and the mix of the strata does not matter: not its share of the spread
/// of latencies, and not a difference between the arms. A request of a stratum with fewer than
/// [LatencyDetector#MINIMUM_TOTAL] values is not evaluated, because a threshold of other strata
/// would blame or favour the arm that has more of it. Until one stratum has enough, all requests
/// have one threshold.
///
/// A rare stratum would never have enough under the decay of five seconds, so a stratum decays only
/// while it has more than [#KEPT] values.
final class StratumHistograms {
  /// Values of a stratum that do not decay.
  static final double KEPT = 200;

  private final List<LogHistogram> histograms;

  private StratumHistograms(List<LogHistogram> histograms) {
    this.histograms = List.copyOf(histograms);
  }

  static StratumHistograms start(int count) {
    List<LogHistogram> fresh = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      fresh.add(new LogHistogram());
    }
    return new StratumHistograms(fresh);
  }

  static StratumHistograms of(List<Buckets> buckets) {
    return new StratumHistograms(buckets.stream().map(LogHistogram::of).toList());
  }

  List<Buckets> buckets() {
    return histograms.stream().map(LogHistogram::buckets).toList();
  }

  int size() {
    return histograms.size();
  }

  /// Whether any stratum has a threshold.
  boolean any() {
    return histograms.stream().anyMatch(StratumHistograms::ready);
  }

  boolean ready(int stratum) {
    return ready(histograms.get(stratum));
  }

  private static boolean ready(LogHistogram histogram) {
    return histogram.total() >= LatencyDetector.MINIMUM_TOTAL;
  }

  /// The histograms that have thresholds.
  List<LogHistogram> ready() {
    return histograms.stream().filter(StratumHistograms::ready).toList();
  }

  /// The threshold of each stratum, log seconds; not a number for a stratum that is not evaluated.
  ///
  /// @param common the threshold of all strata until one is ready
  List<Double> thresholds(double q, double common) {
    boolean any = any();
    return histograms.stream()
        .map(of -> !any ? common : ready(of) ? of.quantileLog(q) : Double.NaN)
        .toList();
  }

  /// Adds a slice of the baseline. Requests without an answer belong to no stratum.
  void learn(LatencySample baseline) {
    for (int i = 0; i < histograms.size(); i++) {
      LogHistogram histogram = histograms.get(i);
      if (histogram.total() > KEPT) {
        histogram.decay(Ewma.DECAY);
      }
      baseline.addStratumTo(histogram, i);
    }
  }
}
