// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.AnalysisEvidence;
import dev.weir.analysis.AnalysisEvidence.MetricResult;
import dev.weir.analysis.AnalysisEvidence.Ramp;
import dev.weir.analysis.Forecast;
import dev.weir.analysis.HoldReason;
import dev.weir.analysis.Verdict;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ProgressTracker;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.control.summary.ReleaseFacts;
import dev.weir.control.summary.ReleaseFacts.Measured;
import dev.weir.control.summary.ReleaseSummary;
import dev.weir.control.telemetry.BaselineStore;
import dev.weir.model.Rollout;
import dev.weir.model.release.Stages;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.view.SummaryView;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Collects the facts of a release and summarises them.
final class ReleaseSummaries {
  private static final double SURE = Math.log(20);
  private static final Set<RolloutPhase> MEASURED =
      EnumSet.of(RolloutPhase.PROGRESSING, RolloutPhase.PAUSED, RolloutPhase.PROMOTING);

  private final EvidenceStore evidence;
  private final AnalysisRunner runner;
  private final BaselineStore baselines;
  private final ProgressTracker progress;
  private final ControlClock clock;

  ReleaseSummaries(
      EvidenceStore evidence,
      AnalysisRunner runner,
      BaselineStore baselines,
      ProgressTracker progress,
      ControlClock clock) {
    this.evidence = evidence;
    this.runner = runner;
    this.baselines = baselines;
    this.progress = progress;
    this.clock = clock;
  }

  SummaryView of(Rollout stored) {
    Rollout rollout = progress.of(stored).map(stored::withMessage).orElse(stored);
    Optional<AnalysisResult> latest =
        MEASURED.contains(rollout.status().phase()) ? runner.last(rollout) : Optional.empty();
    return ReleaseSummary.of(
        new ReleaseFacts(
            rollout,
            Stages.of(rollout.spec()),
            evidence.of(rollout),
            latest.map(result -> measured(rollout, result)),
            latest.flatMap(result -> expectedEnd(rollout, result)),
            clock.now()));
  }

  private static Measured measured(Rollout rollout, AnalysisResult result) {
    return new Measured(
        EvidenceMapper.latest(rollout, result),
        failureBound(result),
        result.look().verdict() instanceof Verdict.Hold(List<HoldReason> reasons)
            ? reasons.stream().map(ReleaseSummaries::describe).distinct().toList()
            : List.of());
  }

  /// On a ramp the bound of all failures together, otherwise the margin that errors are proven to
  /// keep.
  private static Optional<Double> failureBound(AnalysisResult result) {
    return result.look().evidence().ramp().map(Ramp::failureBound).or(() -> errorMargin(result));
  }

  private static Optional<Double> errorMargin(AnalysisResult result) {
    AnalysisEvidence evidence = result.look().evidence();
    return Optional.ofNullable(evidence.metrics().get(ReleaseMetric.ERROR))
        .map(MetricResult::safe)
        .filter(safe -> !safe.isEmpty())
        .filter(safe -> safe.stream().allMatch(proof -> proof.logE() >= SURE))
        .map(_ -> result.plan().metric(ReleaseMetric.ERROR, evidence.step()).margin());
  }

  private static String describe(HoldReason reason) {
    return switch (reason.kind()) {
      case SAMPLE_RATIO_MISMATCH -> "the requests were not split as the weight demands";
      case NO_CANARY_TRAFFIC -> "no request reaches the new version";
      case DATA_QUALITY -> "results are missing or late";
      case STALE -> "no new results arrive";
      case HARM, EXTERNAL_HARM, EXTERNAL_NO_DATA, EXTERNAL_ERROR -> reason.detail();
    };
  }

  /// The forecast of a ramp at the traffic of the last minute.
  private Optional<Instant> expectedEnd(Rollout rollout, AnalysisResult result) {
    AnalysisEvidence now = result.look().evidence();
    String service = rollout.metadata().namespace() + "/" + rollout.spec().service();
    return now.ramp()
        .map(Ramp::requestsPerSecond)
        .flatMap(rate ->
            new Forecast(
                    result.plan(), baselines.seed(service, rollout.spec().from().toString()), rate)
                .rampSeconds())
        .map(seconds ->
            Instant.ofEpochMilli(
                now.atMillis() - now.releaseElapsedMillis() + Math.round(1000 * seconds)));
  }
}
