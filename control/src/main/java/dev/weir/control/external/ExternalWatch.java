// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import dev.weir.model.spec.ReleaseSpec.ExternalMetric;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/// Takes the external measurements of all live rollouts, each on its own thread and one at a time
/// per metric, so that a slow provider does not delay the others. The counts restart with each
/// step, each resume, and each start of the process.
public final class ExternalWatch {
  private final MetricProvider probe;
  private final Executor threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Watched> rollouts = new HashMap<>();

  /// The current step of one rollout.
  private record Watched(long stepMillis, Map<String, Series> series) {}

  private static final class Series {
    private MeasurementCounts counts = MeasurementCounts.NONE;
    private long dueMillis;
    private boolean measuring;
  }

  /// @param threads run the measurements, which block
  public ExternalWatch(MetricProvider probe, Executor threads) {
    this.probe = probe;
    this.threads = threads;
  }

  /// Returns the current results of the metrics, and starts the measurements that are due.
  ///
  /// @param stepMillis the start of the step, which identifies it
  public List<ExternalMetricResult> poll(
      String rollout, long stepMillis, List<ExternalMetric> metrics, long nowMillis) {
    lock.lock();
    try {
      Watched watched = rollouts.get(rollout);
      if (watched == null || watched.stepMillis() != stepMillis) {
        watched = new Watched(stepMillis, new HashMap<>());
        rollouts.put(rollout, watched);
      }
      Map<String, Series> series = watched.series();
      return metrics.stream()
          .map(metric ->
              result(metric, series.computeIfAbsent(metric.name(), _ -> new Series()), nowMillis))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  private ExternalMetricResult result(ExternalMetric metric, Series series, long nowMillis) {
    boolean enough = metric.count().isPresent() && series.counts.measured() >= metric.count().get();
    if (!series.measuring && !enough && nowMillis >= series.dueMillis) {
      series.measuring = true;
      series.dueMillis = nowMillis + metric.interval().toMillis();
      threads.execute(() -> measure(metric, series));
    }
    return series.counts.result(metric);
  }

  private void measure(ExternalMetric metric, Series series) {
    Measurement measured = probe.measure(metric);
    lock.lock();
    try {
      series.counts = series.counts.add(measured);
      series.measuring = false;
    } finally {
      lock.unlock();
    }
  }

  /// Removes a rollout that has ended.
  public void forget(String rollout) {
    lock.lock();
    try {
      rollouts.remove(rollout);
    } finally {
      lock.unlock();
    }
  }
}
