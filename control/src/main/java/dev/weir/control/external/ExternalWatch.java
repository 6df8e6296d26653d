// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import dev.weir.model.ReleaseSpec.ExternalMetric;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/// Takes the external measurements of all live rollouts, each on a thread of its own and one at a
/// time per metric, so that a slow provider delays no other. Counts begin anew with each step, with
/// each resume, and with each start of the program.
public final class ExternalWatch {
  private final MetricProvider probe;
  private final Executor threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Watched> rollouts = new HashMap<>();

  /// One rollout's step.
  private record Watched(long stepMillis, Map<String, Series> series) {}

  private static final class Series {
    private MeasurementCounts tally = MeasurementCounts.NONE;
    private long dueMillis;
    private boolean asking;
  }

  /// @param threads where measurements are taken: they block
  public ExternalWatch(MetricProvider probe, Executor threads) {
    this.probe = probe;
    this.threads = threads;
  }

  /// How the metrics stand now, and takes the measurements that are due.
  ///
  /// @param stepMillis when the step began: names it
  public List<ExternalMetricResult> look(
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
    boolean enough = metric.count().isPresent() && series.tally.measured() >= metric.count().get();
    if (!series.asking && !enough && nowMillis >= series.dueMillis) {
      series.asking = true;
      series.dueMillis = nowMillis + metric.interval().toMillis();
      threads.execute(() -> ask(metric, series));
    }
    return series.tally.result(metric);
  }

  private void ask(ExternalMetric metric, Series series) {
    Measurement measured = probe.measure(metric);
    lock.lock();
    try {
      series.tally = series.tally.add(measured);
      series.asking = false;
    } finally {
      lock.unlock();
    }
  }

  /// Forgets a rollout that is over.
  public void forget(String rollout) {
    lock.lock();
    try {
      rollouts.remove(rollout);
    } finally {
      lock.unlock();
    }
  }
}
