// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.MetricEvaluator;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.Ewma;
import dev.weir.analysis.sequential.LatencyDetector;
import dev.weir.analysis.sequential.LogHistogram;

/// The time after arrival at which a request's outcome is final, per [ReleaseMetric.Horizon]. All
/// horizons are predictable: they depend on the deadlines and on earlier baseline data.
///
/// - `FAST`: one second;
/// - `FIRST_TOKEN_DEADLINE`: the first-token deadline plus a second for the record to arrive; for
///   responses that are not streamed, which have no first token, the total deadline plus that
///   second;
/// - `LARGEST_THRESHOLD`: the largest threshold of any of its tests, so that waiting longer has no
///   effect;
/// - `END_OF_REQUEST`: twice the baseline's p99 of whole requests, at most the total deadline;
/// - `GRADE`: as `END_OF_REQUEST`, plus the time limit for grades.
final class Horizons {

  /// Time after arrival within which a failure counts as fast.
  static final long FAST_MILLIS = 1_000;

  private static final long RECORD_DELAY_MILLIS = 1_000;

  private final AnalysisPlan plan;
  private final LogHistogram endToEnd;

  Horizons(AnalysisPlan plan, Buckets endToEnd) {
    this.plan = plan;
    this.endToEnd = LogHistogram.of(endToEnd);
  }

  /// Horizon of errors for a cohort of streams.
  long errorMillis() {
    return plan.firstTokenTimeoutMillis() + RECORD_DELAY_MILLIS;
  }

  /// Horizon of errors for a cohort with responses that are not streamed.
  long errorInOnePieceMillis() {
    return plan.totalTimeoutMillis() + RECORD_DELAY_MILLIS;
  }

  long millis(ReleaseMetric metric, Signal signal) {
    return switch (metric.horizon()) {
      case FAST -> FAST_MILLIS;
      case FIRST_TOKEN_DEADLINE -> errorMillis();
      case LARGEST_THRESHOLD ->
          signal instanceof SizeSignal latency
              ? latency
                  .horizonLog()
                  .map(log -> capped(Math.exp(log)))
                  .orElse(plan.firstTokenTimeoutMillis())
              : plan.firstTokenTimeoutMillis();
      case END_OF_REQUEST -> wholeRequestMillis();
      case GRADE -> wholeRequestMillis() + plan.gradeMillis();
    };
  }

  private long wholeRequestMillis() {
    return endToEnd.total() >= LatencyDetector.MINIMUM_TOTAL
        ? capped(2 * Math.exp(endToEnd.quantileLog(.99)))
        : plan.totalTimeoutMillis();
  }

  private long capped(double seconds) {
    return Math.min(plan.totalTimeoutMillis(), (long) Math.ceil(1000 * seconds));
  }

  /// Learns the durations of a cohort's baseline requests. Unfinished requests count with the
  /// horizon, so that the horizon can grow.
  void learn(Cohort cohort, long horizonMicros) {
    endToEnd.decay(Ewma.DECAY);
    for (Observation unit : cohort.observations()) {
      if (unit.arm() == Arm.BASELINE) {
        unit.requests().forEach(observation -> learn(observation, horizonMicros));
      }
    }
  }

  private void learn(Observation observation, long horizonMicros) {
    if (!MetricEvaluator.hasEnded(observation, horizonMicros)) {
      endToEnd.add(Math.log(horizonMicros / 1e6));
    } else if (observation.outcome() == Outcome.SUCCESS && observation.endedMicros().isPresent()) {
      endToEnd.add(Math.log(observation.endedMicros().getAsLong() / 1e6));
    }
  }

  Buckets state() {
    return endToEnd.buckets();
  }
}
