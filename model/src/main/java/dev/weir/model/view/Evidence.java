// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.value.Default;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// The evidence for one decision about a Rollout; never deleted.
///
/// @param sequence 1, 2, 3 ... within the rollout
/// @param step index of the step in which it was decided, -1 before the first
/// @param weight canary weight at that time, in percent
/// @param verdict `Promote`, `Revert`, `Inconclusive`, `Hold`, `Guard`, `Manual`
/// @param reason one sentence for people
/// @param decidedBy metrics or guards that caused the decision
/// @param flags data-quality remarks, for example `dispersion assumed 15`
/// @param replay the plan and the data as the analysis module recorded them: the same data
///   reproduces the same decision
/// @param history how the evidence developed, oldest first, a bounded number of samples
/// @param summary the decision and its facts in one sentence without statistics; computed when it
///   is read, never stored
/// @param words the metrics in words; computed when they are read, never stored
public record Evidence(
    String rollout,
    int sequence,
    Instant at,
    int step,
    double weight,
    String verdict,
    String reason,
    @Default("[]") List<String> decidedBy,
    @Default("[]") List<MetricEvidence> metrics,
    @Default("[]") List<String> flags,
    @Default("") String replay,
    @Default("[]") List<Moment> history,
    @Default("") String summary,
    @Default("[]") List<MetricWords> words) {
  // Stored evidence has no words.
  public Evidence {
    decidedBy = List.copyOf(decidedBy);
    metrics = List.copyOf(metrics);
    flags = List.copyOf(flags);
    history = List.copyOf(history);
    summary = summary == null ? "" : summary;
    words = words == null ? List.of() : List.copyOf(words);
  }

  /// Evidence without words.
  public Evidence(
      String rollout,
      int sequence,
      Instant at,
      int step,
      double weight,
      String verdict,
      String reason,
      List<String> decidedBy,
      List<MetricEvidence> metrics,
      List<String> flags,
      String replay,
      List<Moment> history) {
    this(
        rollout, sequence, at, step, weight, verdict, reason, decidedBy, metrics, flags, replay,
        history, "", List.of());
  }

  /// A copy with words.
  public Evidence withWords(String sentence, List<MetricWords> described) {
    return new Evidence(
        rollout, sequence, at, step, weight, verdict, reason, decidedBy, metrics, flags, replay,
        history, sentence, described);
  }

  /// Evidence without a history.
  public Evidence(
      String rollout,
      int sequence,
      Instant at,
      int step,
      double weight,
      String verdict,
      String reason,
      List<String> decidedBy,
      List<MetricEvidence> metrics,
      List<String> flags,
      String replay) {
    this(
        rollout, sequence, at, step, weight, verdict, reason, decidedBy, metrics, flags, replay,
        List.of());
  }

  /// One metric's numbers.
  ///
  /// @param canaryBad failed requests; for `quality`, the sum of the differences to the best grade,
  ///   in thousandths
  /// @param canaryValue the metric on the canary (a rate, the mean grade, or the median latency or
  ///   length)
  /// @param harmLogE natural log of the evidence for harm; the release reverts at `harmThreshold`
  /// @param safeLogE the smallest natural log of the evidence for safety; the metric passes at
  ///   `safeThreshold`
  /// @param action what happens on proven harm: `rollback`, `hold` or `warn`
  /// @param dryRun whether the metric does not affect decisions
  /// @param kind what the values are: `rate` (fractions of one), `latency` (seconds), `length`
  ///   (output tokens) or `score` (mean grades from 0 to 1); empty if unknown
  public record MetricEvidence(
      String metric,
      boolean gating,
      long canaryCount,
      long canaryBad,
      long baselineCount,
      long baselineBad,
      double canaryValue,
      double baselineValue,
      double tolerance,
      double margin,
      double harmLogE,
      double harmThreshold,
      double safeLogE,
      double safeThreshold,
      @Default("rollback") String action,
      @Default("false") boolean dryRun,
      @Default("") String kind) {
    // Stored evidence of a previous version has no kind.
    public MetricEvidence {
      kind = kind == null ? "" : kind;
    }

    /// A metric of unknown kind that affects decisions and reverts on harm.
    public MetricEvidence(
        String metric,
        boolean gating,
        long canaryCount,
        long canaryBad,
        long baselineCount,
        long baselineBad,
        double canaryValue,
        double baselineValue,
        double tolerance,
        double margin,
        double harmLogE,
        double harmThreshold,
        double safeLogE,
        double safeThreshold) {
      this(
          metric,
          gating,
          canaryCount,
          canaryBad,
          baselineCount,
          baselineBad,
          canaryValue,
          baselineValue,
          tolerance,
          margin,
          harmLogE,
          harmThreshold,
          safeLogE,
          safeThreshold,
          "rollback",
          false,
          "");
    }

    /// A copy with a kind.
    public MetricEvidence withKind(String newKind) {
      return new MetricEvidence(
          metric,
          gating,
          canaryCount,
          canaryBad,
          baselineCount,
          baselineBad,
          canaryValue,
          baselineValue,
          tolerance,
          margin,
          harmLogE,
          harmThreshold,
          safeLogE,
          safeThreshold,
          action,
          dryRun,
          newKind);
    }
  }

  /// A sample of the evidence: natural logs, rounded to hundredths.
  ///
  /// @param harm by metric
  /// @param safe the smallest by metric
  public record Moment(Instant at, int step, Map<String, Double> harm, Map<String, Double> safe) {
    public Moment {
      harm = Map.copyOf(harm);
      safe = Map.copyOf(safe);
    }
  }
}
