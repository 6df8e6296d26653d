// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.CanaryAnalysis;
import dev.weir.analysis.Cohort;
import dev.weir.analysis.LookResult;
import dev.weir.analysis.Verdict;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.Ewma;
import dev.weir.analysis.sequential.LogHistogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/// A simulated rollout of 30 minutes in one step, evaluated every 5 s, after 5 minutes of baseline
/// traffic that seed the analysis. Outcomes are known at the end of their slice, as in the
/// simulation of the specification: add the horizon of the metric and the reaction time of gateways
/// to each time.
final class SimulatedRollout {

  private static final int WARM_UP_SLICES = 60;
  private static final int SLICES = 360;
  private static final long SLICE_MILLIS = 5_000;

  /// @param revertedBy the metric that reverted, if any
  /// @param revertedSeconds when
  /// @param advancedSeconds when promotion was first proven, if it was before any revert
  /// @param canaryServed canary requests until the revert, or in all
  /// @param canaryFailed failed ones among them
  record Result(
      Optional<ReleaseMetric> revertedBy,
      OptionalInt revertedSeconds,
      OptionalInt advancedSeconds,
      long canaryServed,
      long canaryFailed) {}

  private final RequestModel model;
  private final AnalysisPlan plan;
  private final double weight;

  SimulatedRollout(
      CanaryScenario scenario,
      double requestsPerSecond,
      double weight,
      AnalysisPlan plan,
      long seed) {
    model = new RequestModel(scenario, requestsPerSecond, new SplittableRandom(seed));
    if (plan.metrics().containsKey(ReleaseMetric.QUALITY)) {
      model.graded();
    }
    this.plan = plan;
    this.weight = weight;
  }

  Result play() {
    CanaryAnalysis analysis = CanaryAnalysis.start(plan, warmUp());
    analysis.beginStep(1, weight, 0);
    OptionalInt advanced = OptionalInt.empty();
    long served = 0;
    long failed = 0;
    for (int slice = 0; slice < SLICES; slice++) {
      Cohort cohort = next(slice);
      served += cohort.observations().stream().filter(SimulatedRollout::isCanary).count();
      failed += cohort.observations().stream().filter(o -> isCanary(o) && hasFailed(o)).count();
      LookResult lookResult = analysis.lookResult(List.of(cohort), cohort.endMillis());
      int seconds = (int) (cohort.endMillis() / 1000);
      if (lookResult.verdict() instanceof Verdict.Revert revert) {
        return new Result(
            Optional.of(revert.metric()), OptionalInt.of(seconds), advanced, served, failed);
      }
      if (advanced.isEmpty() && lookResult.verdict() instanceof Verdict.Promote) {
        advanced = OptionalInt.of(seconds);
      }
    }
    return new Result(Optional.empty(), OptionalInt.empty(), advanced, served, failed);
  }

  private Cohort next(int slice) {
    List<Observation> seen = new ArrayList<>(1_500);
    model.slice(weight, seen);
    long start = slice * SLICE_MILLIS;
    return new Cohort(
        "sim/" + slice, slice, start, start + SLICE_MILLIS, weight, Cohort.ALL_REPORTED, seen);
  }

  /// What five minutes of traffic tell about the baseline.
  BaselineSeed warmUp() {
    LogHistogram ttft = new LogHistogram();
    LogHistogram itl = new LogHistogram();
    Ewma errors = new Ewma(0);
    Ewma cuts = new Ewma(0);
    Ewma grades = new Ewma(0);
    for (int slice = 0; slice < WARM_UP_SLICES; slice++) {
      List<Observation> seen = new ArrayList<>(1_500);
      model.slice(0, seen);
      ttft.decay(Ewma.DECAY);
      itl.decay(Ewma.DECAY);
      for (Observation o : seen) {
        o.ttftMicros().ifPresent(micros -> ttft.add(Math.log(micros / 1e6)));
        o.meanItlMicros().ifPresent(micros -> itl.add(Math.log(micros / 1e6)));
      }
      long failed = seen.stream().filter(SimulatedRollout::hasFailed).count();
      errors.add((double) failed, (double) seen.size());
      cuts.add(
          (double) seen.stream().filter(Observation::truncated).count(),
          (double) (seen.size() - failed));
      int[] poor =
          seen.stream()
              .filter(o -> o.quality() >= 0)
              .mapToInt(o -> Observation.BEST - o.quality())
              .toArray();
      grades.add((double) Arrays.stream(poor).sum() / Observation.BEST, (double) poor.length);
    }
    return new BaselineSeed(
        Map.of(
            ReleaseMetric.ERROR,
            rate(errors),
            ReleaseMetric.TRUNCATED,
            rate(cuts),
            ReleaseMetric.QUALITY,
            rate(grades)),
        Map.of(ReleaseMetric.TTFT, ttft.buckets(), ReleaseMetric.ITL, itl.buckets()),
        Buckets.empty());
  }

  private static BaselineSeed.Rate rate(Ewma mean) {
    return new BaselineSeed.Rate(mean.state().bad(), mean.state().requests());
  }

  private static boolean isCanary(Observation seen) {
    return seen.arm() == Arm.CANARY;
  }

  private static boolean hasFailed(Observation seen) {
    return seen.outcome() == Outcome.FAILURE && !seen.truncated();
  }
}
