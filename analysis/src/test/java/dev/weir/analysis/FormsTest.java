// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static dev.weir.analysis.metric.MetricEvaluator.Badness.BAD;
import static dev.weir.analysis.metric.MetricEvaluator.Badness.EXCLUDED;
import static dev.weir.analysis.metric.MetricEvaluator.Badness.GOOD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.metric.AnswerForm;
import dev.weir.analysis.metric.AnswerTrait;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.MetricEvaluator;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Which requests a metric counts, by what their clients asked for.
class FormsTest {
  private static final AnalysisPlan PLAN = AnalysisPlan.defaults().withDispersion(1);
  private static final long SLICE = 5_000;
  private static final double RHO = .25;
  private static final int PER_SLICE = 60;

  /// Half an hour: what a step may take.
  private static final int SLICES = 360;

  /// Plays until something other than `Continue` and `Hold` is decided, or the step's time is over.
  private static LookResult play(int slices, BiFunction<Random, Arm, Observation> make) {
    Random random = new Random(4);
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    analysis.beginStep(0, RHO, 0);
    LookResult lookResult = analysis.lookResult(List.of(), 0);
    for (int i = 0; i < slices && !(lookResult.verdict() instanceof Verdict.Revert); i++) {
      Cohort next = cohort(i, random, make);
      lookResult = analysis.lookResult(List.of(next), next.endMillis());
    }
    return lookResult;
  }

  private static Cohort cohort(
      int ordinal, Random random, BiFunction<Random, Arm, Observation> make) {
    List<Observation> seen = new ArrayList<>();
    for (int i = 0; i < PER_SLICE; i++) {
      seen.add(make.apply(random, random.nextDouble() < RHO ? Arm.CANARY : Arm.BASELINE));
    }
    return new Cohort(
        "c" + ordinal,
        ordinal,
        ordinal * SLICE,
        (ordinal + 1) * SLICE,
        RHO,
        Cohort.ALL_REPORTED,
        seen);
  }

  private static Observation stream(Random random, Arm arm, double factor) {
    long ttft = Math.round(factor * 300_000 * Math.exp(.5 * random.nextGaussian()));
    long itl = Math.round(30_000 * Math.exp(.2 * random.nextGaussian()));
    long tokens = tokens(random);
    return Observation.success(arm, ttft, itl, ttft + tokens * itl)
        .withResponse(tokens, Set.of())
        .withForm(AnswerForm.STREAM);
  }

  private static long tokens(Random random) {
    return Math.max(2, Math.round(200 * Math.exp(.8 * random.nextGaussian())));
  }

  private static Observation whole(Random random, Arm arm) {
    long micros = Math.round(5e6 * Math.exp(.5 * random.nextGaussian()));
    return new Observation(
            arm,
            Outcome.SUCCESS,
            OptionalLong.of(micros),
            OptionalLong.empty(),
            OptionalLong.of(micros),
            false)
        .withResponse(tokens(random), Set.of())
        .withForm(AnswerForm.WHOLE);
  }

  private static Observation cut(Arm arm) {
    return Observation.truncated(arm, 300_000, 30_000, 2_000_000).withForm(AnswerForm.STREAM);
  }

  private static Observation mixed(Random random, Arm arm, double cutOfStreams) {
    if (random.nextBoolean()) {
      return whole(random, arm);
    }
    boolean broken = arm == Arm.CANARY && random.nextDouble() < cutOfStreams;
    return broken ? cut(arm) : stream(random, arm, 1);
  }

  @Test
  void two_per_cent_of_cut_streams_are_found_although_half_of_the_traffic_is_not_streamed() {
    assertThat(play(SLICES, (random, arm) -> mixed(random, arm, .02)).verdict())
        .isInstanceOfSatisfying(
            Verdict.Revert.class,
            revert -> assertThat(revert.crossed()).containsExactly(ReleaseMetric.TRUNCATED));
  }

  @Test
  void of_the_version_before_that_does_not_tell_them_apart_more_of_the_same_streams_are_needed() {
    LookResult found = play(SLICES, (random, arm) -> mixed(random, arm, .02));
    int enough = (int) (found.evidence().atMillis() / SLICE);
    LookResult lookResult =
        play(enough, (random, arm) -> mixed(random, arm, .02).withForm(AnswerForm.UNKNOWN));
    assertThat(lookResult.verdict()).isNotInstanceOf(Verdict.Revert.class);
    AnalysisEvidence.MetricResult truncated = of(lookResult, ReleaseMetric.TRUNCATED);
    assertThat(truncated.rollout().canary())
        .isEqualTo(of(lookResult, ReleaseMetric.ERROR).rollout().canary());
  }

  @Test
  void streams_alone_are_the_denominator_of_cut_ones() {
    LookResult lookResult = play(20, (random, arm) -> mixed(random, arm, 0));
    long all = of(lookResult, ReleaseMetric.ERROR).rollout().canary();
    assertThat(of(lookResult, ReleaseMetric.TRUNCATED).rollout().canary())
        .isBetween(all * 2 / 5, all * 3 / 5);
    assertThat(of(lookResult, ReleaseMetric.ITL).rollout().canary())
        .isPositive()
        .isLessThanOrEqualTo(of(lookResult, ReleaseMetric.TRUNCATED).rollout().canary());
  }

  @Test
  void where_nobody_streams_a_step_does_not_wait_for_what_only_streams_show() {
    assertThat(play(SLICES, FormsTest::whole).verdict())
        .isInstanceOfSatisfying(
            Verdict.Promote.class,
            promote ->
                assertThat(promote.provenBy())
                    .contains(ReleaseMetric.ERROR, ReleaseMetric.TTFT, ReleaseMetric.EMPTY)
                    .doesNotContain(ReleaseMetric.TRUNCATED, ReleaseMetric.ITL));
  }

  private static Observation sometimesEmpty(Random random, Arm arm) {
    Observation answer = stream(random, arm, 1);
    boolean empty = arm == Arm.CANARY && random.nextDouble() < .02;
    // Of normal length, of which the client sees nothing: lengths do not show it.
    return empty ? answer.withResponse(tokens(random), Set.of(AnswerTrait.EMPTY)) : answer;
  }

  @Test
  void two_per_cent_of_empty_answers_are_reverted_by_the_metric_of_their_own() {
    assertThat(play(SLICES, FormsTest::sometimesEmpty).verdict())
        .isInstanceOfSatisfying(
            Verdict.Revert.class,
            revert -> assertThat(revert.crossed()).containsExactly(ReleaseMetric.EMPTY));
  }

  @Test
  void a_gateway_that_does_not_report_empty_answers_makes_their_metric_neither_pass_nor_fail() {
    LookResult lookResult =
        play(
            SLICES,
            (random, arm) ->
                sometimesEmpty(random, arm)
                    .withResponse(tokens(random), Set.of())
                    .withForm(AnswerForm.UNKNOWN));
    assertThat(lookResult.verdict())
        .isInstanceOfSatisfying(
            Verdict.Promote.class,
            promote -> assertThat(promote.provenBy()).doesNotContain(ReleaseMetric.EMPTY));
    assertThat(of(lookResult, ReleaseMetric.EMPTY).rollout())
        .isEqualTo(AnalysisEvidence.Judged.NONE);
  }

  private static Observation slowStreams(Random random, Arm arm) {
    boolean streamed = random.nextDouble() < .3;
    return streamed ? stream(random, arm, arm == Arm.CANARY ? 2 : 1) : whole(random, arm);
  }

  @Test
  void first_tokens_that_come_late_are_found_among_many_answers_in_one_piece() {
    assertThat(play(SLICES, FormsTest::slowStreams).verdict())
        .isInstanceOfSatisfying(
            Verdict.Revert.class,
            revert -> assertThat(revert.crossed()).containsExactly(ReleaseMetric.TTFT));
    assertThat(
            play(SLICES, (random, arm) -> slowStreams(random, arm).withForm(AnswerForm.UNKNOWN))
                .verdict())
        .as("against the quantiles of both together")
        .isNotInstanceOf(Verdict.Revert.class);
  }

  @Test
  void an_answer_in_one_piece_that_breaks_is_an_error_whether_it_had_begun_or_not() {
    Observation broken = Observation.truncated(Arm.CANARY, 300, 20, 900).withForm(AnswerForm.WHOLE);
    assertThat(MetricEvaluator.rate(ReleaseMetric.ERROR, broken, 1_000)).isEqualTo(BAD);
    assertThat(MetricEvaluator.rate(ReleaseMetric.ERROR, broken, 800))
        .as("it runs yet")
        .isEqualTo(GOOD);
    assertThat(MetricEvaluator.rate(ReleaseMetric.TRUNCATED, broken, 1_000)).isEqualTo(EXCLUDED);
    assertThat(MetricEvaluator.settled(ReleaseMetric.ERROR, whole(new Random(1), Arm.CANARY)))
        .isTrue();
    Observation begun = Observation.streaming(Arm.CANARY, 300);
    assertThat(MetricEvaluator.settled(ReleaseMetric.ERROR, begun.withForm(AnswerForm.STREAM)))
        .isTrue();
    assertThat(MetricEvaluator.settled(ReleaseMetric.ERROR, begun.withForm(AnswerForm.WHOLE)))
        .isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = ReleaseMetric.class,
      names = {"TRUNCATED", "EMPTY", "REFUSAL", "REPETITION"})
  void what_is_no_text_is_no_answer_that_these_speak_of(ReleaseMetric metric) {
    Observation vectors = whole(new Random(1), Arm.CANARY).withForm(AnswerForm.OTHER);
    assertThat(MetricEvaluator.rate(metric, vectors, Long.MAX_VALUE)).isEqualTo(EXCLUDED);
    assertThat(MetricEvaluator.rate(ReleaseMetric.ERROR, vectors, Long.MAX_VALUE)).isEqualTo(GOOD);
  }

  @ParameterizedTest
  @EnumSource(
      value = ReleaseMetric.class,
      names = {"ITL", "E2E_PER_TOKEN", "LENGTH_UP", "LENGTH_DOWN"})
  void nor_has_it_tokens(ReleaseMetric metric) {
    Observation vectors = whole(new Random(1), Arm.CANARY).withForm(AnswerForm.OTHER);
    assertThat(MetricEvaluator.size(metric, vectors, Long.MAX_VALUE))
        .isEqualTo(MetricEvaluator.EXCLUDED);
    assertThat(
            MetricEvaluator.size(
                metric, Observation.streaming(Arm.CANARY, 1).withForm(AnswerForm.OTHER), 10))
        .isEqualTo(MetricEvaluator.EXCLUDED);
  }

  /// A cohort with one answer in one piece that takes 40 s and fails then.
  private static Cohort slow(long nowMillis, long toldMillis) {
    Observation failed =
        Observation.ended(Arm.CANARY, Outcome.FAILURE, 40_000_000).withForm(AnswerForm.WHOLE);
    Observation pending = Observation.pending(Arm.CANARY).withForm(AnswerForm.WHOLE);
    List<Observation> seen =
        List.of(
            stream(new Random(1), Arm.BASELINE, 1), nowMillis < SLICE + 40_000 ? pending : failed);
    return new Cohort("c0", 0, 0, SLICE, RHO, toldMillis, seen);
  }

  @Test
  void an_error_of_an_answer_in_one_piece_is_waited_for_until_its_end() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    analysis.beginStep(0, RHO, 0);
    LookResult early = analysis.lookResult(List.of(slow(30_000, 30_000)), 30_000);
    assertThat(of(early, ReleaseMetric.ERROR).rollout()).isEqualTo(AnalysisEvidence.Judged.NONE);
    assertThat(of(early, ReleaseMetric.ERROR).stale()).isFalse();
    LookResult late = analysis.lookResult(List.of(slow(60_000, 60_000)), 60_000);
    assertThat(of(late, ReleaseMetric.ERROR).rollout())
        .isEqualTo(new AnalysisEvidence.Judged(1, 1, 1, 0));
  }

  @Test
  void but_not_of_a_gateway_that_is_silent() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    analysis.beginStep(0, RHO, 0);
    LookResult lookResult = analysis.lookResult(List.of(slow(30_000, SLICE)), 30_000);
    assertThat(of(lookResult, ReleaseMetric.ERROR).rollout())
        .isEqualTo(new AnalysisEvidence.Judged(1, 0, 1, 0));
  }

  private static AnalysisEvidence.MetricResult of(LookResult lookResult, ReleaseMetric metric) {
    return Optional.ofNullable(lookResult.evidence().metrics().get(metric)).orElseThrow();
  }
}
