// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.ComparedQuantiles;
import dev.weir.analysis.sequential.LatencyDetector;
import dev.weir.analysis.sequential.LogHistogram;
import dev.weir.analysis.sequential.PodNoise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The differences between the replicas of one version, in batches of 2 min. Only sums are kept, of
/// at most the last hour. Thresholds are the quantiles of the version at the start of a batch.
///
/// A batch counts if at least four replicas had traffic.
final class PodHistory {
  static final long BATCH_MILLIS = 120_000;

  /// The minimum for a result: 30 min of batches.
  static final int MIN_BATCHES = 15;

  private static final int MAX_BATCHES = 30;
  private static final int MIN_PODS = 4;
  private static final int MAX_PODS = 64;
  private static final int MIN_REQUESTS = 10;
  private static final ComparedQuantiles SHAPE = ComparedQuantiles.LATENCY;

  private final List<StoredBatch> batches = new ArrayList<>();
  private final Map<String, Map<ReleaseMetric, Tally>> pods = new HashMap<>();
  private Map<ReleaseMetric, List<Integer>> thresholds = Map.of();
  private long startMillis;

  /// One stored batch.
  record StoredBatch(long endMillis, Map<ReleaseMetric, PodNoise.Batch> byMetric) {}

  private static final class Tally {
    private final long[] exceeding = new long[SHAPE.harm().size()];
    private long requests;

    void add(Map<Integer, Long> histogram, List<Integer> thresholds) {
      histogram.forEach((bucket, count) -> {
        requests += count;
        for (int i = 0; i < exceeding.length; i++) {
          exceeding[i] += bucket > thresholds.get(i) ? count : 0;
        }
      });
    }

    PodNoise.Pod pod() {
      List<Long> counts = new ArrayList<>();
      for (long count : exceeding) {
        counts.add(count);
      }
      return new PodNoise.Pod(requests, counts);
    }
  }

  PodHistory() {}

  PodHistory(List<StoredBatch> kept) {
    batches.addAll(kept);
  }

  List<StoredBatch> kept() {
    return List.copyOf(batches);
  }

  /// Adds recent latencies of a replica.
  void add(String replica, Map<Integer, Long> ttft, Map<Integer, Long> itl) {
    if (thresholds.isEmpty() || (!pods.containsKey(replica) && pods.size() >= MAX_PODS)) {
      return;
    }
    Map<ReleaseMetric, Tally> tallies =
        pods.computeIfAbsent(replica, _ -> new EnumMap<ReleaseMetric, Tally>(ReleaseMetric.class));
    add(tallies, ReleaseMetric.TTFT, ttft);
    add(tallies, ReleaseMetric.ITL, itl);
  }

  private void add(
      Map<ReleaseMetric, Tally> tallies, ReleaseMetric metric, Map<Integer, Long> histogram) {
    List<Integer> of = thresholds.get(metric);
    if (of != null) {
      tallies.computeIfAbsent(metric, _ -> new Tally()).add(histogram, of);
    }
  }

  /// Ends the batch if its time is over, and starts one with the current quantiles of the version.
  void rotate(long nowMillis, LogHistogram ttft, LogHistogram itl) {
    if (nowMillis - startMillis < BATCH_MILLIS) {
      return;
    }
    if (nowMillis - startMillis < 2 * BATCH_MILLIS) {
      close(nowMillis);
    }
    pods.clear();
    startMillis = nowMillis;
    thresholds = new EnumMap<>(ReleaseMetric.class);
    quantiles(ttft).ifPresent(of -> thresholds.put(ReleaseMetric.TTFT, of));
    quantiles(itl).ifPresent(of -> thresholds.put(ReleaseMetric.ITL, of));
  }

  private static Optional<List<Integer>> quantiles(LogHistogram histogram) {
    if (histogram.total() < LatencyDetector.MINIMUM_TOTAL) {
      return Optional.empty();
    }
    return Optional.of(
        SHAPE.harm().stream()
            .map(q -> LogHistogram.bucketOf(histogram.quantileLog(q) - LogHistogram.WIDTH / 2))
            .toList());
  }

  private void close(long nowMillis) {
    Map<ReleaseMetric, PodNoise.Batch> byMetric = new EnumMap<>(ReleaseMetric.class);
    for (ReleaseMetric metric : thresholds.keySet()) {
      List<PodNoise.Pod> busy =
          pods.values().stream()
              .flatMap(tallies -> Optional.ofNullable(tallies.get(metric)).stream())
              .map(Tally::pod)
              .filter(pod -> pod.requests() >= MIN_REQUESTS)
              .toList();
      if (busy.size() >= MIN_PODS) {
        byMetric.put(metric, PodNoise.batch(busy));
      }
    }
    if (!byMetric.isEmpty()) {
      batches.add(new StoredBatch(nowMillis, byMetric));
    }
    while (batches.size() > MAX_BATCHES) {
      batches.removeFirst();
    }
  }

  /// The divisors by metric, for metrics with at least 30 min of batches within the last hour.
  Map<ReleaseMetric, List<Double>> phi(long nowMillis) {
    Map<ReleaseMetric, List<Double>> phi = new EnumMap<>(ReleaseMetric.class);
    for (ReleaseMetric metric : List.of(ReleaseMetric.TTFT, ReleaseMetric.ITL)) {
      List<PodNoise.Batch> of =
          batches.stream()
              .filter(kept -> nowMillis - kept.endMillis() <= MAX_BATCHES * BATCH_MILLIS)
              .flatMap(kept -> Optional.ofNullable(kept.byMetric().get(metric)).stream())
              .toList();
      if (of.size() >= MIN_BATCHES) {
        phi.put(metric, PodNoise.phi(SHAPE, of));
      }
    }
    return Collections.unmodifiableMap(phi);
  }
}
