// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import dev.weir.control.summary.ReleaseFacts.Measured;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Evidence.MetricEvidence;
import dev.weir.model.view.Evidence.Moment;
import dev.weir.model.view.SummaryView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The release of `chat@3` in the place of `chat@2`, in any state. It started ten minutes ago.
final class SummaryFixture {
  static final Instant NOW = Instant.parse("2026-12-03T10:10:00Z");
  private static final Instant STARTED = NOW.minusSeconds(600);

  private final Rollout plain = Resources.rollout("chat", 3, "chat@2", "chat@3");
  private final RolloutPhase phase;
  private final int step;
  private final double weight;
  private final List<Evidence> decisions = new ArrayList<>();
  private boolean ramps;
  private String message = "";
  private Optional<RolloutPhase> ending = Optional.empty();
  private Optional<Instant> passedAt = Optional.empty();
  private Optional<Measured> measured = Optional.empty();
  private Optional<Instant> expectedEnd = Optional.empty();

  private SummaryFixture(RolloutPhase phase, int step, double weight) {
    this.phase = phase;
    this.step = step;
    this.weight = weight;
  }

  static SummaryFixture in(RolloutPhase phase, int step, double weight) {
    return new SummaryFixture(phase, step, weight);
  }

  /// The weights of the release increase by evidence instead of in four steps.
  SummaryFixture ramps() {
    ramps = true;
    return this;
  }

  SummaryFixture message(String text) {
    message = text;
    return this;
  }

  SummaryFixture ending(RolloutPhase last) {
    ending = Optional.of(last);
    return this;
  }

  SummaryFixture passed() {
    passedAt = Optional.of(NOW);
    return this;
  }

  SummaryFixture expected(Duration fromNow) {
    expectedEnd = Optional.of(NOW.plus(fromNow));
    return this;
  }

  SummaryFixture measured(
      Optional<Double> failureBound, List<String> holds, MetricEvidence... metrics) {
    measured =
        Optional.of(
            new Measured(
                evidence("Continue", "", List.of(), weight, NOW, metrics), failureBound, holds));
    return this;
  }

  SummaryFixture decided(
      String verdict, String reason, List<String> decidedBy, MetricEvidence... metrics) {
    return decided(NOW.minusSeconds(60), weight, verdict, reason, decidedBy, metrics);
  }

  SummaryFixture decided(
      Instant at,
      double atWeight,
      String verdict,
      String reason,
      List<String> decidedBy,
      MetricEvidence... metrics) {
    decisions.add(evidence(verdict, reason, decidedBy, atWeight, at, metrics));
    return this;
  }

  private Evidence evidence(
      String verdict,
      String reason,
      List<String> decidedBy,
      double atWeight,
      Instant at,
      MetricEvidence... metrics) {
    Moment half =
        new Moment(
            NOW.minusSeconds(300), Math.max(0, step), Map.of(), Map.of("error", 0.0, "ttft", 0.0));
    return new Evidence(
        "chat-3",
        decisions.size() + 1,
        at,
        Math.max(0, step),
        atWeight,
        verdict,
        reason,
        decidedBy,
        List.of(metrics),
        List.of(),
        "",
        List.of(half));
  }

  SummaryView summary() {
    return ReleaseSummary.of(facts());
  }

  private ReleaseFacts facts() {
    Rollout rollout = rollout();
    return new ReleaseFacts(
        rollout, Stages.of(rollout.spec()), decisions, measured, expectedEnd, NOW);
  }

  private Rollout rollout() {
    boolean reverted =
        ending.isPresent() || phase == RolloutPhase.ROLLED_BACK || phase == RolloutPhase.ABORTED;
    RolloutStatus status =
        new RolloutStatus(
            phase,
            step,
            weight,
            Optional.of(STARTED),
            Optional.of(NOW.minusSeconds(60)),
            Optional.of(NOW.minusSeconds(300)).filter(_ -> step >= 0),
            Optional.of(NOW).filter(_ -> phase.terminal()),
            ending,
            Optional.empty(),
            List.of(),
            Optional.of(NOW.minusSeconds(60)).filter(_ -> reverted),
            Optional.of(NOW.minusSeconds(60).plusMillis(412)).filter(_ -> reverted),
            Optional.empty(),
            passedAt,
            Optional.empty(),
            message);
    return new Rollout(plain.metadata(), spec(), status);
  }

  private RolloutSpec spec() {
    RolloutSpec spec = plain.spec();
    ReleaseSpec baked = spec.release().withBake(ReleaseSpec.BakeSpec.USUAL);
    ReleaseSpec release = ramps ? baked.withRamp(ReleaseSpec.RampSpec.USUAL) : baked;
    return new RolloutSpec(
        spec.service(),
        spec.from(),
        spec.to(),
        spec.specRevision(),
        spec.specHash(),
        spec.salt(),
        release,
        spec.firstTokenTimeout(),
        spec.totalTimeout());
  }

  // ---- metrics ---------------------------------------------------------------------------------

  /// A gating rate. Evidence is the share of what a rollback or a pass needs.
  static MetricEvidence rate(
      String name, long canaryBad, long canary, long baselineBad, long baseline, Proven proven) {
    return new MetricEvidence(
        name,
        true,
        canary,
        canaryBad,
        baseline,
        baselineBad,
        canary == 0 ? 0 : (double) canaryBad / canary,
        baseline == 0 ? 0 : (double) baselineBad / baseline,
        .005,
        .01,
        6 * proven.harm(),
        6,
        3 * proven.safe(),
        3,
        "rollback",
        false,
        "rate");
  }

  /// A gating latency of 400 and 1,600 answers, 120 and 80 of them slow.
  static MetricEvidence latency(String name, double canary, double baseline, Proven proven) {
    return new MetricEvidence(
        name,
        true,
        400,
        120,
        1_600,
        80,
        canary,
        baseline,
        .1,
        .25,
        6 * proven.harm(),
        6,
        3 * proven.safe(),
        3,
        "rollback",
        false,
        "latency");
  }

  /// Mean grades of 40 and 160 answers.
  static MetricEvidence quality(double canary, double baseline, Proven proven) {
    return new MetricEvidence(
        "quality",
        true,
        40,
        0,
        160,
        0,
        canary,
        baseline,
        .02,
        .05,
        6 * proven.harm(),
        6,
        3 * proven.safe(),
        3,
        "rollback",
        false,
        "score");
  }

  /// Shares of the evidence for a rollback, and for a pass.
  record Proven(double harm, double safe) {
    static final Proven NOTHING = new Proven(0, 0);
    static final Proven WORSE = new Proven(1.1, 0);
  }
}
