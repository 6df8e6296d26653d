// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.ReleaseMetric;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// How the evidence developed: samples at equal intervals, which double when there are too many.
/// Informational only.
final class EvidenceHistory {
  private static final int MOST = 64;

  private long everyMillis;
  private List<AnalysisEvidence.Moment> moments;

  EvidenceHistory(long everyMillis) {
    this(new State(everyMillis, List.of()));
  }

  EvidenceHistory(State state) {
    everyMillis = state.everyMillis();
    moments = state.moments();
  }

  record State(long everyMillis, List<AnalysisEvidence.Moment> moments) {
    State {
      moments = List.copyOf(moments);
    }
  }

  State state() {
    return new State(everyMillis, moments);
  }

  List<AnalysisEvidence.Moment> moments() {
    return moments;
  }

  void add(long atMillis, int step, Map<ReleaseMetric, AnalysisEvidence.MetricResult> metrics) {
    boolean due = moments.isEmpty() || atMillis >= moments.getLast().atMillis() + everyMillis;
    if (!due) {
      return;
    }
    List<AnalysisEvidence.Moment> more = new ArrayList<>(moments);
    more.add(moment(atMillis, step, metrics));
    if (more.size() > MOST) {
      everyMillis *= 2;
      more = everySecond(more);
    }
    moments = List.copyOf(more);
  }

  private static List<AnalysisEvidence.Moment> everySecond(List<AnalysisEvidence.Moment> all) {
    List<AnalysisEvidence.Moment> kept = new ArrayList<>();
    for (int i = 0; i < all.size(); i += 2) {
      kept.add(all.get(i));
    }
    return kept;
  }

  private static AnalysisEvidence.Moment moment(
      long atMillis, int step, Map<ReleaseMetric, AnalysisEvidence.MetricResult> metrics) {
    Map<ReleaseMetric, Double> harm = new EnumMap<>(ReleaseMetric.class);
    Map<ReleaseMetric, Double> safe = new EnumMap<>(ReleaseMetric.class);
    metrics.forEach((metric, of) -> {
      harm.put(metric, shown(of.harm().logE()));
      safe.put(
          metric,
          shown(of.safe().stream().mapToDouble(AnalysisEvidence.Safe::logE).min().orElse(0)));
    });
    return new AnalysisEvidence.Moment(atMillis, step, harm, safe);
  }

  private static double shown(double logE) {
    return Math.round(logE * 100) / 100.0;
  }
}
