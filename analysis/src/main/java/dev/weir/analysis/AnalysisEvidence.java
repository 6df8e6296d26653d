// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.sequential.SliceCounts;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The numbers one decision is made from: [Decisions#decide] reads nothing else but the plan, so
/// stored evidence can be replayed and printed years later. JSON in and out without loss.
///
/// @param version of this form
/// @param atMillis the moment of the look
/// @param step the current step
/// @param weight its canary weight
/// @param stepElapsedMillis time in the step
/// @param alpha what may be spent; below the plan's after a loss of state
/// @param dispersion phi, latency metrics only
/// @param dispersionAssumed whether phi was assumed
/// @param metrics per metric in use
/// @param allocation how the router split the traffic since its weight last changed
/// @param generated the same of each stratum that is split in halves, since its first request
/// @param agreement of the answers to mirrored requests
/// @param slices how many cohorts there were, and how many are known to be missing
/// @param history how it came about, oldest first, a bounded number of moments
public record AnalysisEvidence(
    int version,
    long atMillis,
    int step,
    double weight,
    long stepElapsedMillis,
    double alpha,
    double dispersion,
    boolean dispersionAssumed,
    Map<ReleaseMetric, MetricResult> metrics,
    Allocation allocation,
    Map<Stratum, Allocation> generated,
    Agreement agreement,
    Slices slices,
    List<Moment> history) {

  /// The current form.
  public static final int VERSION = 5;

  public AnalysisEvidence {
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "evidence has version %d, this program reads version %d".formatted(version, VERSION));
    }
    Map<ReleaseMetric, MetricResult> copy = new EnumMap<>(ReleaseMetric.class);
    copy.putAll(metrics);
    metrics = Collections.unmodifiableMap(copy);
    Map<Stratum, Allocation> strata = new EnumMap<>(Stratum.class);
    strata.putAll(generated);
    generated = Collections.unmodifiableMap(strata);
    history = List.copyOf(history);
  }

  /// The JSON form, which reads back as an equal value.
  public String toJson() {
    return AnalysisState.writeEvidence(this);
  }

  /// Reads [#toJson].
  ///
  /// @throws IllegalArgumentException if it is not evidence in the current form
  public static AnalysisEvidence fromJson(String json) {
    return AnalysisState.readEvidence(json);
  }

  /// Canary requests of this step whose outcome is settled and speaks about the version. After one
  /// second most are not.
  public long canaryCompletions() {
    return metrics.entrySet().stream()
        .filter(of -> of.getKey() != ReleaseMetric.FAST_ERROR)
        .mapToLong(of -> of.getValue().step().canary())
        .max()
        .orElse(0);
  }

  /// Where the evidence stood at a moment, rounded for people.
  ///
  /// @param harm natural log of the evidence for harm, by metric
  /// @param safe the smallest natural log of the evidence for safety, by metric
  public record Moment(
      long atMillis, int step, Map<ReleaseMetric, Double> harm, Map<ReleaseMetric, Double> safe) {
    public Moment {
      harm = Collections.unmodifiableMap(new TreeMap<>(harm));
      safe = Collections.unmodifiableMap(new TreeMap<>(safe));
    }
  }

  /// Evidence on one metric.
  ///
  /// @param harm that the canary is worse than tolerated; never reset during a rollout
  /// @param safe that it is not worse than the margin, fresh in each step; all must pass
  /// @param step requests judged in this step
  /// @param rollout requests judged since the start
  /// @param generated those of `rollout` that no client asked for
  /// @param late records that came after this metric had consumed their cohort
  /// @param quantiles of this step, both arms, latencies only
  /// @param horizonMillis how long after arrival this metric's outcome is settled now
  /// @param dataAgeMillis age of the newest cohort with data for this metric
  /// @param staleAfterMillis the age from which the metric is stale
  /// @param lastCohortId the last cohort it consumed
  /// @param applies false when it looked at twenty canary requests or more and has something to say
  ///   of none
  /// @param ungraded answers of the rollout that were to be graded and had no grade when they were
  ///   judged, [ReleaseMetric#QUALITY] only; those that had one are `rollout`
  public record MetricResult(
      Harm harm,
      List<Safe> safe,
      Judged step,
      Judged rollout,
      Judged generated,
      Late late,
      List<Quantile> quantiles,
      long horizonMillis,
      long dataAgeMillis,
      long staleAfterMillis,
      Optional<String> lastCohortId,
      boolean applies,
      Ungraded ungraded) {
    public MetricResult {
      safe = List.copyOf(safe);
      quantiles = List.copyOf(quantiles);
    }

    public boolean stale() {
      return dataAgeMillis > staleAfterMillis;
    }
  }

  /// @param logE natural log of the e-value
  /// @param threshold `-log(alpha * weight)`
  public record Harm(double logE, double threshold) {
    public boolean crossed() {
      return logE >= threshold;
    }
  }

  /// @param what `rate`, `mean` (of a score), `p50` or `p95`
  /// @param logE natural log of the e-value
  /// @param threshold `-log(beta)`
  public record Safe(String what, double logE, double threshold) {
    public boolean passed() {
      return logE >= threshold;
    }
  }

  /// Requests judged and those found bad (for latencies: slower than the baseline's p95, the canary
  /// after allowing it its tolerance).
  ///
  /// Of a score every request is somewhat bad: `canaryBad` and `baselineBad` are sums of badness in
  /// thousandths, so that bad / all / 1000 is the mean badness, and what that lacks of 1 the mean
  /// grade.
  public record Judged(long canary, long canaryBad, long baseline, long baselineBad) {
    /// Nothing judged yet.
    public static final Judged NONE = new Judged(0, 0, 0, 0);

    static Judged of(SliceCounts counts) {
      return new Judged(
          counts.canary(), counts.canaryBad(), counts.baseline(), counts.baselineBad());
    }

    Judged plus(Judged more) {
      return new Judged(
          canary + more.canary,
          canaryBad + more.canaryBad,
          baseline + more.baseline,
          baselineBad + more.baselineBad);
    }

    boolean any() {
      return canary + baseline > 0;
    }

    /// Bad ones among all; of a score the mean badness in thousandths.
    public double canaryRate() {
      return canary == 0 ? 0 : (double) canaryBad / canary;
    }

    /// As [#canaryRate].
    public double baselineRate() {
      return baseline == 0 ? 0 : (double) baselineBad / baseline;
    }
  }

  /// Records that came too late to count.
  public record Late(long canary, long baseline) {}

  /// Answers that were to be graded and got no grade in time.
  public record Ungraded(long canary, long baseline) {
    /// None.
    public static final Ungraded NONE = new Ungraded(0, 0);

    Ungraded plus(Ungraded more) {
      return new Ungraded(canary + more.canary, baseline + more.baseline);
    }
  }

  /// Arms side by side, in milliseconds; absent while an arm has no data.
  public record Quantile(
      double q, Optional<Double> canaryMillis, Optional<Double> baselineMillis) {}

  /// @param canary requests routed to the canary since the weight last changed
  /// @param baseline requests routed to the baseline since then
  /// @param logE evidence now against the stated weight
  /// @param peakLogE its highest value since then: an alarm does not take itself back
  /// @param threshold `log(1000)`
  /// @param expectedSinceLastCanary canary requests that were due since the last one came
  /// @param split which share the evidence is made with; after an alarm what came, not what was
  ///   said
  public record Allocation(
      long canary,
      long baseline,
      double logE,
      double peakLogE,
      double threshold,
      double expectedSinceLastCanary,
      SplitSource split) {}

  /// @param consumed cohorts every metric has consumed
  /// @param open cohorts some metric is still waiting for
  /// @param missing cohorts known to have been lost
  public record Slices(long consumed, long open, long missing) {}
}
