// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.CanaryAnalysis;
import dev.weir.analysis.Cohort;
import dev.weir.analysis.FastSlice;
import dev.weir.analysis.LookResult;
import dev.weir.analysis.Stratum;
import dev.weir.analysis.Verdict;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.proof.RampPlan;
import dev.weir.analysis.sequential.SliceCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/// A release with the default policy from its first request to its verdict: the ramp, with weights
/// that the evidence decides.
final class RampRollout {
  private static final long SLICE_MILLIS = 5_000;
  private static final List<Double> WEIGHTS = List.of(.01, .02, .05, .10, .20, .35, .50);
  private static final long LIMIT_MILLIS = 12 * 3_600_000L;

  private final AnalysisPlan plan;
  private final RequestModel model;
  private long served;
  private long failed;

  RampRollout(
      CanaryScenario scenario,
      double requestsPerSecond,
      RequestModel.Nearer noise,
      AnalysisPlan plan,
      long seed) {
    this.plan = plan;
    model = new RequestModel(scenario, requestsPerSecond, new SplittableRandom(seed)).nearer(noise);
  }

  /// The default plan at a request rate: a release starts at the smallest weight that gives the
  /// canary a request about every ten seconds.
  static AnalysisPlan plan(double requestsPerSecond) {
    List<Double> weights = WEIGHTS.stream().filter(w -> requestsPerSecond * w >= .1).toList();
    return AnalysisPlan.defaults()
        .withRamp(new RampPlan(weights, 30_000, 20, 6_500))
        .withMaxDuration(LIMIT_MILLIS);
  }

  SimulatedRollout.Result play() {
    List<Double> weights = plan.ramp().orElseThrow().weights();
    CanaryAnalysis analysis = CanaryAnalysis.start(plan, BaselineSeed.none());
    int step = 0;
    analysis.beginStep(step, weights.get(step), 0);
    for (long slice = 0; ; slice++) {
      long now = (slice + 1) * SLICE_MILLIS;
      Verdict verdict = look(analysis, slice, weights.get(step)).verdict();
      int seconds = (int) (now / 1000);
      switch (verdict) {
        case Verdict.Climb climb -> {
          step = climb.to();
          analysis.beginStep(step, weights.get(step), now);
        }
        case Verdict.StepDown _ -> {
          step--;
          analysis.beginStep(step, weights.get(step), now);
        }
        case Verdict.Continue _, Verdict.Hold _ -> {}
        case Verdict.Revert revert -> {
          return new SimulatedRollout.Result(
              Optional.of(revert.metric()),
              OptionalInt.of(seconds),
              OptionalInt.empty(),
              served,
              failed);
        }
        case Verdict.Promote _ -> {
          return new SimulatedRollout.Result(
              Optional.empty(), OptionalInt.empty(), OptionalInt.of(seconds), served, failed);
        }
        case Verdict.Inconclusive _ -> {
          return new SimulatedRollout.Result(
              Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), served, failed);
        }
      }
    }
  }

  private LookResult look(CanaryAnalysis analysis, long slice, double weight) {
    List<Observation> seen = new ArrayList<>(1_500);
    model.slice(weight, seen);
    long start = slice * SLICE_MILLIS;
    long end = start + SLICE_MILLIS;
    SliceCounts counts = RealisticRollout.counts(seen);
    served += counts.canary();
    failed += counts.canaryBad();
    Cohort cohort =
        new Cohort(
            "sim/" + slice, slice, start, end, weight, Cohort.ALL_REPORTED, Stratum.CLIENTS, seen);
    FastSlice fast = new FastSlice(slice, start, end, weight, counts);
    return analysis.lookResult(List.of(cohort), List.of(fast), end);
  }
}
