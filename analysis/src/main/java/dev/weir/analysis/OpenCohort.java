// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.SliceCounts;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The state of a cohort between its first and its last look.
///
/// @param id id of the cohort, to detect a different cohort with the same ordinal
/// @param ordinal position of the cohort
/// @param endMillis end of the cohort
/// @param learnt whether its request durations were learned
/// @param consumed the metrics that have consumed it, with their counts
record OpenCohort(
    String id,
    long ordinal,
    long endMillis,
    boolean learnt,
    Map<ReleaseMetric, Consumption> consumed) {

  /// @param horizonMicros the horizon at which it was evaluated
  /// @param tally the counts
  /// @param late number of records that arrived later
  record Consumption(long horizonMicros, SliceCounts tally, AnalysisEvidence.Late late) {}

  OpenCohort {
    Map<ReleaseMetric, Consumption> copy = new EnumMap<>(ReleaseMetric.class);
    copy.putAll(consumed);
    consumed = Collections.unmodifiableMap(copy);
  }

  static OpenCohort of(Cohort cohort) {
    return new OpenCohort(cohort.id(), cohort.ordinal(), cohort.endMillis(), false, Map.of());
  }

  OpenCohort with(ReleaseMetric metric, Consumption consumption) {
    Map<ReleaseMetric, Consumption> more = new EnumMap<>(ReleaseMetric.class);
    more.putAll(consumed);
    more.put(metric, consumption);
    return new OpenCohort(id, ordinal, endMillis, learnt, more);
  }

  OpenCohort withLearnt() {
    return new OpenCohort(id, ordinal, endMillis, true, consumed);
  }

  /// The horizon of the metrics that wait for the end of a request but not for a grade, once all of
  /// them in `inUse` have consumed the cohort.
  Optional<Long> wholeRequestHorizonMicros(Set<ReleaseMetric> inUse) {
    List<ReleaseMetric> waiting = inUse.stream().filter(OpenCohort::waitsForTheEndAlone).toList();
    return consumed.keySet().containsAll(waiting)
        ? waiting.stream().findFirst().map(consumed::get).map(Consumption::horizonMicros)
        : Optional.empty();
  }

  static boolean waitsForTheEndAlone(ReleaseMetric metric) {
    return metric.waitsForEnd() && !metric.waitsForGrade();
  }

  /// The longest horizon at which any metric evaluated it.
  long longestHorizonMillis() {
    return consumed.values().stream().mapToLong(Consumption::horizonMicros).max().orElse(0) / 1000;
  }
}
