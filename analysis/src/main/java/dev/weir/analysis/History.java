// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// How the evidence came about: moments at even distances, which double whenever there are too
/// many. For people; nothing is decided by it.
final class History {
  private static final int MOST = 64;

  private long everyMillis;
  private List<Evidence.Moment> moments;

  History(long everyMillis) {
    this(new State(everyMillis, List.of()));
  }

  History(State state) {
    everyMillis = state.everyMillis();
    moments = state.moments();
  }

  record State(long everyMillis, List<Evidence.Moment> moments) {
    State {
      moments = List.copyOf(moments);
    }
  }

  State state() {
    return new State(everyMillis, moments);
  }

  List<Evidence.Moment> moments() {
    return moments;
  }

  void add(long atMillis, int step, Map<Metric, Evidence.OfMetric> metrics) {
    boolean due = moments.isEmpty() || atMillis >= moments.getLast().atMillis() + everyMillis;
    if (!due) {
      return;
    }
    List<Evidence.Moment> more = new ArrayList<>(moments);
    more.add(moment(atMillis, step, metrics));
    if (more.size() > MOST) {
      everyMillis *= 2;
      more = everySecond(more);
    }
    moments = List.copyOf(more);
  }

  private static List<Evidence.Moment> everySecond(List<Evidence.Moment> all) {
    List<Evidence.Moment> kept = new ArrayList<>();
    for (int i = 0; i < all.size(); i += 2) {
      kept.add(all.get(i));
    }
    return kept;
  }

  private static Evidence.Moment moment(
      long atMillis, int step, Map<Metric, Evidence.OfMetric> metrics) {
    Map<Metric, Double> harm = new EnumMap<>(Metric.class);
    Map<Metric, Double> safe = new EnumMap<>(Metric.class);
    metrics.forEach((metric, of) -> {
      harm.put(metric, shown(of.harm().logE()));
      safe.put(metric, shown(of.safe().stream().mapToDouble(Evidence.Safe::logE).min().orElse(0)));
    });
    return new Evidence.Moment(atMillis, step, harm, safe);
  }

  private static double shown(double logE) {
    return Math.round(logE * 100) / 100.0;
  }
}
