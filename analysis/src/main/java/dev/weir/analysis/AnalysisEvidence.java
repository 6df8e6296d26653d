// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.SliceCounts;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The data behind one decision. [Decisions#decide] reads only this and the plan, so stored
/// evidence can be replayed and printed years later. The JSON form is lossless.
///
/// @param version version of the JSON form
/// @param atMillis time of the look
/// @param step the current step
/// @param weight its canary weight
/// @param stepElapsedMillis time since the start of the step
/// @param releaseElapsedMillis time since the start of the first step, or since the last resume
/// @param alpha the available alpha; below the plan's after a loss of state
/// @param dispersion phi, latency metrics only
/// @param dispersionAssumed whether phi was assumed
/// @param metrics results of each metric in use
/// @param allocation how the router has split the traffic since the last change of its weight
/// @param generated the same for each stratum that is split in halves, since its first request
/// @param agreement agreement of the responses to mirrored requests
/// @param slices number of cohorts, and of cohorts known to be missing
/// @param ramp what decides the next weight of a ramp; empty for fixed steps
/// @param history how the evidence developed, oldest first, a bounded number of samples
public record AnalysisEvidence(
    int version,
    long atMillis,
    int step,
    double weight,
    long stepElapsedMillis,
    long releaseElapsedMillis,
    double alpha,
    double dispersion,
    boolean dispersionAssumed,
    Map<ReleaseMetric, MetricResult> metrics,
    Allocation allocation,
    Map<Stratum, Allocation> generated,
    Agreement agreement,
    Slices slices,
    Optional<Ramp> ramp,
    List<Moment> history) {

  /// The current version of the JSON form.
  public static final int VERSION = 6;

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

  /// Canary requests of this step with a final outcome that is attributable to the version. Most
  /// are not final after one second.
  public long canaryCompletions() {
    return metrics.entrySet().stream()
        .filter(of -> of.getKey() != ReleaseMetric.FAST_ERROR)
        .mapToLong(of -> of.getValue().step().canary())
        .max()
        .orElse(0);
  }

  /// A sample of the evidence, rounded for display.
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
  /// @param harm evidence that the canary is worse than tolerated; never reset during a rollout
  /// @param safe evidence that the canary is not worse than the margin, reset in each step if each
  ///   step has its own proof; all must pass
  /// @param step requests evaluated in this step
  /// @param rollout requests evaluated since the start
  /// @param generated the generated requests among `rollout`
  /// @param late records that arrived after this metric had consumed their cohort
  /// @param quantiles quantiles of both arms in this step, latencies only
  /// @param horizonMillis current time from a request's arrival to a final outcome for this metric
  /// @param dataAgeMillis age of the newest cohort with data for this metric
  /// @param staleAfterMillis the age from which the metric is stale
  /// @param lastCohortId the last cohort that it consumed
  /// @param applies false when it evaluated at least twenty canary requests and applies to none of
  ///   them
  /// @param ungraded responses of the rollout that had no grade when evaluated although they were
  ///   in the graded sample, [ReleaseMetric#QUALITY] only; `rollout` counts those with a grade
  /// @param learnedDivisor divisor of the evidence for noise between replicas, learned so far;
  ///   latencies only
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
      Ungraded ungraded,
      Optional<Double> learnedDivisor) {
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

  /// Evaluated requests, and the bad ones among them. For latencies, bad means slower than the
  /// baseline's p95, plus the tolerance for the canary.
  ///
  /// For a score, `canaryBad` and `baselineBad` are sums of badness in thousandths: bad / all /
  /// 1000 is the mean badness, and 1 minus that is the mean grade.
  public record Judged(long canary, long canaryBad, long baseline, long baselineBad) {
    /// No requests yet.
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

    /// The share of bad requests; for a score, the mean badness in thousandths.
    public double canaryRate() {
      return canary == 0 ? 0 : (double) canaryBad / canary;
    }

    /// As [#canaryRate].
    public double baselineRate() {
      return baseline == 0 ? 0 : (double) baselineBad / baseline;
    }
  }

  /// Records that arrived too late to count.
  public record Late(long canary, long baseline) {}

  /// Responses in the graded sample that got no grade in time.
  public record Ungraded(long canary, long baseline) {
    /// None.
    public static final Ungraded NONE = new Ungraded(0, 0);

    Ungraded plus(Ungraded more) {
      return new Ungraded(canary + more.canary, baseline + more.baseline);
    }
  }

  /// Both arms in milliseconds; absent while an arm has no data.
  public record Quantile(
      double q, Optional<Double> canaryMillis, Optional<Double> baselineMillis) {}

  /// @param canary requests routed to the canary since the weight last changed
  /// @param baseline requests routed to the baseline since then
  /// @param logE current evidence against the configured weight
  /// @param peakLogE its highest value since then, so that an alarm persists
  /// @param threshold `log(1000)`
  /// @param expectedSinceLastCanary canary requests expected since the last one arrived
  /// @param split the share that the evidence uses: after an alarm the observed one, not the
  ///   configured one
  public record Allocation(
      long canary,
      long baseline,
      double logE,
      double peakLogE,
      double threshold,
      double expectedSinceLastCanary,
      SplitSource split) {}

  /// What decides the next weight of a ramp.
  ///
  /// @param failureBound upper bound of the share of canary requests that fail because of the
  ///   version, in (0, 1]
  /// @param requestsPerSecond client requests of both arms in the last minute
  /// @param twiceAsSlowRefuted whether first tokens are proven not to be twice as slow
  /// @param halfSlowerRefuted whether first tokens are proven not to be 1.5 times as slow
  /// @param suspectedMillis how long a metric has looked harmful without a break
  /// @param sinceDecreaseMillis time since the weight last decreased
  public record Ramp(
      double failureBound,
      double requestsPerSecond,
      boolean twiceAsSlowRefuted,
      boolean halfSlowerRefuted,
      Optional<Long> suspectedMillis,
      Optional<Long> sinceDecreaseMillis) {}

  /// @param consumed cohorts that every metric has consumed
  /// @param open cohorts that at least one metric has yet to consume
  /// @param missing cohorts known to be lost
  public record Slices(long consumed, long open, long missing) {}
}
