// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.CanaryAnalysis;
import dev.weir.analysis.Cohort;
import dev.weir.analysis.FastSlice;
import dev.weir.analysis.LookResult;
import dev.weir.analysis.Verdict;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.SliceCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Weir's statistics over a recording, each request known as it was at the moment of the look:
/// twice a second, as telemetry comes.
final class OnSlices {
  private static final long MICROS = 1_000_000;
  private static final long SLICE_MILLIS = 1000L * Slices.SECONDS;
  private static final long LOOK_MILLIS = 500;
  private static final long FAST_TOLD_MILLIS = 1_100;

  private final AnalysisPlan plan;
  private final double weight;
  private final List<ObservedRequest> seen;
  private final List<Long> open = new ArrayList<>();

  private OnSlices(AnalysisPlan plan, double weight, List<ObservedRequest> seen) {
    this.plan = plan;
    this.weight = weight;
    this.seen = seen;
  }

  /// @param seconds until it reverts
  record Reverted(ReleaseMetric metric, double seconds) {}

  /// Whether and when it reverts within that time.
  static Optional<Reverted> reverts(
      AnalysisPlan plan, double weight, List<ObservedRequest> seen, int seconds) {
    return new OnSlices(plan, weight, seen).play(seconds);
  }

  private Optional<Reverted> play(int seconds) {
    CanaryAnalysis analysis = CanaryAnalysis.start(plan, BaselineSeed.none());
    analysis.beginStep(0, weight, 0);
    for (long now = LOOK_MILLIS; now <= 1000L * seconds; now += LOOK_MILLIS) {
      if (now % SLICE_MILLIS == 0) {
        open.add(now / SLICE_MILLIS - 1);
      }
      LookResult lookResult = analysis.lookResult(cohorts(now), fast(now), now);
      open.removeIf(slice -> lookResult.done().contains(id(slice)));
      if (lookResult.verdict() instanceof Verdict.Revert revert) {
        return Optional.of(new Reverted(revert.metric(), now / 1e3));
      }
    }
    return Optional.empty();
  }

  private static String id(long slice) {
    return "slice/" + slice;
  }

  private List<Cohort> cohorts(long now) {
    return open.stream()
        .map(slice ->
            new Cohort(
                id(slice),
                slice,
                slice * SLICE_MILLIS,
                (slice + 1) * SLICE_MILLIS,
                weight,
                now,
                Slices.between(
                        seen, (double) slice * Slices.SECONDS, (slice + 1.0) * Slices.SECONDS)
                    .stream()
                    .map(one -> one.observed(now * 1000))
                    .toList()))
        .toList();
  }

  /// The latest half second that is complete for certain. Evaluations come two times a second, and
  /// the first one after that time gets it.
  private List<FastSlice> fast(long now) {
    long end = now - FAST_TOLD_MILLIS - (now - FAST_TOLD_MILLIS) % LOOK_MILLIS;
    if (end <= 0) {
      return List.of();
    }
    List<ObservedRequest> arrived = Slices.between(seen, (end - LOOK_MILLIS) / 1e3, end / 1e3);
    List<ObservedRequest> canary = Slices.arm(arrived, true);
    List<ObservedRequest> baseline = Slices.arm(arrived, false);
    SliceCounts counts =
        new SliceCounts(failedFast(canary), canary.size(), failedFast(baseline), baseline.size());
    return List.of(new FastSlice(end / LOOK_MILLIS, end - LOOK_MILLIS, end, weight, counts));
  }

  private static long failedFast(List<ObservedRequest> arm) {
    return arm.stream().filter(one -> one.failed() && one.endedMicros() <= MICROS).count();
  }
}
