// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.MetricEvaluator;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.ProofScope;
import dev.weir.analysis.sequential.SliceCounts;
import java.util.List;
import java.util.Optional;

/// The progress of one metric through the cohorts: its tests, its cursor and its counts.
final class MetricTracker {
  /// How long a cohort waits for a silent gateway; heartbeats arrive twice a second.
  static final long SILENCE_MILLIS = 10_000;

  /// Canary requests that a metric must examine before it counts as not applicable. Metrics that
  /// wait for the end of requests examine them later than others: without this minimum, a step
  /// could pass before they examine any request.
  static final int FEWEST_PASSED_OVER = 20;

  private final ReleaseMetric metric;
  private final AnalysisPlan plan;
  private final Signal signal;
  private long cursor = -1;
  private Optional<String> lastCohortId = Optional.empty();
  private long lastDataMillis;
  private AnalysisEvidence.Judged step = AnalysisEvidence.Judged.NONE;
  private AnalysisEvidence.Judged rollout = AnalysisEvidence.Judged.NONE;
  private AnalysisEvidence.Judged generated = AnalysisEvidence.Judged.NONE;
  private AnalysisEvidence.Late late = new AnalysisEvidence.Late(0, 0);
  private boolean applies;
  private long passedOver;
  private AnalysisEvidence.Ungraded ungraded = AnalysisEvidence.Ungraded.NONE;

  MetricTracker(ReleaseMetric metric, AnalysisPlan plan, BaselineSeed seed) {
    this.metric = metric;
    this.plan = plan;
    signal = Signal.start(metric, plan, seed);
  }

  /// @param margin margin of the current step
  MetricTracker(ReleaseMetric metric, AnalysisPlan plan, double margin, State state) {
    this.metric = metric;
    this.plan = plan;
    signal = Signal.restore(metric, plan, margin, state.signal());
    cursor = state.cursor();
    lastCohortId = state.lastCohortId();
    lastDataMillis = state.lastDataMillis();
    step = state.step();
    rollout = state.rollout();
    generated = state.generated();
    late = state.late();
    applies = state.applies();
    passedOver = state.passedOver();
    ungraded = state.ungraded();
  }

  /// The persistent state.
  ///
  /// @param applies whether the metric applied to any request so far
  /// @param passedOver canary requests to which it did not apply, counted until the first to which
  ///   it applies
  /// @param ungraded requests in the graded sample without a grade when consumed
  record State(
      long cursor,
      Optional<String> lastCohortId,
      long lastDataMillis,
      AnalysisEvidence.Judged step,
      AnalysisEvidence.Judged rollout,
      AnalysisEvidence.Judged generated,
      AnalysisEvidence.Late late,
      boolean applies,
      long passedOver,
      AnalysisEvidence.Ungraded ungraded,
      Signal.State signal) {}

  State state() {
    return new State(
        cursor,
        lastCohortId,
        lastDataMillis,
        step,
        rollout,
        generated,
        late,
        applies,
        passedOver,
        ungraded,
        signal.state());
  }

  ReleaseMetric metric() {
    return metric;
  }

  /// Natural logs of the e-values against each slowdown.
  List<Double> slowdownLogE() {
    return signal.slowdownLogE();
  }

  /// Ordinal of the last consumed cohort, -1 before the first.
  long cursor() {
    return cursor;
  }

  void beginStep(long nowMillis, double margin, boolean weightRaised) {
    if (weightRaised) {
      signal.deposit(CanaryAnalysis.depositOnNewWeight(plan));
    }
    signal.beginStep(margin, plan.proof() == ProofScope.RELEASE);
    step = AnalysisEvidence.Judged.NONE;
    lastDataMillis = Math.max(lastDataMillis, nowMillis);
  }

  /// Its current horizon.
  long horizonMillis(Horizons horizons) {
    return horizons.millis(metric, signal);
  }

  /// Whether the next cohort can be consumed: its horizon has passed and its gateway has reported
  /// up to that time, or its outcomes are final.
  ///
  /// A cohort does not wait for a gateway that is silent for too long, because a dead gateway must
  /// not delay a revert.
  boolean due(Cohort next, long nowMillis, long horizonMillis) {
    long known =
        Math.min(nowMillis, Math.max(next.reportedUntilMillis(), nowMillis - SILENCE_MILLIS));
    return known >= next.sessionsEndMillis() + horizonMillis
        || (next.isComplete(known)
            && next.observations().stream()
                .allMatch(observation -> MetricEvaluator.settled(metric, observation)));
  }

  /// Consumes the next cohort.
  ///
  /// @param inStep whether it counts for the present step
  OpenCohort.Consumption consume(
      Cohort next, SplitSource split, boolean inStep, long horizonMillis) {
    long horizonMicros = 1000 * horizonMillis;
    SliceCounts tally = signal.tally(next, horizonMicros);
    AnalysisEvidence.Judged counts =
        signal.consume(next, horizonMicros, split, inStep || plan.proof() == ProofScope.RELEASE);
    ungraded = ungraded.plus(signal.ungraded(next, horizonMicros));
    cursor = next.ordinal();
    lastCohortId = Optional.of(next.id());
    if (tally.canary() + tally.baseline() > 0) {
      lastDataMillis = Math.max(lastDataMillis, next.endMillis());
      applies = true;
    }
    if (!applies) {
      passedOver +=
          next.observations().stream()
              .filter(observation -> observation.arm() == Arm.CANARY)
              .count();
    }
    rollout = rollout.plus(counts);
    generated = next.stratum().generated() ? generated.plus(counts) : generated;
    if (inStep) {
      step = step.plus(counts);
    }
    return new OpenCohort.Consumption(horizonMicros, tally, new AnalysisEvidence.Late(0, 0));
  }

  /// Compares a consumed cohort with its current outcomes, and counts late records.
  OpenCohort.Consumption recheck(Cohort amended, OpenCohort.Consumption before) {
    SliceCounts now = signal.tally(amended, before.horizonMicros());
    SliceCounts then = before.tally();
    long canary = differing(then.canary(), then.canaryBad(), now.canary(), now.canaryBad());
    long baseline =
        differing(then.baseline(), then.baselineBad(), now.baseline(), now.baselineBad());
    AnalysisEvidence.Late all =
        new AnalysisEvidence.Late(
            Math.max(canary, before.late().canary()), Math.max(baseline, before.late().baseline()));
    late =
        new AnalysisEvidence.Late(
            late.canary() + all.canary() - before.late().canary(),
            late.baseline() + all.baseline() - before.late().baseline());
    return new OpenCohort.Consumption(before.horizonMicros(), then, all);
  }

  private static long differing(long all, long bad, long allNow, long badNow) {
    return Math.max(Math.abs(allNow - all), Math.abs(badNow - bad));
  }

  /// @param horizonMillis the current horizon
  /// @param joiningMillis how long cohorts currently wait for sessions
  AnalysisEvidence.MetricResult evidence(
      double alpha, long horizonMillis, long joiningMillis, long nowMillis) {
    return new AnalysisEvidence.MetricResult(
        new AnalysisEvidence.Harm(
            signal.harmLogE(), Decisions.harmThreshold(alpha, plan.metric(metric))),
        signal.safe(Decisions.safeThreshold(plan)),
        step,
        rollout,
        generated,
        late,
        signal.quantiles(),
        horizonMillis,
        Math.max(0, nowMillis - lastDataMillis),
        // Even the newest data of a healthy metric is one horizon and one slice old.
        3 * (horizonMillis + plan.sliceMillis()) + joiningMillis,
        lastCohortId,
        applies || passedOver < FEWEST_PASSED_OVER,
        ungraded,
        signal.learnedDivisor());
  }
}
