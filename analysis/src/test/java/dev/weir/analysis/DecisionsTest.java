// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DecisionsTest {

  private static final AnalysisPlan PLAN =
      AnalysisPlan.defaults().withDispersion(1).withGrading(30_000);

  @Test
  void the_same_numbers_give_the_same_decision_after_a_way_through_json() {
    SyntheticTraffic traffic = new SyntheticTraffic(1, .25, 400).canarySlowdown(1.3);
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, traffic.seed());
    analysis.beginStep(1, .25, 0);
    for (int i = 0; i < 40; i++) {
      LookResult lookResult =
          analysis.lookResult(List.of(traffic.cohort(i)), (i + 1) * SyntheticTraffic.SLICE_MILLIS);
      AnalysisEvidence stored = AnalysisEvidence.fromJson(lookResult.evidence().toJson());
      assertThat(stored).isEqualTo(lookResult.evidence());
      assertThat(Decisions.decide(stored, PLAN)).isEqualTo(lookResult.verdict());
    }
    assertThat(Decisions.decide(analysis.evidence(200_000), PLAN))
        .isInstanceOf(Verdict.Revert.class);
  }

  @Test
  void verdicts_go_through_json() {
    JsonMapper json = JsonMapper.shared();
    List<Verdict> all =
        List.of(
            new Verdict.Continue(List.of("more")),
            new Verdict.Promote(2, List.of(ReleaseMetric.ERROR)),
            new Verdict.Revert(
                ReleaseMetric.TTFT, 9.5, 6.2, List.of(ReleaseMetric.TTFT, ReleaseMetric.ITL)),
            new Verdict.Hold(List.of(new HoldReason(HoldReason.Kind.STALE, "ttft"))),
            new Verdict.Inconclusive("time"));
    for (Verdict verdict : all) {
      String text = json.writerFor(Verdict.class).writeValueAsString(verdict);
      assertThat(json.readValue(text, Verdict.class)).isEqualTo(verdict);
    }
    assertThat(json.writeValueAsString(all.get(2))).contains("\"revert\"").contains("\"ttft\"");
  }

  @Test
  void the_thresholds_and_decisions_of_the_reference_are_reproduced() throws IOException {
    JsonNode vector;
    try (InputStream in = DecisionsTest.class.getResourceAsStream("/vectors.json")) {
      vector = JsonMapper.shared().readTree(Objects.requireNonNull(in)).get("combine");
    }
    double alpha = vector.get("alpha").asDouble();
    for (int i = 0; i < vector.get("weights").size(); i++) {
      MetricPlan plan =
          PLAN.metric(ReleaseMetric.ERROR).withWeight(vector.get("weights").get(i).asDouble());
      assertThat(Decisions.harmThreshold(alpha, plan))
          .isCloseTo(vector.get("thresholds").get(i).asDouble(), within(1e-9));
    }
    assertThat(vector.get("cases")).hasSize(3);
    for (JsonNode c : vector.get("cases")) {
      AnalysisEvidence evidence =
          evidence(5).withHarm(ReleaseMetric.TTFT, c.get("log_e").get(0).asDouble()).build();
      assertThat(Decisions.decide(evidence, PLAN) instanceof Verdict.Revert)
          .isEqualTo(c.get("rollback").asBoolean());
    }
  }

  @Test
  void tampered_evidence_gives_another_decision_or_is_refused() {
    AnalysisEvidence fine = evidence(150).build();
    assertThat(Decisions.decide(fine, PLAN)).isInstanceOf(Verdict.Promote.class);

    String json = fine.toJson();
    assertThat(json).contains("\"error\":{\"harm\":{\"logE\":-1.0,");
    AnalysisEvidence slower =
        AnalysisEvidence.fromJson(
            json.replace("\"stepElapsedMillis\":150000", "\"stepElapsedMillis\":1"));
    assertThat(Decisions.decide(slower, PLAN)).isInstanceOf(Verdict.Continue.class);

    AnalysisEvidence harmed = evidence(150).withHarm(ReleaseMetric.ITL, 7).build();
    assertThat(Decisions.decide(harmed, PLAN)).isInstanceOf(Verdict.Revert.class);

    AnalysisEvidence unproven = evidence(150).withSafe(ReleaseMetric.TTFT, 2.9).build();
    assertThat(Decisions.decide(unproven, PLAN))
        .isEqualTo(new Verdict.Continue(List.of("ttft p95: log e 2.90 of 3.00")));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decisions.decide(evidence(150).withAlpha(.5).build(), PLAN));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decisions.decide(fine, PLAN.withErrorRates(.01, .5)));
  }

  @Test
  void evidence_of_another_version_is_refused() {
    String json = evidence(150).build().toJson();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> AnalysisEvidence.fromJson(json.replaceFirst("\"version\":6", "\"version\":7")));
    assertThatIllegalArgumentException().isThrownBy(() -> AnalysisEvidence.fromJson("[]"));
  }

  @Test
  void harm_outranks_everything_and_the_worst_metric_comes_first() {
    AnalysisEvidence evidence =
        evidence(2_000)
            .withHarm(ReleaseMetric.ERROR, 7.5)
            .withHarm(ReleaseMetric.ITL, 10)
            .withSrm(50)
            .build();
    assertThat(Decisions.decide(evidence, PLAN))
        .isInstanceOfSatisfying(
            Verdict.Revert.class,
            revert -> {
              assertThat(revert.metric()).isEqualTo(ReleaseMetric.ITL);
              assertThat(revert.crossed()).containsExactly(ReleaseMetric.ITL, ReleaseMetric.ERROR);
            });
  }

  @Test
  void a_metric_whose_action_is_hold_does_not_revert() {
    AnalysisPlan holding =
        PLAN.withMetric(
            ReleaseMetric.ITL, PLAN.metric(ReleaseMetric.ITL).withAction(MetricPlan.Action.HOLD));
    assertThat(Decisions.decide(evidence(150).withHarm(ReleaseMetric.ITL, 9).build(), holding))
        .isInstanceOfSatisfying(
            Verdict.Hold.class,
            hold ->
                assertThat(hold.reasons())
                    .extracting(HoldReason::kind)
                    .containsExactly(HoldReason.Kind.HARM));
  }

  @Test
  void generated_requests_that_are_not_split_in_halves_hold_the_release() {
    AnalysisEvidence evidence = evidence(150).withGenerated(Stratum.PROBES, 8).build();
    assertThat(AnalysisEvidence.fromJson(evidence.toJson())).isEqualTo(evidence);
    assertThat(Decisions.decide(evidence, PLAN))
        .isInstanceOfSatisfying(
            Verdict.Hold.class,
            hold ->
                assertThat(hold.reasons().getFirst().toString())
                    .contains("40 canary and 40 baseline probes do not match the weight"));
    assertThat(Decisions.decide(evidence(150).withGenerated(Stratum.PROBES, 1).build(), PLAN))
        .isInstanceOf(Verdict.Promote.class);
  }

  @Test
  void at_the_end_of_its_time_a_step_is_promoted_only_by_unobstructed_proof() {
    assertThat(Decisions.decide(evidence(1_800).build(), PLAN)).isInstanceOf(Verdict.Promote.class);
    assertThat(Decisions.decide(evidence(1_800).withSrm(50).build(), PLAN))
        .isInstanceOf(Verdict.Inconclusive.class);
    assertThat(Decisions.decide(evidence(1_800).withSafe(ReleaseMetric.ERROR, 1).build(), PLAN))
        .isInstanceOfSatisfying(
            Verdict.Inconclusive.class,
            i -> assertThat(i.reason()).contains("error p95: log e 1.00 of 3.00"));
    assertThat(Decisions.decide(evidence(150).withSrm(50).build(), PLAN))
        .isInstanceOf(Verdict.Hold.class);
  }

  @Test
  void grades_that_one_arm_lacks_more_often_than_the_other_hold_the_release() {
    // 500 canary and 9,500 baseline answers are graded.
    assertThat(Decisions.decide(evidence(150).withUngraded(60, 100).build(), PLAN))
        .isEqualTo(
            new Verdict.Hold(
                List.of(
                    new HoldReason(
                        HoldReason.Kind.DATA_QUALITY,
                        "quality: 60 of 560 canary and 100 of 9600 baseline answers got no"
                            + " grade"))));
    assertThat(Decisions.decide(evidence(150).withUngraded(0, 1_000).build(), PLAN))
        .as("the baseline's")
        .isInstanceOf(Verdict.Hold.class);
    for (Made fine :
        List.of(
            evidence(150).withUngraded(200, 3_800).withCanary(500),
            evidence(150).withUngraded(20, 100),
            evidence(150).withUngraded(0, 0))) {
      assertThat(Decisions.decide(fine.build(), PLAN)).isInstanceOf(Verdict.Promote.class);
    }
  }

  @Test
  void grades_that_are_missing_by_chance_hold_nothing() {
    assertThat(Decisions.decide(evidence(150).withCanary(20).withUngraded(29, 0).build(), PLAN))
        .as("too few were due")
        .isInstanceOf(Verdict.Continue.class);
    assertThat(Decisions.decide(evidence(150).withCanary(20).withUngraded(30, 0).build(), PLAN))
        .isInstanceOf(Verdict.Hold.class);
    // 6 of 56 is 11 %, and the baseline's is 5 %: two standard deviations.
    assertThat(Decisions.decide(evidence(150).withCanary(50).withUngraded(6, 500).build(), PLAN))
        .isInstanceOf(Verdict.Promote.class);
  }

  @Test
  void grades_that_decide_nothing_may_be_missing() {
    AnalysisEvidence evidence = evidence(150).withUngraded(60, 100).build();
    for (MetricPlan quiet :
        List.of(
            ReleaseMetric.QUALITY.defaults().withDryRun(true),
            ReleaseMetric.QUALITY
                .defaults()
                .withGating(false)
                .withAction(MetricPlan.Action.WARN))) {
      assertThat(Decisions.decide(evidence, PLAN.withMetric(ReleaseMetric.QUALITY, quiet)))
          .isInstanceOf(Verdict.Promote.class);
    }
    assertThat(
            Decisions.decide(
                evidence,
                PLAN.withMetric(
                    ReleaseMetric.QUALITY, ReleaseMetric.QUALITY.defaults().withGating(false))))
        .isInstanceOf(Verdict.Hold.class);
  }

  @Test
  void too_few_canary_completions_do_not_promote() {
    assertThat(Decisions.decide(evidence(150).withCanary(49).build(), PLAN))
        .isEqualTo(new Verdict.Continue(List.of("canary completions 49 of 50")));
  }

  private static Made evidence(long seconds) {
    return new Made(seconds);
  }

  /// Evidence that promotes unless something is changed.
  private static final class Made {
    private final long seconds;
    private final Map<ReleaseMetric, Double> harm = new EnumMap<>(ReleaseMetric.class);
    private final Map<ReleaseMetric, Double> safe = new EnumMap<>(ReleaseMetric.class);
    private final Map<Stratum, AnalysisEvidence.Allocation> generated =
        new EnumMap<>(Stratum.class);
    private double alpha = .01;
    private double srm;
    private long canary = 500;
    private AnalysisEvidence.Ungraded ungraded = AnalysisEvidence.Ungraded.NONE;

    Made(long seconds) {
      this.seconds = seconds;
    }

    Made withHarm(ReleaseMetric metric, double logE) {
      harm.put(metric, logE);
      return this;
    }

    Made withSafe(ReleaseMetric metric, double logE) {
      safe.put(metric, logE);
      return this;
    }

    Made withAlpha(double value) {
      alpha = value;
      return this;
    }

    Made withSrm(double logE) {
      srm = logE;
      return this;
    }

    Made withGenerated(Stratum stratum, double logE) {
      generated.put(
          stratum,
          new AnalysisEvidence.Allocation(40, 40, 0, logE, Math.log(1000), 0, SplitSource.KNOWN));
      return this;
    }

    Made withCanary(long completions) {
      canary = completions;
      return this;
    }

    Made withUngraded(long ofCanary, long ofBaseline) {
      ungraded = new AnalysisEvidence.Ungraded(ofCanary, ofBaseline);
      return this;
    }

    AnalysisEvidence build() {
      Map<ReleaseMetric, AnalysisEvidence.MetricResult> metrics =
          new EnumMap<>(ReleaseMetric.class);
      for (ReleaseMetric metric : ReleaseMetric.values()) {
        metrics.put(metric, of(metric));
      }
      return new AnalysisEvidence(
          AnalysisEvidence.VERSION,
          0,
          1,
          .05,
          seconds * 1000,
          seconds * 1000,
          alpha,
          1,
          false,
          metrics,
          new AnalysisEvidence.Allocation(
              canary, 9_500, 0, srm, Math.log(1000), 0, SplitSource.KNOWN),
          generated,
          new Agreement(10, 8.5, 4, 3),
          new AnalysisEvidence.Slices(20, 0, 0),
          Optional.empty(),
          List.of(new AnalysisEvidence.Moment(5, 1, Map.of(ReleaseMetric.ERROR, 1.25), Map.of())));
    }

    private AnalysisEvidence.MetricResult of(ReleaseMetric metric) {
      AnalysisEvidence.Judged judged = new AnalysisEvidence.Judged(canary, 2, 9_500, 47);
      double threshold = Decisions.safeThreshold(PLAN);
      return new AnalysisEvidence.MetricResult(
          new AnalysisEvidence.Harm(
              Objects.requireNonNull(harm.getOrDefault(metric, -1.)),
              Decisions.harmThreshold(alpha, PLAN.metric(metric))),
          List.of(
              new AnalysisEvidence.Safe("p50", 4, threshold),
              new AnalysisEvidence.Safe(
                  "p95", Objects.requireNonNull(safe.getOrDefault(metric, 4.)), threshold)),
          judged,
          judged,
          AnalysisEvidence.Judged.NONE,
          new AnalysisEvidence.Late(0, 0),
          List.of(new AnalysisEvidence.Quantile(.5, Optional.of(1.5), Optional.empty())),
          1_000,
          2_000,
          18_000,
          Optional.of("last"),
          true,
          metric == ReleaseMetric.QUALITY ? ungraded : AnalysisEvidence.Ungraded.NONE,
          Optional.empty());
    }
  }
}
