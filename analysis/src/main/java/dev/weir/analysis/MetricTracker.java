// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.sequential.SliceCounts;
import java.util.Optional;

/// One metric's way through the cohorts: its tests, its cursor, and what it has counted.
final class MetricTracker {
  /// How long a cohort waits for a gateway that tells nothing; heartbeats come twice a second.
  static final long SILENCE_MILLIS = 10_000;

  /// Canary requests that a metric of some requests looks at before it is taken to have nothing to
  /// say. Metrics that wait for the end of requests look later than others do: without this a step
  /// could be passed before they looked at anything.
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

  /// @param margin of the present step
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

  /// Everything there is to keep.
  ///
  /// @param applies whether there was ever a request that the metric has something to say of
  /// @param passedOver canary requests that it looked at and has nothing to say of, until there is
  ///   one of which it has
  /// @param ungraded requests that were to be graded and had no grade when they were consumed
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

  /// Ordinal of the last consumed cohort, -1 before the first.
  long cursor() {
    return cursor;
  }

  void beginStep(long nowMillis, double margin, boolean weightRaised) {
    if (weightRaised) {
      signal.deposit(CanaryAnalysis.DEPOSIT_ON_NEW_WEIGHT);
    }
    signal.beginStep(margin);
    step = AnalysisEvidence.Judged.NONE;
    lastDataMillis = Math.max(lastDataMillis, nowMillis);
  }

  /// Its horizon as it is now.
  long horizonMillis(Horizons horizons) {
    return horizons.millis(metric, signal);
  }

  /// Whether the next cohort may be consumed: its horizon is over and its gateway has told what
  /// happened until then, or nothing can change any more.
  ///
  /// A gateway that is silent for too long is not waited for: a dead one must not hold up a revert.
  boolean due(Cohort next, long nowMillis, long horizonMillis) {
    long known = Math.min(nowMillis, Math.max(next.toldMillis(), nowMillis - SILENCE_MILLIS));
    return known >= next.joinMillis() + horizonMillis
        || (next.whole(known)
            && next.observations().stream()
                .allMatch(seen -> MetricEvaluator.settled(metric, seen)));
  }

  /// Consumes the next cohort.
  OpenCohort.Consumption consume(
      Cohort next, SplitSource split, boolean inStep, long horizonMillis) {
    long horizonMicros = 1000 * horizonMillis;
    SliceCounts tally = signal.tally(next, horizonMicros);
    AnalysisEvidence.Judged counts = signal.consume(next, horizonMicros, split, inStep);
    ungraded = ungraded.plus(signal.ungraded(next, horizonMicros));
    cursor = next.ordinal();
    lastCohortId = Optional.of(next.id());
    if (tally.canary() + tally.baseline() > 0) {
      lastDataMillis = Math.max(lastDataMillis, next.endMillis());
      applies = true;
    }
    if (!applies) {
      passedOver += next.observations().stream().filter(seen -> seen.arm() == Arm.CANARY).count();
    }
    rollout = rollout.plus(counts);
    generated = next.stratum().generated() ? generated.plus(counts) : generated;
    if (inStep) {
      step = step.plus(counts);
    }
    return new OpenCohort.Consumption(horizonMicros, tally, new AnalysisEvidence.Late(0, 0));
  }

  /// Compares a consumed cohort with what is known of it now, and counts what came too late.
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

  /// @param horizonMillis as it is now
  /// @param joiningMillis how long sessions are waited for now
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
        // A healthy metric's newest data is already one horizon and one slice old.
        3 * (horizonMillis + plan.sliceMillis()) + joiningMillis,
        lastCohortId,
        applies || passedOver < FEWEST_PASSED_OVER,
        ungraded);
  }
}
