// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.sequential.SliceCounts;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is remembered of a cohort between its first look and its last.
///
/// @param id its id, so that another cohort cannot pass for it
/// @param ordinal its place
/// @param endMillis its end
/// @param learnt whether the whole-request times were taken from it
/// @param consumed by which metrics, and what they saw
record OpenCohort(
    String id,
    long ordinal,
    long endMillis,
    boolean learnt,
    Map<ReleaseMetric, Consumption> consumed) {

  /// @param horizonMicros the horizon it was judged at
  /// @param tally what was counted
  /// @param late how many records have come later
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

  /// The horizon of the metrics that wait for the end of a request and for no grade, once each of
  /// `inUse` that does has consumed it.
  Optional<Long> wholeRequestHorizonMicros(Set<ReleaseMetric> inUse) {
    List<ReleaseMetric> waiting = inUse.stream().filter(OpenCohort::waitsForTheEndAlone).toList();
    return consumed.keySet().containsAll(waiting)
        ? waiting.stream().findFirst().map(consumed::get).map(Consumption::horizonMicros)
        : Optional.empty();
  }

  static boolean waitsForTheEndAlone(ReleaseMetric metric) {
    return metric.waitsForTheEnd() && !metric.waitsForAGrade();
  }

  /// The longest horizon any metric judged it at.
  long longestHorizonMillis() {
    return consumed.values().stream().mapToLong(Consumption::horizonMicros).max().orElse(0) / 1000;
  }
}
