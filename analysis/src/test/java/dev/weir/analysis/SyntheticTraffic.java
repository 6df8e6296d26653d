// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.LogHistogram;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;

/// Made-up requests for tests: lognormal latencies, everything from a seed.
final class SyntheticTraffic {

  static final long SLICE_MILLIS = 5_000;

  private final RandomGenerator random;
  private final double rho;
  private final int perSlice;
  private Stratum stratum = Stratum.CLIENTS;
  private double errors = .005;
  private double canaryErrors = .005;
  private double canarySlowdown = 1;
  private double canaryItlSlowdown = 1;
  private double canaryTruncated;

  SyntheticTraffic(long seed, double rho, int perSlice) {
    random = new Random(seed);
    this.rho = rho;
    this.perSlice = perSlice;
  }

  SyntheticTraffic of(Stratum others) {
    stratum = others;
    return this;
  }

  /// Of both arms.
  SyntheticTraffic errors(double rate) {
    errors = rate;
    canaryErrors = rate;
    return this;
  }

  SyntheticTraffic canaryErrors(double rate) {
    canaryErrors = rate;
    return this;
  }

  SyntheticTraffic canarySlowdown(double factor) {
    canarySlowdown = factor;
    return this;
  }

  SyntheticTraffic canaryItlSlowdown(double factor) {
    canaryItlSlowdown = factor;
    return this;
  }

  SyntheticTraffic canaryTruncated(double rate) {
    canaryTruncated = rate;
    return this;
  }

  /// The cohort that begins `ordinal` slices after time 0, everything ended.
  Cohort cohort(long ordinal) {
    List<Observation> seen = new ArrayList<>();
    for (int i = 0; i < perSlice; i++) {
      seen.add(request(random.nextDouble() < rho ? Arm.CANARY : Arm.BASELINE));
    }
    return cohort(ordinal, seen);
  }

  Cohort cohort(long ordinal, List<Observation> seen) {
    long start = ordinal * SLICE_MILLIS;
    return new Cohort(
        "gw-1/boot-1/1/" + ordinal,
        ordinal,
        start,
        start + SLICE_MILLIS,
        rho,
        Cohort.ALL_REPORTED,
        stratum,
        seen);
  }

  private Observation request(Arm arm) {
    boolean canary = arm == Arm.CANARY;
    long ttft = lognormal(.35, .6, canary ? canarySlowdown : 1);
    long itl = lognormal(.03, .2, canary ? canaryItlSlowdown : 1);
    long ended = ttft + itl * (20 + random.nextInt(200));
    if (random.nextDouble() < (canary ? canaryErrors : errors)) {
      return Observation.ended(arm, Outcome.FAILURE, 5_000);
    }
    return random.nextDouble() < (canary ? canaryTruncated : 0)
        ? Observation.truncated(arm, ttft, itl, ended)
        : Observation.success(arm, ttft, itl, ended);
  }

  private long lognormal(double median, double sigma, double factor) {
    return Math.round(1e6 * factor * median * Math.exp(sigma * random.nextGaussian()));
  }

  /// Five minutes of this traffic's baseline.
  BaselineSeed seed() {
    LogHistogram ttft = new LogHistogram();
    LogHistogram itl = new LogHistogram();
    LogHistogram whole = new LogHistogram();
    for (int i = 0; i < 20_000; i++) {
      Observation seen = request(Arm.BASELINE);
      if (seen.outcome() == Outcome.SUCCESS) {
        add(ttft, seen.ttftMicros().orElseThrow());
        add(itl, seen.meanItlMicros().orElseThrow());
        add(whole, seen.endedMicros().orElseThrow());
      }
    }
    return new BaselineSeed(
        Map.of(ReleaseMetric.ERROR, new BaselineSeed.Rate(100, 20_000)),
        Map.of(ReleaseMetric.TTFT, ttft.buckets(), ReleaseMetric.ITL, itl.buckets()),
        whole.buckets());
  }

  /// A baseline of which everything takes `seconds`, so that horizons are known.
  static BaselineSeed constant(double seconds) {
    LogHistogram one = new LogHistogram();
    one.add(Math.log(seconds), 1_000);
    Buckets same = one.buckets();
    return new BaselineSeed(
        Map.of(), Map.of(ReleaseMetric.TTFT, same, ReleaseMetric.ITL, same), same);
  }

  private static void add(LogHistogram histogram, long micros) {
    histogram.add(Math.log(micros / 1e6));
  }
}
