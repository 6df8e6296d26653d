// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.Ewma;
import dev.weir.analysis.sequential.LatencyDetector;
import dev.weir.analysis.sequential.LogHistogram;

/// How long after its arrival a request's outcome is settled, per metric; all predictable, from the
/// deadlines and from baseline data consumed earlier.
///
/// - `error`: the first-token deadline plus a second for the record to arrive; where answers in one
///   piece were asked for, which have no first token, the total deadline and that second;
/// - `ttft`: the largest threshold any of its tests may use, so that waiting longer would change
///   nothing;
/// - `fast_error`: a second;
/// - the others wait for the end of a request: twice the baseline's p99 of whole requests, at most
///   the total deadline;
/// - `quality`: as they, and the time that grades have.
final class Horizons {

  /// How long after its arrival a request may fail fast.
  static final long FAST_MILLIS = 1_000;

  private static final long RECORD_DELAY_MILLIS = 1_000;

  private final AnalysisPlan plan;
  private final LogHistogram endToEnd;

  Horizons(AnalysisPlan plan, Buckets endToEnd) {
    this.plan = plan;
    this.endToEnd = LogHistogram.of(endToEnd);
  }

  /// When errors of a cohort of streams are settled.
  long errorMillis() {
    return plan.firstTokenTimeoutMillis() + RECORD_DELAY_MILLIS;
  }

  /// When errors of a cohort are settled in which answers in one piece were asked for.
  long errorInOnePieceMillis() {
    return plan.totalTimeoutMillis() + RECORD_DELAY_MILLIS;
  }

  long millis(ReleaseMetric metric, Signal signal) {
    return switch (metric) {
      case ERROR -> errorMillis();
      case TTFT ->
          signal instanceof SizeSignal latency
              ? latency
                  .horizonLog()
                  .map(log -> capped(Math.exp(log)))
                  .orElse(plan.firstTokenTimeoutMillis())
              : plan.firstTokenTimeoutMillis();
      case FAST_ERROR -> FAST_MILLIS;
      case TRUNCATED,
          EMPTY,
          REFUSAL,
          INVALID_JSON,
          REPETITION,
          ITL,
          E2E_PER_TOKEN,
          LENGTH_UP,
          LENGTH_DOWN ->
          wholeRequestMillis();
      case QUALITY -> wholeRequestMillis() + plan.gradeMillis();
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

  /// Learns how long the baseline's answers of a cohort took; what was unfinished at the horizon is
  /// entered there, so that the horizon can grow.
  void learn(Cohort cohort, long horizonMicros) {
    endToEnd.decay(Ewma.DECAY);
    for (Observation unit : cohort.observations()) {
      if (unit.arm() == Arm.BASELINE) {
        unit.requests().forEach(seen -> learn(seen, horizonMicros));
      }
    }
  }

  private void learn(Observation seen, long horizonMicros) {
    if (!MetricEvaluator.hasEnded(seen, horizonMicros)) {
      endToEnd.add(Math.log(horizonMicros / 1e6));
    } else if (seen.outcome() == Outcome.SUCCESS && seen.endedMicros().isPresent()) {
      endToEnd.add(Math.log(seen.endedMicros().getAsLong() / 1e6));
    }
  }

  Buckets state() {
    return endToEnd.buckets();
  }
}
