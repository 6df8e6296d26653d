// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.EProcess;
import dev.weir.analysis.sequential.Payoff;
import dev.weir.analysis.sequential.ScoreDetector;
import dev.weir.analysis.sequential.Side;
import dev.weir.analysis.sequential.SliceCounts;
import dev.weir.analysis.sequential.UnitScores;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Graded answers.
class QualityTest {
  private static final long WITHIN = 30_000;
  private static final AnalysisPlan PLAN =
      AnalysisPlan.defaults().withDispersion(1).withGrading(WITHIN);

  /// Quality alone, and what the horizon of whole requests is learnt from.
  private static final AnalysisPlan FEW =
      PLAN.withMetrics(
          Map.of(
              ReleaseMetric.TRUNCATED,
              PLAN.metric(ReleaseMetric.TRUNCATED).withGating(false),
              ReleaseMetric.QUALITY,
              ReleaseMetric.QUALITY.defaults()));

  private static CanaryAnalysis begun(AnalysisPlan plan, BaselineSeed seed, double weight) {
    CanaryAnalysis analysis = CanaryAnalysis.start(plan, seed);
    analysis.beginStep(1, weight, 0);
    return analysis;
  }

  private static Cohort graded(Cohort cohort, ToIntFunction<Observation> judge) {
    return with(
        cohort,
        cohort.observations().stream().map(o -> o.graded(judge.applyAsInt(o))).toList(),
        cohort.reportedUntilMillis());
  }

  private static Cohort with(Cohort cohort, List<Observation> seen, long toldMillis) {
    return new Cohort(
        cohort.id(),
        cohort.ordinal(),
        cohort.startMillis(),
        cohort.endMillis(),
        cohort.rho(),
        toldMillis,
        cohort.stratum(),
        seen);
  }

  /// Every second answer is graded, 850 in the mean, the canary's less by `worse`.
  private static ToIntFunction<Observation> judge(RandomGenerator random, int worse) {
    return seen ->
        random.nextBoolean()
            ? Observation.NOT_GRADED
            : 750 + random.nextInt(201) - (seen.arm() == Arm.CANARY ? worse : 0);
  }

  private static LookResult play(AnalysisPlan plan, int worse) {
    SyntheticTraffic traffic = new SyntheticTraffic(51, .25, 400);
    RandomGenerator random = new Random(52);
    CanaryAnalysis analysis = begun(plan, traffic.seed(), .25);
    LookResult lookResult = analysis.lookResult(List.of(), 0);
    for (int i = 0; i < 80 && lookResult.verdict() instanceof Verdict.Continue; i++) {
      Cohort cohort = graded(traffic.cohort(i), judge(random, worse));
      lookResult = analysis.lookResult(List.of(cohort), cohort.endMillis());
    }
    return lookResult;
  }

  private static AnalysisEvidence.MetricResult quality(LookResult lookResult) {
    return quality(lookResult.evidence());
  }

  private static AnalysisEvidence.MetricResult quality(AnalysisEvidence evidence) {
    return Objects.requireNonNull(evidence.metrics().get(ReleaseMetric.QUALITY));
  }

  private static Observation answer(Arm arm, int grade) {
    return Observation.success(arm, 100_000, 10_000, 900_000).graded(grade);
  }

  private static Cohort cohort(long ordinal, Observation... seen) {
    return new SyntheticTraffic(0, .5, 0).cohort(ordinal, List.of(seen));
  }

  @Test
  void a_canary_whose_answers_are_worse_is_reverted_by_quality_alone() {
    assertThat(play(PLAN, 100).verdict())
        .isInstanceOfSatisfying(
            Verdict.Revert.class,
            revert -> assertThat(revert.crossed()).containsExactly(ReleaseMetric.QUALITY));
  }

  @Test
  void a_canary_whose_answers_are_as_good_is_promoted_by_proof() {
    LookResult lookResult = play(PLAN, 0);
    assertThat(lookResult.verdict())
        .isInstanceOfSatisfying(
            Verdict.Promote.class,
            promote ->
                assertThat(promote.provenBy())
                    .contains(ReleaseMetric.QUALITY, ReleaseMetric.ERROR));
    AnalysisEvidence.MetricResult quality = quality(lookResult);
    assertThat(1 - quality.rollout().canaryRate() / 1_000).isCloseTo(.85, within(.01));
    assertThat(1 - quality.rollout().baselineRate() / 1_000).isCloseTo(.85, within(.01));
    assertThat(quality.safe())
        .singleElement()
        .satisfies(safe -> assertThat(safe.what()).isEqualTo("mean"));
  }

  @Test
  void a_promotion_waits_for_the_proof_that_answers_are_as_good() {
    LookResult lookResult =
        play(
            PLAN.withMetric(
                ReleaseMetric.QUALITY, ReleaseMetric.QUALITY.defaults().withTolerance(.05)),
            50);
    assertThat(lookResult.verdict())
        .isInstanceOfSatisfying(
            Verdict.Continue.class,
            going ->
                assertThat(going.waitingFor())
                    .singleElement()
                    .asString()
                    .startsWith("quality mean: log e"));
  }

  @Test
  void who_asks_for_no_grades_is_judged_by_none() {
    AnalysisPlan plan = AnalysisPlan.defaults().withDispersion(1);
    assertThat(plan.metrics()).doesNotContainKey(ReleaseMetric.QUALITY);
    LookResult lookResult = play(plan, 400);
    assertThat(lookResult.verdict()).isInstanceOf(Verdict.Promote.class);
    assertThat(lookResult.evidence().metrics()).doesNotContainKey(ReleaseMetric.QUALITY);
  }

  @Test
  void the_evidence_is_that_of_the_reference() {
    CanaryAnalysis analysis = begun(FEW, BaselineSeed.none(), .5);
    ScoreDetector harm = new ScoreDetector(Side.HARM, .15, .02);
    ScoreDetector safe = new ScoreDetector(Side.SAFE, .15, .05);
    Random random = new Random(5);
    for (int i = 0; i < 30; i++) {
      List<Observation> seen = new ArrayList<>();
      for (int n = 0; n < 20; n++) {
        int grade = random.nextInt(4) == 0 ? 1_000 : random.nextInt(1_001);
        seen.add(answer(random.nextBoolean() ? Arm.CANARY : Arm.BASELINE, grade));
      }
      Cohort cohort = new SyntheticTraffic(0, .5, 0).cohort(i, seen);
      AnalysisEvidence.MetricResult quality =
          quality(analysis.lookResult(List.of(cohort), cohort.endMillis()));
      double[] canary = badness(seen, Arm.CANARY);
      double[] baseline = badness(seen, Arm.BASELINE);
      assertThat(quality.harm().logE()).isCloseTo(harm.slice(canary, baseline, .5), within(1e-9));
      assertThat(quality.safe().getFirst().logE())
          .isCloseTo(safe.slice(canary, baseline, .5), within(1e-9));
    }
  }

  private static double[] badness(List<Observation> seen, Arm arm) {
    return seen.stream()
        .filter(o -> o.arm() == arm)
        .mapToDouble(o -> 1 - o.quality() / 1_000.)
        .toArray();
  }

  @Test
  void answers_without_a_grade_or_not_whole_do_not_count() {
    CanaryAnalysis analysis = begun(FEW, SyntheticTraffic.constant(1), .5);
    Cohort cohort =
        cohort(
            0,
            answer(Arm.CANARY, 700),
            answer(Arm.CANARY, 0),
            answer(Arm.CANARY, Observation.NOT_GRADED),
            answer(Arm.BASELINE, 1_000),
            answer(Arm.BASELINE, Observation.NO_GRADE),
            Observation.truncated(Arm.BASELINE, 1_000, 1_000, 9_000).graded(Observation.NO_GRADE),
            Observation.truncated(Arm.BASELINE, 1_000, 1_000, 9_000).graded(100),
            Observation.ended(Arm.BASELINE, Outcome.FAILURE, 9).graded(Observation.NO_GRADE),
            Observation.ended(Arm.BASELINE, Outcome.NEUTRAL, 9).graded(Observation.NO_GRADE));
    LookResult early = analysis.lookResult(List.of(cohort), cohort.endMillis());
    assertThat(quality(early).lastCohortId()).isEmpty();
    assertThat(quality(early).ungraded()).isEqualTo(AnalysisEvidence.Ungraded.NONE);
    LookResult due =
        analysis.lookResult(List.of(cohort), cohort.endMillis() + quality(early).horizonMillis());
    assertThat(quality(due).rollout()).isEqualTo(new AnalysisEvidence.Judged(2, 1_300, 1, 0));
    assertThat(quality(due).ungraded()).isEqualTo(new AnalysisEvidence.Ungraded(0, 1));
  }

  @Test
  void a_grade_is_waited_for_from_the_horizon_of_whole_requests_on() {
    CanaryAnalysis analysis = begun(FEW, SyntheticTraffic.constant(1), .5);
    long whole =
        Objects.requireNonNull(analysis.evidence(0).metrics().get(ReleaseMetric.TRUNCATED))
            .horizonMillis();
    assertThat(quality(analysis.evidence(0)).horizonMillis()).isEqualTo(whole + WITHIN);
    Cohort waiting = cohort(0, answer(Arm.CANARY, Observation.NO_GRADE));
    long due = waiting.endMillis() + whole + WITHIN;
    assertThat(quality(analysis.lookResult(List.of(waiting), due - 1)).lastCohortId()).isEmpty();
    CanaryAnalysis other = CanaryAnalysis.restore(analysis.toJson());
    LookResult graded = other.lookResult(List.of(cohort(0, answer(Arm.CANARY, 800))), due - 1);
    assertThat(quality(graded).rollout()).isEqualTo(new AnalysisEvidence.Judged(1, 200, 0, 0));
    assertThat(graded.done()).hasSize(1);
    LookResult given = analysis.lookResult(List.of(waiting), due);
    assertThat(quality(given).lastCohortId()).isPresent();
    assertThat(quality(given).ungraded()).isEqualTo(new AnalysisEvidence.Ungraded(1, 0));
  }

  @Test
  void what_nobody_grades_is_not_waited_for() {
    CanaryAnalysis analysis = begun(FEW, SyntheticTraffic.constant(1), .5);
    Cohort cohort = cohort(0, answer(Arm.CANARY, Observation.NOT_GRADED));
    LookResult lookResult = analysis.lookResult(List.of(cohort), cohort.endMillis());
    assertThat(quality(lookResult).lastCohortId()).isPresent();
    assertThat(lookResult.done()).hasSize(1);
  }

  @Test
  void an_answer_that_ends_after_the_horizon_of_whole_requests_is_not_missed() {
    CanaryAnalysis analysis = begun(FEW, SyntheticTraffic.constant(1), .5);
    Observation slow = Observation.success(Arm.CANARY, 100_000, 10_000, 20_000_000);
    LookResult lookResult =
        analysis.lookResult(
            List.of(cohort(0, slow.graded(Observation.NO_GRADE), answer(Arm.CANARY, 500))),
            100_000);
    assertThat(quality(lookResult).ungraded()).isEqualTo(AnalysisEvidence.Ungraded.NONE);
    assertThat(quality(lookResult).rollout()).isEqualTo(new AnalysisEvidence.Judged(1, 500, 0, 0));
  }

  @Test
  void a_grade_that_comes_after_its_answer_was_consumed_is_late() {
    CanaryAnalysis analysis = begun(FEW, SyntheticTraffic.constant(1), .5);
    Cohort without = cohort(0, answer(Arm.CANARY, Observation.NO_GRADE));
    long due = without.endMillis() + quality(analysis.evidence(0)).horizonMillis();
    assertThat(analysis.lookResult(List.of(without), due).done()).isEmpty();
    LookResult lookResult =
        analysis.lookResult(List.of(cohort(0, answer(Arm.CANARY, 900))), due + 1_000);
    assertThat(quality(lookResult).late()).isEqualTo(new AnalysisEvidence.Late(1, 0));
    assertThat(quality(lookResult).rollout()).isEqualTo(AnalysisEvidence.Judged.NONE);
    assertThat(lookResult.done()).hasSize(1);
  }

  /// 80 canary and 90 baseline answers that are to be graded, of which so many are not.
  private static Cohort lacking(int ofCanary, int ofBaseline) {
    List<Observation> seen = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      seen.add(answer(Arm.CANARY, i < ofCanary ? Observation.NO_GRADE : 850));
    }
    for (int i = 0; i < 90; i++) {
      seen.add(answer(Arm.BASELINE, i < ofBaseline ? Observation.NO_GRADE : 850));
    }
    return new SyntheticTraffic(0, .5, 0).cohort(0, seen);
  }

  @Test
  void arms_that_differ_in_how_many_grades_are_missing_hold_the_rollout_after_a_restart_too() {
    CanaryAnalysis analysis = begun(FEW, SyntheticTraffic.constant(1), .5);
    LookResult lookResult = analysis.lookResult(List.of(lacking(12, 1)), 60_000);
    Verdict hold =
        new Verdict.Hold(
            List.of(
                new HoldReason(
                    HoldReason.Kind.DATA_QUALITY,
                    "quality: 12 of 80 canary and 1 of 90 baseline answers got no grade")));
    assertThat(lookResult.verdict()).isEqualTo(hold);
    CanaryAnalysis restored = CanaryAnalysis.restore(analysis.toJson());
    restored.beginStep(2, .5, 60_000);
    assertThat(Decisions.decide(restored.evidence(60_000), FEW)).isEqualTo(hold);
    assertThat(Decisions.decide(AnalysisEvidence.fromJson(lookResult.evidence().toJson()), FEW))
        .isEqualTo(hold);
  }

  @Test
  void arms_that_lack_as_many_grades_hold_nothing() {
    CanaryAnalysis analysis = begun(FEW, SyntheticTraffic.constant(1), .5);
    assertThat(analysis.lookResult(List.of(lacking(12, 12)), 60_000).verdict())
        .isInstanceOf(Verdict.Continue.class);
  }

  @Test
  void without_any_grade_a_gate_goes_stale() {
    CanaryAnalysis analysis = begun(FEW, SyntheticTraffic.constant(1), .5);
    long stale = quality(analysis.evidence(0)).staleAfterMillis();
    LookResult lookResult = analysis.lookResult(List.of(), 0);
    for (long i = 0; i * SyntheticTraffic.SLICE_MILLIS <= stale; i++) {
      Cohort cohort = cohort(i, answer(Arm.CANARY, Observation.NOT_GRADED));
      lookResult = analysis.lookResult(List.of(cohort), cohort.endMillis());
    }
    assertThat(lookResult.verdict())
        .isInstanceOfSatisfying(
            Verdict.Hold.class,
            hold ->
                assertThat(hold.reasons())
                    .singleElement()
                    .satisfies(reason -> {
                      assertThat(reason.kind()).isEqualTo(HoldReason.Kind.STALE);
                      assertThat(reason.detail()).startsWith("quality: no data for");
                    }));
  }

  @Test
  void a_session_is_worth_the_mean_of_its_grades() {
    CanaryAnalysis analysis = begun(FEW, BaselineSeed.none(), .5);
    Observation session =
        answer(Arm.CANARY, 600)
            .withSessionRequests(
                List.of(
                    answer(Arm.CANARY, 900),
                    answer(Arm.CANARY, Observation.NOT_GRADED),
                    Observation.ended(Arm.CANARY, Outcome.FAILURE, 9)));
    Observation ungraded =
        answer(Arm.BASELINE, Observation.NOT_GRADED)
            .withSessionRequests(List.of(answer(Arm.BASELINE, Observation.NOT_GRADED)));
    Cohort cohort = cohort(0, session, ungraded, answer(Arm.BASELINE, 1_000));
    AnalysisEvidence.MetricResult quality =
        quality(analysis.lookResult(List.of(cohort), cohort.endMillis()));

    EProcess byHand = new EProcess();
    byHand.beginSlice();
    byHand.bet(
        new Payoff(Side.HARM, .5, .15, .02),
        new UnitScores(new SliceCounts(0, 0, 0, 1), List.of(.25), List.of()),
        1);
    assertThat(quality.harm().logE()).isCloseTo(byHand.logE(), within(1e-12));
    assertThat(quality.step()).as("requests").isEqualTo(new AnalysisEvidence.Judged(2, 500, 1, 0));
  }

  @Test
  void what_is_known_of_the_baseline_is_the_centre_of_the_first_bet() {
    BaselineSeed seed =
        new BaselineSeed(
            Map.of(ReleaseMetric.QUALITY, new BaselineSeed.Rate(75.5, 180)),
            Map.of(),
            Buckets.empty());
    AnalysisEvidence.MetricResult quality =
        quality(
            begun(FEW, seed, .5)
                .lookResult(
                    List.of(cohort(0, answer(Arm.CANARY, 200))), SyntheticTraffic.SLICE_MILLIS));
    EProcess byHand = new EProcess();
    byHand.beginSlice();
    byHand.bet(
        new Payoff(Side.HARM, .5, (20 * .15 + 75.5) / 200, .02),
        new UnitScores(new SliceCounts(0, 0, 0, 0), List.of(.8), List.of()),
        1);
    assertThat(quality.harm().logE()).isCloseTo(byHand.logE(), within(1e-12));
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new BaselineSeed(
                Map.of(), Map.of(ReleaseMetric.QUALITY, Buckets.empty()), Buckets.empty()));
  }

  /// Answers that end, and are graded, some time after they came; a tenth never are.
  private static Cohort asKnown(Cohort cohort, long nowMillis) {
    long micros = 1_000 * (nowMillis - cohort.endMillis());
    Random random = new Random(cohort.ordinal());
    List<Observation> known = new ArrayList<>();
    for (Observation seen : cohort.observations()) {
      long ended = seen.endedMicros().orElse(0);
      long gradedAt = ended + 1_000 * random.nextLong(WITHIN);
      int grade = random.nextInt(10) == 0 ? Observation.NO_GRADE : random.nextInt(1_001);
      known.add(
          ended > micros
              ? going(seen, micros)
              : seen.graded(gradedAt > micros ? Observation.NO_GRADE : grade));
    }
    return with(cohort, known, nowMillis);
  }

  private static Observation going(Observation seen, long micros) {
    long first = seen.ttftMicros().orElse(Long.MAX_VALUE);
    return first <= micros
        ? Observation.streaming(seen.arm(), first)
        : Observation.pending(seen.arm());
  }

  @Test
  void how_often_one_looks_does_not_change_what_is_known_of_grades() {
    SyntheticTraffic traffic = new SyntheticTraffic(61, .3, 100);
    List<Cohort> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      all.add(traffic.cohort(i));
    }
    CanaryAnalysis eager = begun(PLAN, BaselineSeed.none(), .3);
    CanaryAnalysis restored = begun(PLAN, BaselineSeed.none(), .3);
    List<Cohort> open = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      long now = (i + 1) * SyntheticTraffic.SLICE_MILLIS;
      if (i < all.size()) {
        open.add(all.get(i));
      }
      List<Cohort> known = open.stream().map(c -> asKnown(c, now)).toList();
      LookResult lookResult = eager.lookResult(known, now);
      restored = CanaryAnalysis.restore(restored.toJson());
      assertThat(restored.lookResult(known, now)).isEqualTo(lookResult);
      open.removeIf(c -> lookResult.done().contains(c.id()));
    }
    assertThat(restored.toJson()).as("bit by bit").isEqualTo(eager.toJson());
    assertThat(open).isEmpty();
    CanaryAnalysis lazy = begun(PLAN, BaselineSeed.none(), .3);
    long end = 120 * SyntheticTraffic.SLICE_MILLIS;
    AnalysisEvidence late =
        lazy.lookResult(all.stream().map(c -> asKnown(c, end)).toList(), end).evidence();
    assertThat(late.metrics()).isEqualTo(eager.evidence(end).metrics());
    assertThat(quality(late).ungraded().baseline()).isPositive();
  }

  @Test
  void the_horizon_of_whole_requests_is_learnt_without_waiting_for_grades() {
    CanaryAnalysis analysis = begun(FEW, BaselineSeed.none(), .5);
    List<Observation> seen = Collections.nCopies(60, answer(Arm.BASELINE, Observation.NO_GRADE));
    Cohort cohort = new SyntheticTraffic(0, .5, 0).cohort(0, seen);
    long before = quality(analysis.evidence(0)).horizonMillis();
    assertThat(before).isEqualTo(120_000 + WITHIN);
    LookResult lookResult = analysis.lookResult(List.of(cohort), cohort.endMillis());
    assertThat(quality(lookResult).horizonMillis()).isBetween(WITHIN + 1_700, WITHIN + 1_900);
    assertThat(quality(lookResult).lastCohortId()).isEmpty();
    LookResult later = analysis.lookResult(List.of(cohort), cohort.endMillis() + before - 1);
    assertThat(quality(later).lastCohortId()).as("judged where its requests were").isEmpty();
    assertThat(
            quality(analysis.lookResult(List.of(cohort), cohort.endMillis() + before)).ungraded())
        .isEqualTo(new AnalysisEvidence.Ungraded(0, 60));
  }

  @Test
  void quality_alone_is_judged_too() {
    AnalysisPlan alone =
        PLAN.withMetrics(Map.of(ReleaseMetric.QUALITY, ReleaseMetric.QUALITY.defaults()));
    assertThat(play(alone, 0).verdict())
        .isEqualTo(new Verdict.Promote(1, List.of(ReleaseMetric.QUALITY)));
  }

  @Test
  void the_order_of_graded_requests_changes_no_bit() {
    Cohort cohort = graded(new SyntheticTraffic(62, .3, 300).cohort(0), judge(new Random(1), 0));
    List<Observation> shuffled = new ArrayList<>(cohort.observations());
    Collections.shuffle(shuffled, new Random(2));
    LookResult one = begun(PLAN, BaselineSeed.none(), .3).lookResult(List.of(cohort), 5_000);
    LookResult two =
        begun(PLAN, BaselineSeed.none(), .3)
            .lookResult(List.of(with(cohort, shuffled, Cohort.ALL_REPORTED)), 5_000);
    assertThat(two.evidence()).isEqualTo(one.evidence());
  }

  @Test
  void impossible_grades_and_plans_are_refused() {
    Observation seen = answer(Arm.CANARY, 0);
    assertThat(Observation.pending(Arm.CANARY).quality()).isEqualTo(Observation.NOT_GRADED);
    assertThat(seen.withSessionRequests(List.of()).graded(1_000).quality()).isEqualTo(1_000);
    assertThat(seen.graded(7).withResponse(5, java.util.Set.of()).quality()).isEqualTo(7);
    assertThatIllegalArgumentException().isThrownBy(() -> seen.graded(1_001));
    assertThatIllegalArgumentException().isThrownBy(() -> seen.graded(-3));
    AnalysisPlan none = AnalysisPlan.defaults();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> none.withMetric(ReleaseMetric.QUALITY, ReleaseMetric.QUALITY.defaults()));
    assertThatIllegalArgumentException().isThrownBy(() -> none.withGrading(0));
    assertThatIllegalArgumentException().isThrownBy(() -> none.withGrading(1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> none.withGrading(1, 1.1));
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            PLAN.withMetric(
                ReleaseMetric.QUALITY, ReleaseMetric.QUALITY.defaults().withMargin(.5)));
  }

  @Test
  void a_plan_with_grading_goes_through_json() {
    AnalysisPlan plan = AnalysisPlan.defaults().withGrading(45_000, .2);
    assertThat(plan.metric(ReleaseMetric.QUALITY)).isEqualTo(ReleaseMetric.QUALITY.defaults());
    assertThat(plan.withErrorRates(.02, .1).gradeMillis()).isEqualTo(45_000);
    String json = tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(plan);
    assertThat(AnalysisPlan.fromJson(json)).isEqualTo(plan);
  }
}
