// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import dev.weir.analysis.Calibration;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.ComparedQuantiles;
import dev.weir.analysis.sequential.PodNoise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Measures, as control does before a rollout, what pods with private noise differ by: four of them
/// for half an hour, each with the canary's traffic.
final class Noise {
  private static final int PODS = 4;
  private static final int BATCHES = 15;
  private static final int BATCH_SECONDS = 120;
  private static final int SAMPLE = 200_000;
  private static final double TTFT_SIGMA = .6;
  private static final double ITL_SIGMA = .2;
  private static final double ITL_SHARE = .3;

  private final SplittableRandom random;
  private final RequestModel.Nearer noise;

  private Noise(RequestModel.Nearer noise, long seed) {
    this.noise = noise;
    random = new SplittableRandom(seed);
  }

  static Calibration calibrated(
      RequestModel.Nearer noise, double requestsPerSecond, double weight, long seed) {
    Noise measured = new Noise(noise, seed);
    int perSecond = (int) Math.max(1, Math.round(requestsPerSecond * weight));
    List<Double> ttft = measured.phi(perSecond, TTFT_SIGMA, 1);
    List<Double> itl = measured.phi(perSecond, ITL_SIGMA, ITL_SHARE);
    return new Calibration(
        Map.of(
            ReleaseMetric.TTFT,
            ttft,
            ReleaseMetric.ITL,
            itl,
            ReleaseMetric.E2E_PER_TOKEN,
            larger(ttft, itl)),
        weight,
        false);
  }

  private static List<Double> larger(List<Double> one, List<Double> other) {
    List<Double> larger = new ArrayList<>();
    for (int i = 0; i < one.size(); i++) {
      larger.add(Math.max(one.get(i), other.get(i)));
    }
    return larger;
  }

  private List<Double> phi(int perSecond, double sigma, double share) {
    double[] thresholds = thresholds(sigma, share);
    double[] own = new double[PODS];
    List<PodNoise.Batch> batches = new ArrayList<>();
    for (int batch = 0; batch < BATCHES; batch++) {
      long[][] exceeding = new long[PODS][thresholds.length];
      for (int second = 0; second < BATCH_SECONDS; second++) {
        for (int pod = 0; pod < PODS; pod++) {
          own[pod] = wandered(own[pod]);
          count(perSecond, sigma, share * own[pod], thresholds, exceeding[pod]);
        }
      }
      List<PodNoise.Pod> pods = new ArrayList<>();
      for (long[] counts : exceeding) {
        pods.add(
            new PodNoise.Pod(
                (long) perSecond * BATCH_SECONDS, Arrays.stream(counts).boxed().toList()));
      }
      batches.add(PodNoise.batch(pods));
    }
    return PodNoise.phi(ComparedQuantiles.LATENCY, batches);
  }

  private double wandered(double log) {
    double keeps = Math.exp(-1 / noise.noiseSeconds());
    return keeps * log + noise.noiseSd() * Math.sqrt(1 - keeps * keeps) * random.nextGaussian();
  }

  private void count(int n, double sigma, double shift, double[] thresholds, long[] exceeding) {
    for (int i = 0; i < n; i++) {
      double log = shift + sigma * random.nextGaussian();
      for (int q = 0; q < thresholds.length; q++) {
        exceeding[q] += log > thresholds[q] ? 1 : 0;
      }
    }
  }

  private double[] thresholds(double sigma, double share) {
    double wide = Math.hypot(sigma, share * noise.noiseSd());
    double[] sample =
        random.doubles(SAMPLE).map(u -> wide * random.nextGaussian()).sorted().toArray();
    return ComparedQuantiles.LATENCY.harm().stream()
        .mapToDouble(q -> sample[(int) (q * (SAMPLE - 1))])
        .toArray();
  }
}
