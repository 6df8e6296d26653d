// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.metric.AnswerForm;
import dev.weir.analysis.metric.AnswerTrait;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.MetricEvaluator;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.ProofScope;
import dev.weir.analysis.sequential.SliceCounts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What single metrics see, what they lead to, and what became of older forms.
class MetricsTest {
  private static final AnalysisPlan PLAN = AnalysisPlan.defaults().withDispersion(1);
  private static final long SLICE = 5_000;

  /// An answer of the baseline, and what is wrong with the canary's.
  private static Observation answer(Random random, Arm arm, ReleaseMetric worse) {
    boolean bad = arm == Arm.CANARY;
    long tokens = Math.max(1, Math.round(250 * Math.exp(.5 * random.nextGaussian())));
    long micros = tokens * 30_000;
    if (bad && worse == ReleaseMetric.LENGTH_UP) {
      tokens *= 2;
      micros *= 2;
    } else if (bad && worse == ReleaseMetric.LENGTH_DOWN) {
      tokens = tokens / 2 + 1;
      micros /= 2;
    } else if (bad && worse == ReleaseMetric.E2E_PER_TOKEN) {
      micros *= 2;
    }
    Set<AnswerTrait> traits =
        bad && random.nextDouble() < .3
            ? switch (worse) {
              case REFUSAL -> Set.of(AnswerTrait.REFUSAL);
              case REPETITION -> Set.of(AnswerTrait.REPETITION);
              case INVALID_JSON -> Set.of(AnswerTrait.JSON_ASKED, AnswerTrait.INVALID_JSON);
              default -> Set.<AnswerTrait>of();
            }
            : Set.of(AnswerTrait.JSON_ASKED);
    long ttft = Math.round(300_000 * Math.exp(.5 * random.nextGaussian()));
    long itl = Math.round(30_000 * Math.exp(.2 * random.nextGaussian()));
    return Observation.success(arm, ttft, itl, 300_000 + micros).withResponse(tokens, traits);
  }

  private static Cohort cohort(
      long ordinal, double rho, int size, Function<Arm, Observation> make) {
    Random random = new Random(ordinal);
    List<Observation> seen = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      seen.add(make.apply(random.nextDouble() < rho ? Arm.CANARY : Arm.BASELINE));
    }
    return new Cohort(
        "c" + ordinal,
        ordinal,
        ordinal * SLICE,
        (ordinal + 1) * SLICE,
        rho,
        Cohort.ALL_REPORTED,
        seen);
  }

  private static LookResult play(AnalysisPlan plan, ReleaseMetric worse, int slices) {
    Random random = new Random(3);
    CanaryAnalysis analysis = CanaryAnalysis.start(plan, BaselineSeed.none());
    analysis.beginStep(0, .25, 0);
    LookResult lookResult = analysis.lookResult(List.of(), 0);
    for (int i = 0; i < slices && !(lookResult.verdict() instanceof Verdict.Revert); i++) {
      Cohort next = cohort(i, .25, 400, arm -> answer(random, arm, worse));
      lookResult = analysis.lookResult(List.of(next), next.endMillis());
    }
    return lookResult;
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "REFUSAL",
        "INVALID_JSON",
        "REPETITION",
        "E2E_PER_TOKEN",
        "LENGTH_UP",
        "LENGTH_DOWN"
      })
  void each_kind_of_worse_answer_is_reverted_by_its_own_metric(ReleaseMetric worse) {
    assertThat(play(PLAN, worse, 60).verdict())
        .isInstanceOfSatisfying(
            Verdict.Revert.class, revert -> assertThat(revert.crossed()).containsOnly(worse));
  }

  @Test
  void a_dry_run_and_a_warning_are_seen_and_decide_nothing() {
    MetricPlan refusal = PLAN.metric(ReleaseMetric.REFUSAL);
    for (MetricPlan quiet :
        List.of(
            refusal.withDryRun(true),
            refusal.withAction(MetricPlan.Action.WARN).withGating(false))) {
      AnalysisPlan plan = PLAN.withMetric(ReleaseMetric.REFUSAL, quiet);
      LookResult lookResult = play(plan, ReleaseMetric.REFUSAL, 60);
      assertThat(lookResult.verdict()).isInstanceOf(Verdict.Promote.class);
      assertThat(Decisions.warnings(lookResult.evidence(), plan))
          .containsExactly(ReleaseMetric.REFUSAL);
    }
    assertThat(Decisions.warnings(play(PLAN, ReleaseMetric.TTFT, 5).evidence(), PLAN)).isEmpty();
  }

  @Test
  void where_nobody_asks_for_json_the_gate_does_not_wait_for_it() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    analysis.beginStep(0, .25, 0);
    Random random = new Random(8);
    LookResult lookResult = analysis.lookResult(List.of(), 0);
    for (int i = 0; i < 40; i++) {
      Cohort next =
          cohort(
              i,
              .25,
              400,
              arm -> answer(random, arm, ReleaseMetric.ERROR).withResponse(200, Set.of()));
      lookResult = analysis.lookResult(List.of(next), next.endMillis());
    }
    assertThat(lookResult.verdict())
        .isInstanceOfSatisfying(
            Verdict.Promote.class,
            promote -> assertThat(promote.provenBy()).doesNotContain(ReleaseMetric.INVALID_JSON));
    assertThat(play(PLAN, ReleaseMetric.ERROR, 40).verdict())
        .isInstanceOfSatisfying(
            Verdict.Promote.class,
            promote -> assertThat(promote.provenBy()).contains(ReleaseMetric.INVALID_JSON));
  }

  @Test
  void a_state_from_before_skipped_requests_were_counted_is_read_and_gates_again() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    analysis.beginStep(0, .25, 0);
    Random random = new Random(8);
    Cohort next =
        cohort(
            0,
            .25,
            400,
            arm -> answer(random, arm, ReleaseMetric.ERROR).withResponse(200, Set.of()));
    LookResult lookResult = analysis.lookResult(List.of(next), 200_000);
    assertThat(Decisions.gating(lookResult.evidence(), PLAN))
        .doesNotContain(ReleaseMetric.INVALID_JSON);
    String former =
        analysis
            .toJson()
            .replace("\"version\":8", "\"version\":5")
            .replaceAll("\"passedOver\":\\d+,", "");

    CanaryAnalysis restored = CanaryAnalysis.restore(former);

    assertThat(former).doesNotContain("passedOver");
    assertThat(restored.plan().proof()).as("its rules stay").isEqualTo(ProofScope.STEP);
    assertThat(restored.plan().ramp()).isEmpty();
    assertThat(restored.plan().dispersionLearned()).isFalse();
    assertThat(Decisions.gating(restored.evidence(200_000), PLAN))
        .contains(ReleaseMetric.INVALID_JSON);
  }

  @Test
  void a_step_is_not_passed_before_metrics_of_whole_answers_looked_at_any() {
    AnalysisPlan plan = PLAN.withStepDurations(5_000, 600_000);
    for (ReleaseMetric metric : plan.metrics().keySet()) {
      boolean gates =
          Set.of(ReleaseMetric.ERROR, ReleaseMetric.TRUNCATED, ReleaseMetric.EMPTY)
              .contains(metric);
      plan = plan.withMetric(metric, plan.metric(metric).withGating(gates));
    }
    CanaryAnalysis analysis = CanaryAnalysis.start(plan, BaselineSeed.none());
    analysis.beginStep(0, .25, 0);
    LookResult lookResult = analysis.lookResult(List.of(), 0);
    List<Cohort> open = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      open.add(
          cohort(
              i,
              .25,
              4_000,
              arm -> Observation.streaming(arm, 50_000).withForm(AnswerForm.STREAM)));
      lookResult = analysis.lookResult(open, open.getLast().endMillis());
    }
    assertThat(lookResult.verdict())
        .isInstanceOfSatisfying(
            Verdict.Continue.class,
            on ->
                assertThat(on.waitingFor())
                    .hasSize(2)
                    .anyMatch(what -> what.startsWith("truncated"))
                    .anyMatch(what -> what.startsWith("empty")));
  }

  @Test
  void an_outage_is_seen_by_fast_errors_within_a_few_requests() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    analysis.beginStep(0, .05, 0);
    int failed = 0;
    LookResult lookResult = analysis.lookResult(List.of(), 0);
    for (int i = 0; !(lookResult.verdict() instanceof Verdict.Revert); i++) {
      failed += 5;
      lookResult =
          analysis.lookResult(List.of(), List.of(fast(i, .05, 5, 5, 0, 95)), 500L * i + 2_000);
    }
    assertThat(failed).isLessThanOrEqualTo(10);
    assertThat(((Verdict.Revert) lookResult.verdict()).crossed())
        .containsExactly(ReleaseMetric.FAST_ERROR);
  }

  @Test
  void an_outage_after_ten_minutes_of_ordinary_failures_is_seen_as_soon() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    analysis.beginStep(0, .05, 0);
    int healthy = 1_310; // just before a minute is over
    for (int i = 0; i < healthy; i++) {
      analysis.lookResult(List.of(), List.of(fast(i, .05, 0, 5, i % 2, 95)), 500L * i + 2_000);
    }
    int failed = 0;
    LookResult lookResult = analysis.lookResult(List.of(), 500L * healthy);
    for (int i = healthy; !(lookResult.verdict() instanceof Verdict.Revert); i++) {
      failed += 5;
      lookResult =
          analysis.lookResult(List.of(), List.of(fast(i, .05, 5, 5, 0, 95)), 500L * i + 2_000);
    }
    assertThat(failed).isLessThanOrEqualTo(10);
  }

  @Test
  void a_fast_slice_counts_once_and_survives_a_restart() {
    CanaryAnalysis once = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    once.beginStep(0, .05, 0);
    CanaryAnalysis twice = CanaryAnalysis.restore(once.toJson());
    for (int i = 0; i < 30; i++) {
      FastSlice slice = fast(i, .05, i % 2, 5, i % 3, 95);
      once.lookResult(List.of(), List.of(slice), 500L * i + 2_000);
      twice = CanaryAnalysis.restore(twice.toJson());
      twice.lookResult(List.of(), List.of(slice), 500L * i + 2_000);
      twice.lookResult(List.of(), List.of(slice), 500L * i + 2_000);
    }
    AnalysisEvidence.MetricResult of = of(once.evidence(20_000), ReleaseMetric.FAST_ERROR);
    assertThat(of(twice.evidence(20_000), ReleaseMetric.FAST_ERROR)).isEqualTo(of);
    assertThat(of.rollout().canary()).isEqualTo(150);
  }

  private static FastSlice fast(int i, double rho, int c1, int c, int b1, int b) {
    return new FastSlice(i, 500L * i, 500L * i + 500, rho, new SliceCounts(c1, c, b1, b));
  }

  @Test
  void a_step_has_its_own_margins_and_gates() {
    StepPlan wide =
        new StepPlan(Map.of(ReleaseMetric.ERROR, .3), Map.of(ReleaseMetric.REFUSAL, false));
    AnalysisPlan plan = PLAN.withSteps(Map.of(0, wide)).withStepDurations(0, 600_000);
    assertThat(plan.metric(ReleaseMetric.ERROR, 0).margin()).isEqualTo(.3);
    assertThat(plan.metric(ReleaseMetric.ERROR, 1).margin()).isEqualTo(.01);
    AnalysisEvidence wideStep = play(plan, ReleaseMetric.TTFT, 4).evidence();
    AnalysisEvidence narrow =
        play(PLAN.withStepDurations(0, 600_000), ReleaseMetric.TTFT, 4).evidence();
    assertThat(of(wideStep, ReleaseMetric.ERROR).safe().getFirst().logE())
        .isGreaterThan(3)
        .isGreaterThan(of(narrow, ReleaseMetric.ERROR).safe().getFirst().logE());
    assertThat(of(wideStep, ReleaseMetric.ERROR).harm())
        .isEqualTo(of(narrow, ReleaseMetric.ERROR).harm());
    assertThat(Decisions.gating(wideStep, plan)).doesNotContain(ReleaseMetric.REFUSAL);
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            PLAN.withSteps(Map.of(0, new StepPlan(Map.of(ReleaseMetric.ERROR, .001), Map.of()))));
  }

  @Test
  void measured_dispersion_blunts_by_quantile_and_grows_with_the_weight() {
    Calibration measured =
        new Calibration(Map.of(ReleaseMetric.TTFT, List.of(3., 2., 1., 1., 1.)), .1, false);
    AnalysisPlan plan = PLAN.withCalibration(measured);
    assertThat(plan.phi(ReleaseMetric.TTFT).at(0, .1)).isEqualTo(3);
    assertThat(plan.phi(ReleaseMetric.TTFT).at(0, .25)).isCloseTo(6, within(1e-12));
    assertThat(plan.phi(ReleaseMetric.TTFT).at(1, .05)).isCloseTo(1.5, within(1e-12));
    assertThat(plan.phi(ReleaseMetric.TTFT).at(4, .5)).isEqualTo(1);
    assertThat(plan.phi(ReleaseMetric.ITL).at(0, .1)).isEqualTo(1);
    assertThat(AnalysisPlan.fromJson(json(plan))).isEqualTo(plan);
  }

  private static String json(AnalysisPlan plan) {
    return tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(plan);
  }

  @Test
  void a_state_of_the_program_before_goes_on_without_a_loss() throws IOException {
    CanaryAnalysis analysis = CanaryAnalysis.restore(resource("state-1.json"));
    AnalysisEvidence before = AnalysisEvidence.fromJson(resource("evidence-1.json"));
    AnalysisEvidence now = analysis.evidence(40_000);
    assertThat(now.alpha()).isEqualTo(.01);
    assertSameHarm(now, before);
    assertThat(analysis.plan().metrics())
        .containsOnlyKeys(
            ReleaseMetric.ERROR, ReleaseMetric.TRUNCATED, ReleaseMetric.TTFT, ReleaseMetric.ITL);
    assertThat(CanaryAnalysis.restore(analysis.toJson()).evidence(40_000)).isEqualTo(now);
  }

  @Test
  void a_state_from_before_there_were_strata_is_one_of_clients_alone() throws IOException {
    CanaryAnalysis analysis = CanaryAnalysis.restore(resource("state-2.json"));
    AnalysisEvidence before = AnalysisEvidence.fromJson(resource("evidence-2.json"));
    AnalysisEvidence now = analysis.evidence(40_000);
    assertSameHarm(now, before);
    assertThat(now.generated()).isEmpty();
    assertThat(now.metrics().values())
        .allSatisfy(of -> assertThat(of.generated()).isEqualTo(AnalysisEvidence.Judged.NONE));
    assertThat(Decisions.decide(now, analysis.plan())).isInstanceOf(Verdict.Continue.class);
  }

  @Test
  void a_state_from_before_there_were_grades_is_one_without_them() throws IOException {
    AnalysisPlan plan = AnalysisPlan.fromJson(resource("plan-3.json"));
    assertThat(plan.gradeMillis()).isZero();
    assertThat(plan.gradedShare()).isZero();
    assertThat(plan.metric(ReleaseMetric.ERROR, 1).margin()).isEqualTo(.02);
    CanaryAnalysis analysis = CanaryAnalysis.restore(resource("state-3.json"));
    assertThat(analysis.plan()).isEqualTo(plan);
    AnalysisEvidence before = AnalysisEvidence.fromJson(resource("evidence-3.json"));
    assertSameHarm(analysis.evidence(30_000), before);
    assertThat(before.generated()).containsOnlyKeys(Stratum.PROBES);
    assertThat(before.agreement()).isEqualTo(new Agreement(4, 3.5, 2, 1));
    assertThat(before.metrics())
        .containsOnlyKeys(
            ReleaseMetric.ERROR,
            ReleaseMetric.FAST_ERROR,
            ReleaseMetric.TRUNCATED,
            ReleaseMetric.TTFT);
    assertThat(before.metrics().values())
        .allSatisfy(of -> assertThat(of.ungraded()).isEqualTo(AnalysisEvidence.Ungraded.NONE));
    assertThat(CanaryAnalysis.restore(analysis.toJson()).evidence(30_000))
        .isEqualTo(analysis.evidence(30_000));
  }

  @Test
  void a_state_from_before_forms_were_known_proves_its_step_anew_for_the_requests_of_now()
      throws IOException {
    CanaryAnalysis analysis = CanaryAnalysis.restore(resource("state-4.json"));
    AnalysisEvidence before = AnalysisEvidence.fromJson(resource("evidence-4.json"));
    AnalysisEvidence now = analysis.evidence(32_000);
    assertSameHarm(now, before);
    assertThat(now.metrics()).doesNotContainKey(ReleaseMetric.EMPTY);
    assertThat(of(before, ReleaseMetric.TRUNCATED).step().canary()).isPositive();
    for (ReleaseMetric changed :
        List.of(ReleaseMetric.ERROR, ReleaseMetric.TRUNCATED, ReleaseMetric.TTFT)) {
      assertThat(of(now, changed).step()).isEqualTo(AnalysisEvidence.Judged.NONE);
      assertThat(of(now, changed).safe()).allSatisfy(safe -> assertThat(safe.logE()).isZero());
    }
    assertThat(of(now, ReleaseMetric.REFUSAL)).isEqualTo(of(before, ReleaseMetric.REFUSAL));
    assertThat(Decisions.gating(before, analysis.plan())).contains(ReleaseMetric.TRUNCATED);
    assertThat(Decisions.gating(now, analysis.plan()))
        .as("it has not looked at requests of which the form is known")
        .contains(ReleaseMetric.TRUNCATED);
    Cohort open = new SyntheticTraffic(7, .25, 40).cohort(5);
    Cohort next = new SyntheticTraffic(8, .25, 40).cohort(6);
    AnalysisEvidence later = analysis.lookResult(List.of(open, next), 60_000).evidence();
    assertThat(of(later, ReleaseMetric.TRUNCATED).applies()).isTrue();
    assertThat(later.slices().open()).isZero();
  }

  /// What was found harmful is never lost.
  private static void assertSameHarm(AnalysisEvidence now, AnalysisEvidence before) {
    assertThat(now.metrics().keySet()).isEqualTo(before.metrics().keySet());
    now.metrics()
        .forEach((metric, of) -> {
          assertThat(of.harm()).isEqualTo(of(before, metric).harm());
          assertThat(of.rollout()).isEqualTo(of(before, metric).rollout());
        });
    assertThat(now.history()).isEqualTo(before.history());
    assertThat(now.allocation()).isEqualTo(before.allocation());
  }

  @Test
  void evidence_of_the_program_before_gives_the_same_decision() throws IOException {
    AnalysisPlan plan = AnalysisPlan.fromJson(resource("plan-1.json"));
    Verdict verdict =
        Decisions.decide(AnalysisEvidence.fromJson(resource("evidence-1.json")), plan);
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Continue.class,
            going -> assertThat(going.waitingFor()).contains("error rate: log e 0.26 of 3.00"));
  }

  @Test
  void the_history_is_bounded_and_reaches_from_the_first_look_to_now() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    analysis.beginStep(0, .05, 0);
    for (long at = 0; at <= 3_600_000; at += 1_000) {
      analysis.lookResult(List.of(), at);
    }
    List<AnalysisEvidence.Moment> moments = analysis.evidence(3_600_000).history();
    assertThat(moments).hasSizeBetween(20, 64);
    assertThat(moments.getFirst().atMillis()).isZero();
    assertThat(moments.getLast().atMillis()).isGreaterThan(3_400_000);
    assertThat(moments.getFirst().harm()).containsEntry(ReleaseMetric.ERROR, 0.);
  }

  @Test
  void an_answer_that_is_being_written_at_the_horizon_is_long_and_not_short() {
    Observation writing =
        new Observation(
                Arm.BASELINE,
                Outcome.SUCCESS,
                OptionalLong.of(100),
                OptionalLong.empty(),
                OptionalLong.of(2_000_000),
                false)
            .withResponse(7, Set.of());
    assertThat(MetricEvaluator.size(ReleaseMetric.LENGTH_UP, writing, 1_000_000))
        .isGreaterThan(20_000);
    assertThat(MetricEvaluator.size(ReleaseMetric.LENGTH_DOWN, writing, 1_000_000))
        .isLessThan(1e-4);
    assertThat(MetricEvaluator.size(ReleaseMetric.LENGTH_UP, writing, 3_000_000)).isEqualTo(7);
    assertThat(MetricEvaluator.size(ReleaseMetric.E2E_PER_TOKEN, writing, 1_000_000))
        .isEqualTo(MetricEvaluator.CENSORED);
    assertThat(MetricEvaluator.size(ReleaseMetric.E2E_PER_TOKEN, writing, 3_000_000))
        .isCloseTo(2. / 7, within(1e-12));
  }

  private static AnalysisEvidence.MetricResult of(AnalysisEvidence evidence, ReleaseMetric metric) {
    return Objects.requireNonNull(evidence.metrics().get(metric));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = MetricsTest.class.getResourceAsStream("/" + name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
