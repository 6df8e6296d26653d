// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.trace;

import java.util.Iterator;
import java.util.SplittableRandom;

/// Endless arrivals with the statistics of the Azure 2023 conversation trace.
///
/// **Source.** Azure/AzurePublicDataset at b469a113, data/AzureLLMInferenceTrace_conv.csv (CC-BY
/// 4.0): 19,366 requests of 16 November 2023 in 3,502 s, 5.53 per second.
///
/// **Arrivals, as fitted.** The trace's counts vary more than Poisson at every scale: variance over
/// mean is 1.39 in windows of 1 s, 3.9 of 10 s, 16.4 of 60 s. Two parts reproduce that:
/// 1. a varying rate: its deviation is 0.22 of the mean in windows of 10 s (the excess over the
///    renewal part) and retains 0.86 of its covariance after 6 windows, 0.68 after 12, 0.27 after
///    60; modelled as a lognormal AR(1) with sigma 0.22 and 0.975 per window;
/// 2. Gamma inter-arrival times within it: squared coefficient of variation 1.055 once divided by
///    the local rate (1.197 raw).
///
/// A window is 55.3 expected requests (10 s of the trace) at any rate: a faster play compresses
/// time, like a speed-up of the recorded trace.
///
/// **Lengths.** Quantile tables of ContextTokens (mean 1,154.7) and GeneratedTokens (mean 211.1),
/// linear between the points; drawn independently (their rank correlation in the trace is 0.07).
final class AzureConversation implements Iterator<Arrival> {
  /// Requests per second of the trace.
  static final double TRACE_RATE = 5.530;

  private static final double WINDOW_REQUESTS = 55.3;
  private static final double RATE_SIGMA = 0.22;
  private static final double RATE_PERSISTENCE = 0.975;
  private static final double GAP_CV_SQUARED = 1.055;

  private static final double[] SHARE = {
    0, .01, .025, .05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7, .75, .8, .85, .9,
    .95, .975, .99, .995, 1
  };
  private static final double[] CONTEXT_TOKENS = {
    2, 29, 120, 181, 207, 372, 387, 396, 403, 414, 703, 984, 1020, 1045, 1071, 1097, 1130, 1189,
    1315, 1876, 2734, 4083, 4092, 4142, 4831, 14_050
  };
  private static final double[] GENERATED_TOKENS = {
    7, 16, 28, 41, 54, 67, 77, 85, 91, 96, 103, 113, 129, 151, 177, 217, 384, 395, 400, 411, 424,
    451, 522, 601, 643, 1000
  };

  private final SplittableRandom random;
  private final double meanGapNanos;
  private double logRate;
  private double untilNextWindow;
  private double atNanos;

  AzureConversation(long seed, double requestsPerSecond) {
    this.random = new SplittableRandom(seed);
    this.meanGapNanos = 1e9 / requestsPerSecond;
    this.logRate = RATE_SIGMA * random.nextGaussian();
    this.untilNextWindow = WINDOW_REQUESTS * meanGapNanos;
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public Arrival next() {
    double gap = gamma(1 / GAP_CV_SQUARED) * GAP_CV_SQUARED * meanGapNanos / rate();
    atNanos += gap;
    untilNextWindow -= gap;
    while (untilNextWindow <= 0) {
      untilNextWindow += WINDOW_REQUESTS * meanGapNanos;
      double innovation = Math.sqrt(1 - RATE_PERSISTENCE * RATE_PERSISTENCE) * RATE_SIGMA;
      logRate = RATE_PERSISTENCE * logRate + innovation * random.nextGaussian();
    }
    return arrival(atNanos, random);
  }

  /// A request with the lengths of the trace.
  static Arrival arrival(double atNanos, SplittableRandom random) {
    int input = quantile(CONTEXT_TOKENS, random.nextDouble());
    int output = quantile(GENERATED_TOKENS, random.nextDouble());
    return new Arrival(Math.round(atNanos), input, output);
  }

  /// The varying rate as a factor with mean 1.
  private double rate() {
    return Math.exp(logRate - RATE_SIGMA * RATE_SIGMA / 2);
  }

  static int quantile(double[] table, double share) {
    int upper = 1;
    while (SHARE[upper] < share) {
      upper++;
    }
    double part = (share - SHARE[upper - 1]) / (SHARE[upper] - SHARE[upper - 1]);
    return (int) Math.round(table[upper - 1] + part * (table[upper] - table[upper - 1]));
  }

  /// A Gamma draw with scale 1 and `shape` below 1: Marsaglia and Tsang (2000) at shape + 1,
  /// reduced with a uniform draw.
  private double gamma(double shape) {
    double d = shape + 1 - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = Math.pow(1 + c * x, 3);
      double u = 1 - random.nextDouble();
      if (v > 0 && Math.log(u) < x * x / 2 + d - d * v + d * Math.log(v)) {
        return d * v * Math.pow(1 - random.nextDouble(), 1 / shape);
      }
    }
  }
}
