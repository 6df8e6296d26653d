// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Turns evidence into a verdict by fixed rules in a fixed order. The live analysis and the replay
/// of stored evidence both use it.
///
/// 1. Proven harm on a metric that reverts: `Revert`, with the highest precedence. Metrics that
///    only warn or are on a dry run never affect the verdict.
/// 2. The time of the step, or of the ramp, is over, and promotion is unproven or blocked:
///    `Inconclusive`.
/// 3. On a ramp, a metric has looked harmful for a while: `StepDown`.
/// 4. Unreliable data, or proven harm on a metric that only holds: `Hold`.
/// 5. Below the largest weight of a ramp: `Climb` when the evidence allows it ([RampDecisions]).
/// 6. Enough requests, enough time, and every gating metric proven within its margin: `Promote`.
/// 7. Otherwise `Continue`.
///
/// Rule 2 precedes rule 4, so that a rollout with permanently unreliable data still ends.
public final class Decisions {

  /// Share of late records, or of missing slices, from which the data is unreliable.
  private static final double LATE_LIMIT = .01;

  /// Maximum difference between the arms' shares of ungraded responses.
  private static final double UNGRADED_LIMIT = .05;

  /// Minimum responses due for grading in each arm before these shares are compared.
  private static final long FEWEST_DUE = 50;

  /// Standard deviations up to which a difference of these shares counts as chance. Repeated looks
  /// exceed it occasionally by chance, which only holds the step temporarily.
  private static final double BEYOND_CHANCE = 3;

  /// This many expected canary requests without a single arrival have a probability of e^-10.
  private static final double EXPECTED_LIMIT = 10;

  private Decisions() {}

  /// The verdict that follows from `evidence` under `plan`.
  ///
  /// @throws IllegalArgumentException if the evidence belongs to another plan
  public static Verdict decide(AnalysisEvidence evidence, AnalysisPlan plan) {
    requireSamePlan(evidence, plan);
    List<ReleaseMetric> crossed = crossed(evidence, plan, MetricPlan.Action.REVERT);
    if (!crossed.isEmpty()) {
      ReleaseMetric worst = crossed.getFirst();
      AnalysisEvidence.Harm harm = of(evidence, worst).harm();
      return new Verdict.Revert(worst, harm.logE(), harm.threshold(), crossed);
    }
    List<HoldReason> obstacles = obstacles(evidence, plan);
    List<ReleaseMetric> gating = gating(evidence, plan);
    List<String> lacking = lacking(evidence, plan, gating);
    boolean climbing = plan.ramp().filter(ramp -> !ramp.top(evidence.step())).isPresent();
    if (overdue(evidence, plan) && (climbing || !(obstacles.isEmpty() && lacking.isEmpty()))) {
      return new Verdict.Inconclusive(reason(obstacles, lacking, plan));
    }
    Optional<Verdict> decrease =
        evidence.ramp().flatMap(ramp -> RampDecisions.decrease(evidence, ramp, plan));
    if (decrease.isPresent()) {
      return decrease.get();
    }
    if (!obstacles.isEmpty()) {
      return new Verdict.Hold(obstacles);
    }
    if (climbing && evidence.ramp().isPresent()) {
      return RampDecisions.below(evidence, evidence.ramp().get(), plan);
    }
    return lacking.isEmpty()
        ? new Verdict.Promote(evidence.step(), gating)
        : new Verdict.Continue(lacking);
  }

  /// Whether the time of the step is over; a ramp has one time limit for all its weights.
  public static boolean overdue(AnalysisEvidence evidence, AnalysisPlan plan) {
    return plan.ramp().isPresent()
        ? evidence.releaseElapsedMillis() >= plan.maxDurationMillis().orElse(Long.MAX_VALUE)
        : evidence.stepElapsedMillis() >= plan.maxStepDurationMillis();
  }

  /// `-log(alpha * weight)`: weighted Bonferroni over metrics, valid for any dependence between
  /// them.
  public static double harmThreshold(double alpha, MetricPlan metric) {
    return -Math.log(alpha * metric.weight());
  }

  /// `-log(beta)`: all gating metrics must pass, so no correction is needed.
  public static double safeThreshold(AnalysisPlan plan) {
    return -Math.log(plan.beta());
  }

  private static List<ReleaseMetric> crossed(
      AnalysisEvidence evidence, AnalysisPlan plan, MetricPlan.Action action) {
    return plan.metrics().keySet().stream()
        .filter(m -> plan.metric(m).triggers(action) && of(evidence, m).harm().crossed())
        .sorted(Comparator.comparingDouble(m -> -beyond(of(evidence, m).harm())))
        .toList();
  }

  private static double beyond(AnalysisEvidence.Harm harm) {
    return harm.logE() - harm.threshold();
  }

  private static List<HoldReason> obstacles(AnalysisEvidence evidence, AnalysisPlan plan) {
    List<HoldReason> found = new ArrayList<>();
    for (ReleaseMetric metric : crossed(evidence, plan, MetricPlan.Action.HOLD)) {
      found.add(new HoldReason(HoldReason.Kind.HARM, metric + " is worse than tolerated"));
    }
    addAllocation(found, Stratum.CLIENTS, evidence.allocation());
    evidence.generated().forEach((stratum, of) -> addAllocation(found, stratum, of));
    addMissing(found, evidence.slices());
    for (ReleaseMetric metric : plan.metrics().keySet()) {
      addMetric(found, metric, of(evidence, metric), gates(metric, evidence, plan));
      if (plan.metric(metric, evidence.step()).decides()) {
        addUngraded(found, metric, of(evidence, metric));
      }
    }
    return found;
  }

  private static void addAllocation(
      List<HoldReason> found, Stratum stratum, AnalysisEvidence.Allocation allocation) {
    String what = stratum.description();
    if (allocation.peakLogE() >= allocation.threshold()) {
      found.add(
          new HoldReason(
              HoldReason.Kind.SAMPLE_RATIO_MISMATCH,
              ("%d canary and %d baseline %s do not match the weight (log e %s);"
                      + " the analysis uses the observed split")
                  .formatted(
                      allocation.canary(),
                      allocation.baseline(),
                      what,
                      show(allocation.peakLogE()))));
    }
    if (allocation.expectedSinceLastCanary() >= EXPECTED_LIMIT) {
      found.add(
          new HoldReason(
              HoldReason.Kind.NO_CANARY_TRAFFIC,
              "%s canary %s expected, none arrived"
                  .formatted(show(allocation.expectedSinceLastCanary()), what)));
    }
  }

  private static void addMissing(List<HoldReason> found, AnalysisEvidence.Slices slices) {
    long all = slices.consumed() + slices.open() + slices.missing();
    if (slices.missing() > LATE_LIMIT * all) {
      found.add(
          new HoldReason(
              HoldReason.Kind.DATA_QUALITY,
              "%d of %d slices are missing".formatted(slices.missing(), all)));
    }
  }

  private static void addMetric(
      List<HoldReason> found,
      ReleaseMetric metric,
      AnalysisEvidence.MetricResult of,
      boolean gating) {
    AnalysisEvidence.Late late = of.late();
    if (late.canary() > LATE_LIMIT * of.rollout().canary()
        || late.baseline() > LATE_LIMIT * of.rollout().baseline()) {
      found.add(
          new HoldReason(
              HoldReason.Kind.DATA_QUALITY,
              "%s: %d canary and %d baseline records arrived late"
                  .formatted(metric, late.canary(), late.baseline())));
    }
    boolean hadData = of.rollout().canary() + of.rollout().baseline() > 0;
    if (gating && of.stale() && (hadData || !metric.mayNotApply())) {
      found.add(
          new HoldReason(
              HoldReason.Kind.STALE,
              "%s: no data for %d ms".formatted(metric, of.dataAgeMillis())));
    }
  }

  // If one arm is graded less often, the grades cover different requests; the hardest may be
  // missing. A hold needs fifty due responses in each arm and a difference beyond chance.
  private static void addUngraded(
      List<HoldReason> found, ReleaseMetric metric, AnalysisEvidence.MetricResult of) {
    AnalysisEvidence.Ungraded without = of.ungraded();
    long canary = of.rollout().canary() + without.canary();
    long baseline = of.rollout().baseline() + without.baseline();
    if (Math.min(canary, baseline) < FEWEST_DUE) {
      return;
    }
    double differ =
        Math.abs((double) without.canary() / canary - (double) without.baseline() / baseline);
    double share = (double) (without.canary() + without.baseline()) / (canary + baseline);
    double chance = Math.sqrt(share * (1 - share) * (1.0 / canary + 1.0 / baseline));
    if (differ > Math.max(UNGRADED_LIMIT, BEYOND_CHANCE * chance)) {
      found.add(
          new HoldReason(
              HoldReason.Kind.DATA_QUALITY,
              "%s: %d of %d canary and %d of %d baseline answers got no grade"
                  .formatted(metric, without.canary(), canary, without.baseline(), baseline)));
    }
  }

  private static List<String> lacking(
      AnalysisEvidence evidence, AnalysisPlan plan, List<ReleaseMetric> gating) {
    List<String> lacking = new ArrayList<>();
    if (evidence.stepElapsedMillis() < plan.minStepDurationMillis()) {
      lacking.add(
          "time in step %d of %d s"
              .formatted(evidence.stepElapsedMillis() / 1000, plan.minStepDurationMillis() / 1000));
    }
    if (evidence.canaryCompletions() < plan.minimumCanaryCompletions()) {
      lacking.add(
          "canary completions %d of %d"
              .formatted(evidence.canaryCompletions(), plan.minimumCanaryCompletions()));
    }
    for (ReleaseMetric metric : gating) {
      of(evidence, metric).safe().stream()
          .filter(safe -> !safe.passed())
          .map(safe -> proof(metric, safe))
          .forEach(lacking::add);
    }
    return lacking;
  }

  private static String proof(ReleaseMetric metric, AnalysisEvidence.Safe safe) {
    return "%s %s: log e %s of %s"
        .formatted(metric, safe.what(), show(safe.logE()), show(safe.threshold()));
  }

  /// The metrics that the current step waits for.
  public static List<ReleaseMetric> gating(AnalysisEvidence evidence, AnalysisPlan plan) {
    return plan.metrics().keySet().stream().filter(m -> gates(m, evidence, plan)).toList();
  }

  // Without JSON requests, there is nothing to prove about JSON.
  private static boolean gates(ReleaseMetric metric, AnalysisEvidence evidence, AnalysisPlan plan) {
    boolean speaks = of(evidence, metric).applies() || !metric.mayNotApply();
    return plan.metric(metric, evidence.step()).gates() && speaks;
  }

  /// Metrics that are proven worse than their tolerance but do not affect the verdict, worst first.
  public static List<ReleaseMetric> warnings(AnalysisEvidence evidence, AnalysisPlan plan) {
    return plan.metrics().keySet().stream()
        .filter(m -> plan.metric(m).dryRun() || plan.metric(m).triggers(MetricPlan.Action.WARN))
        .filter(m -> of(evidence, m).harm().crossed())
        .sorted(Comparator.comparingDouble(m -> -beyond(of(evidence, m).harm())))
        .toList();
  }

  private static String reason(
      List<HoldReason> obstacles, List<String> lacking, AnalysisPlan plan) {
    List<String> parts =
        Stream.concat(obstacles.stream().map(HoldReason::toString), lacking.stream()).toList();
    String whose = plan.ramp().isPresent() ? "release" : "step";
    return "the %s's time is over: %s".formatted(whose, String.join("; ", parts));
  }

  // The evidence contains thresholds for its readers, but the plan is authoritative.
  private static void requireSamePlan(AnalysisEvidence evidence, AnalysisPlan plan) {
    boolean same =
        evidence.metrics().keySet().equals(plan.metrics().keySet())
            && evidence.alpha() <= plan.alpha()
            && evidence.metrics().entrySet().stream()
                .allMatch(e -> sameThresholds(e.getValue(), e.getKey(), evidence, plan));
    if (!same) {
      throw new IllegalArgumentException(
          "this evidence belongs to another plan: metrics, alpha or thresholds differ");
    }
  }

  private static boolean sameThresholds(
      AnalysisEvidence.MetricResult of,
      ReleaseMetric metric,
      AnalysisEvidence evidence,
      AnalysisPlan plan) {
    return same(of.harm().threshold(), harmThreshold(evidence.alpha(), plan.metric(metric)))
        && of.safe().stream().allMatch(s -> same(s.threshold(), safeThreshold(plan)));
  }

  private static boolean same(double a, double b) {
    return Math.abs(a - b) <= 1e-9;
  }

  private static AnalysisEvidence.MetricResult of(AnalysisEvidence evidence, ReleaseMetric metric) {
    AnalysisEvidence.MetricResult found = evidence.metrics().get(metric);
    if (found == null) {
      throw new IllegalArgumentException("no evidence on metric " + metric);
    }
    return found;
  }

  private static String show(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
