// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.strata;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.CanaryAnalysis;
import dev.weir.analysis.Cohort;
import dev.weir.analysis.FastSlice;
import dev.weir.analysis.LookResult;
import dev.weir.analysis.Stratum;
import dev.weir.analysis.Verdict;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.RampPlan;
import dev.weir.analysis.sequential.SliceCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One simulated release with the default policy, after five minutes of baseline traffic that warm
/// the caches.
final class Release {
  private static final long SLICE_MILLIS = 5_000;
  private static final int WARM_UP_SLICES = 60;
  private static final List<Double> WEIGHTS = List.of(.01, .02, .05, .10, .20, .35, .50);
  private static final long LIMIT_MILLIS = 12 * 3_600_000L;
  private static final long FAST_MICROS = 1_000_000;

  /// How it ended.
  enum End {
    PROMOTED,
    REVERTED,
    INCONCLUSIVE
  }

  /// @param by the metric that reverted it
  /// @param seconds since its first request
  /// @param served canary requests
  /// @param cut canary streams that were cut
  record Result(End end, Optional<ReleaseMetric> by, long seconds, long served, long cut) {}

  private final Scenario scenario;
  private final List<Double> weights;
  private final AnalysisPlan plan;
  private final PromptTraffic traffic;
  private final List<Cohort> open = new ArrayList<>();
  private long served;
  private long cut;

  Release(Scenario scenario, double requestsPerSecond, long seed) {
    this.scenario = scenario;
    weights = WEIGHTS.stream().filter(w -> requestsPerSecond * w >= .1).toList();
    plan =
        AnalysisPlan.defaults()
            .withRamp(new RampPlan(weights, 30_000, 20, 6_500))
            .withMaxDuration(LIMIT_MILLIS);
    traffic = new PromptTraffic(scenario, requestsPerSecond, seed);
  }

  Result play() {
    for (int i = 0; i < WARM_UP_SLICES; i++) {
      traffic.slice(0, new ArrayList<>());
    }
    CanaryAnalysis analysis = CanaryAnalysis.start(plan, BaselineSeed.none());
    int step = 0;
    analysis.beginStep(step, weights.get(step), 0);
    for (long slice = 0; ; slice++) {
      long now = (slice + 1) * SLICE_MILLIS;
      switch (look(analysis, slice, weights.get(step)).verdict()) {
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
          return ended(End.REVERTED, Optional.of(revert.metric()), now);
        }
        case Verdict.Promote _ -> {
          return ended(End.PROMOTED, Optional.empty(), now);
        }
        case Verdict.Inconclusive _ -> {
          return ended(End.INCONCLUSIVE, Optional.empty(), now);
        }
      }
    }
  }

  private Result ended(End end, Optional<ReleaseMetric> by, long nowMillis) {
    return new Result(end, by, nowMillis / 1000, served, cut);
  }

  private LookResult look(CanaryAnalysis analysis, long slice, double weight) {
    List<Observation> seen = new ArrayList<>(1_500);
    traffic.slice(weight, seen);
    long start = slice * SLICE_MILLIS;
    long end = start + SLICE_MILLIS;
    served += seen.stream().filter(Release::ofCanary).count();
    cut += seen.stream().filter(of -> ofCanary(of) && of.truncated()).count();
    open.add(
        new Cohort(
            "sim/" + slice, slice, start, end, weight, Cohort.ALL_REPORTED, Stratum.CLIENTS, seen));
    FastSlice fast = new FastSlice(slice, start, end, weight, fastCounts(seen));
    List<Cohort> known = open.stream().map(cohort -> asKnown(cohort, end)).toList();
    LookResult result = analysis.lookResult(known, List.of(fast), end);
    open.removeIf(cohort -> result.done().contains(cohort.id()));
    return result;
  }

  private Cohort asKnown(Cohort cohort, long nowMillis) {
    if (!scenario.late()) {
      return cohort;
    }
    long micros = 1_000 * (nowMillis - (cohort.startMillis() + cohort.endMillis()) / 2);
    List<Observation> known =
        cohort.observations().stream().map(seen -> asKnown(seen, micros)).toList();
    return new Cohort(
        cohort.id(),
        cohort.ordinal(),
        cohort.startMillis(),
        cohort.endMillis(),
        cohort.rho(),
        nowMillis,
        cohort.stratum(),
        known);
  }

  private static Observation asKnown(Observation seen, long micros) {
    if (seen.endedMicros().orElse(0) <= micros) {
      return seen;
    }
    return seen.ttftMicros().orElse(Long.MAX_VALUE) <= micros
        ? Observation.streaming(seen.arm(), seen.ttftMicros().getAsLong())
            .withPrefillTokens(seen.prefillTokens())
        : Observation.pending(seen.arm());
  }

  private SliceCounts fastCounts(List<Observation> seen) {
    long[] all = new long[2];
    long[] failed = new long[2];
    for (Observation of : seen) {
      int arm = ofCanary(of) ? 0 : 1;
      boolean counts = of.outcome() == Outcome.FAILURE && (scenario.fastCuts() || !of.truncated());
      all[arm]++;
      failed[arm] += counts && of.endedMicros().orElse(0) <= FAST_MICROS ? 1 : 0;
    }
    return new SliceCounts(failed[0], all[0], failed[1], all[1]);
  }

  private static boolean ofCanary(Observation seen) {
    return seen.arm() == Arm.CANARY;
  }
}
