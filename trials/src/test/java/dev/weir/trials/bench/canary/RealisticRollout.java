// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

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
import dev.weir.analysis.sequential.SliceCounts;
import dev.weir.snapshot.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// A rollout nearer to life: several weights one after the other, outcomes that are known only when
/// requests end, fast failures by half seconds, a pod with noise of its own. It ends with a revert,
/// with the last step passed, or with a step that is inconclusive.
final class RealisticRollout {
  private static final long SLICE_MILLIS = 5_000;
  private static final long FAST_MILLIS = 500;

  /// A gateway reports a half second with canary failures when its youngest request is older than a
  /// second, with a grace of .1 s and at most .1 s after the previous report. The analysis
  /// evaluates the report as it arrives.
  private static final int TOLD_AFTER_MILLIS = 1_100;

  private static final int SHORTEST_BEAT_MILLIS = 100;

  /// From the decision until no gateway routes to the canary.
  private static final int ACTUATION_MILLIS = 500;

  /// @param scenario what is wrong with the canary
  /// @param weights one for each step
  /// @param lag whether outcomes come when requests end
  /// @param nearer what the traffic has besides
  /// @param apart whether requests of a session count each for itself, as if they were independent
  record Setting(
      CanaryScenario scenario,
      double requestsPerSecond,
      List<Double> weights,
      boolean lag,
      RequestModel.Nearer nearer,
      boolean apart) {
    Setting(
        CanaryScenario scenario,
        double requestsPerSecond,
        List<Double> weights,
        boolean lag,
        RequestModel.Nearer nearer) {
      this(scenario, requestsPerSecond, weights, lag, nearer, false);
    }

    /// How long sessions are waited for.
    long joiningMillis() {
      return nearer.turns() > 1 && !apart ? Telemetry.SESSION_MILLIS : 0;
    }
  }

  private final Setting setting;
  private final AnalysisPlan plan;
  private final RequestModel model;
  private final List<Cohort> open = new ArrayList<>();
  private long served;
  private long failed;

  RealisticRollout(Setting setting, AnalysisPlan plan, long seed) {
    this.setting = setting;
    this.plan = plan;
    model =
        new RequestModel(
                setting.scenario(), setting.requestsPerSecond(), new SplittableRandom(seed))
            .nearer(setting.nearer());
  }

  SimulatedRollout.Result play() {
    CanaryAnalysis analysis = CanaryAnalysis.start(plan, BaselineSeed.none());
    long slice = 0;
    for (int step = 0; step < setting.weights().size(); step++) {
      double weight = setting.weights().get(step);
      analysis.beginStep(step, weight, slice * SLICE_MILLIS);
      Verdict verdict = new Verdict.Continue(List.of());
      while (!(verdict instanceof Verdict.Promote)) {
        LookResult lookResult = lookResult(analysis, slice++, weight);
        verdict = lookResult.verdict();
        int seconds = (int) (slice * SLICE_MILLIS / 1000);
        if (verdict instanceof Verdict.Revert revert) {
          return result(Optional.of(revert), OptionalInt.of(seconds), OptionalInt.empty());
        }
        if (verdict instanceof Verdict.Inconclusive) {
          return result(Optional.empty(), OptionalInt.empty(), OptionalInt.empty());
        }
      }
    }
    int seconds = (int) (slice * SLICE_MILLIS / 1000);
    return result(Optional.empty(), OptionalInt.empty(), OptionalInt.of(seconds));
  }

  private SimulatedRollout.Result result(
      Optional<Verdict.Revert> revert, OptionalInt reverted, OptionalInt advanced) {
    return new SimulatedRollout.Result(
        revert.map(Verdict.Revert::metric), reverted, advanced, served, failed);
  }

  private LookResult lookResult(CanaryAnalysis analysis, long slice, double weight) {
    List<Observation> seen = new ArrayList<>(1_500);
    model.slice(weight, seen);
    List<Observation> requests = seen.stream().flatMap(RealisticRollout::requests).toList();
    served += requests.stream().filter(RealisticRollout::isCanary).count();
    failed += requests.stream().filter(o -> isCanary(o) && hasFailed(o)).count();
    long start = slice * SLICE_MILLIS;
    long now = start + SLICE_MILLIS;
    List<Observation> units =
        setting.apart()
            ? requests.stream().map(o -> o.withSessionRequests(List.of())).toList()
            : seen;
    open.add(
        new Cohort(
            "sim/" + slice,
            slice,
            start,
            now,
            weight,
            now,
            now + setting.joiningMillis(),
            Stratum.CLIENTS,
            units));
    LookResult lookResult =
        analysis.lookResult(
            open.stream().map(c -> asKnown(c, now)).toList(), fast(slice, weight, units), now);
    open.removeIf(cohort -> lookResult.done().contains(cohort.id()));
    return lookResult;
  }

  private static Stream<Observation> requests(Observation unit) {
    return Stream.concat(Stream.of(unit), unit.sessionRequests().stream());
  }

  /// Requests that have not ended by now are pending still; a slice's arrivals are taken to lie in
  /// its middle.
  private Cohort asKnown(Cohort cohort, long nowMillis) {
    if (!setting.lag()) {
      return cohort.withReportedUntil(
          setting.joiningMillis() > 0 ? nowMillis : Cohort.ALL_REPORTED);
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
        cohort.sessionsEndMillis(),
        cohort.stratum(),
        known);
  }

  private static Observation asKnown(Observation seen, long micros) {
    if (seen.endedMicros().orElse(0) <= micros) {
      return seen;
    }
    return seen.ttftMicros().orElse(Long.MAX_VALUE) <= micros
        ? Observation.streaming(seen.arm(), seen.ttftMicros().getAsLong())
        : Observation.pending(seen.arm());
  }

  private static List<FastSlice> fast(long slice, double weight, List<Observation> seen) {
    long start = slice * SLICE_MILLIS;
    return List.of(new FastSlice(slice, start, start + SLICE_MILLIS, weight, counts(seen)));
  }

  /// Requests of each version and the failed ones among them; cut streams are no failures here.
  static SliceCounts counts(List<Observation> seen) {
    long canary = seen.stream().filter(RealisticRollout::isCanary).count();
    long canaryFailed = seen.stream().filter(o -> isCanary(o) && hasFailed(o)).count();
    long baselineFailed = seen.stream().filter(o -> !isCanary(o) && hasFailed(o)).count();
    return new SliceCounts(canaryFailed, canary, baselineFailed, seen.size() - canary);
  }

  /// An outage in the middle of a healthy rollout, seen by fast failures alone: how many first
  /// attempts fail until gateways route away from it.
  static long failedInOutage(
      double requestsPerSecond, double weight, AnalysisPlan plan, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    CanaryAnalysis analysis = CanaryAnalysis.start(plan, BaselineSeed.none());
    analysis.beginStep(0, weight, 0);
    double canaryPerMilli = requestsPerSecond * weight / 1000;
    int outage = 120 + random.nextInt(40);
    double healthyMillis = FAST_MILLIS * random.nextDouble();
    long failures = 0;
    for (int window = 0; ; window++) {
      boolean before = window < outage;
      double healthy = before ? FAST_MILLIS : window > outage ? 0 : healthyMillis;
      long well = poisson(random, canaryPerMilli * healthy);
      long struck = poisson(random, canaryPerMilli * (FAST_MILLIS - healthy));
      long baseline = poisson(random, (requestsPerSecond / 1000 - canaryPerMilli) * FAST_MILLIS);
      failures += struck;
      SliceCounts counts =
          new SliceCounts(
              binomial(random, well) + struck, well + struck, binomial(random, baseline), baseline);
      long end = (window + 1) * FAST_MILLIS;
      FastSlice told = new FastSlice(window, end - FAST_MILLIS, end, weight, counts);
      LookResult lookResult =
          analysis.lookResult(List.of(), List.of(told), end + TOLD_AFTER_MILLIS);
      if (lookResult.verdict() instanceof Verdict.Revert) {
        double beat = SHORTEST_BEAT_MILLIS * random.nextDouble();
        return failures
            + poisson(random, canaryPerMilli * (TOLD_AFTER_MILLIS + beat + ACTUATION_MILLIS));
      }
    }
  }

  private static long binomial(SplittableRandom random, long n) {
    long bad = 0;
    for (long i = 0; i < n; i++) {
      bad += random.nextDouble() < .005 ? 1 : 0;
    }
    return bad;
  }

  private static long poisson(SplittableRandom random, double mean) {
    if (mean >= 30) {
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
    }
    double limit = Math.exp(-mean);
    long count = 0;
    for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
      count++;
    }
    return count;
  }

  private static boolean isCanary(Observation seen) {
    return seen.arm() == Arm.CANARY;
  }

  private static boolean hasFailed(Observation seen) {
    return seen.outcome() == Outcome.FAILURE && !seen.truncated();
  }
}
