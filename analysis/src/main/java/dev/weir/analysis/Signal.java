// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.SliceCounts;
import java.util.List;
import java.util.Optional;

/// The tests of one metric, both sides; it consumes one cohort at a time.
sealed interface Signal permits RateSignal, SizeSignal {

  /// Resets the displayed quantiles, and the safe side unless its proof continues.
  ///
  /// @param margin margin of this step; a test of another margin starts again
  /// @param proofContinues whether evidence of earlier steps counts
  void beginStep(double margin, boolean proofContinues);

  /// Pays out part of the harm side's reserve on a change of weight.
  void deposit(double fraction);

  /// Consumes one cohort and evaluates each request as of the horizon.
  AnalysisEvidence.Judged consume(
      Cohort cohort, long horizonMicros, SplitSource split, boolean inStep);

  /// Requests of each arm that the metric counts in a cohort, and the bad ones where badness needs
  /// no threshold (for a score, all that count). Later updates are compared with it.
  SliceCounts tally(Cohort cohort, long horizonMicros);

  /// Requests of a cohort in the graded sample without a grade at the horizon.
  AnalysisEvidence.Ungraded ungraded(Cohort cohort, long horizonMicros);

  double harmLogE();

  List<AnalysisEvidence.Safe> safe(double threshold);

  List<AnalysisEvidence.Quantile> quantiles();

  /// See [AnalysisPlan#slowdowns]; natural logs of the e-values against each slowdown.
  List<Double> slowdownLogE();

  /// The learned dispersion divisor; empty if it is not learned.
  Optional<Double> learnedDivisor();

  State state();

  /// The persistent state of a signal.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = RateSignal.State.class, name = "rate"),
    @JsonSubTypes.Type(value = SizeSignal.State.class, name = "latency")
  })
  sealed interface State permits RateSignal.State, SizeSignal.State {}

  static Signal start(ReleaseMetric metric, AnalysisPlan plan, BaselineSeed seed) {
    return switch (metric.kind()) {
      case RATE, SCORE -> RateSignal.start(metric, plan, seed);
      case LATENCY, LENGTH -> SizeSignal.start(metric, plan, seed);
    };
  }

  /// @param margin margin of the current step
  static Signal restore(ReleaseMetric metric, AnalysisPlan plan, double margin, State state) {
    return switch (state) {
      case RateSignal.State rate -> new RateSignal(metric, plan, margin, rate);
      case SizeSignal.State size -> new SizeSignal(metric, plan, margin, size);
    };
  }
}
