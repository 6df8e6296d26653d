// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.metric.AnswerForm;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.ProofScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CanaryAnalysisTest {

  private static final AnalysisPlan PLAN = AnalysisPlan.defaults().withDispersion(1);

  /// Looks at the end of each slice until something is decided.
  private static LookResult play(
      CanaryAnalysis analysis, SyntheticTraffic traffic, long from, long to) {
    LookResult lookResult = null;
    for (long i = from; i < to; i++) {
      lookResult =
          analysis.lookResult(List.of(traffic.cohort(i)), (i + 1) * SyntheticTraffic.SLICE_MILLIS);
      if (!(lookResult.verdict() instanceof Verdict.Continue)) {
        return lookResult;
      }
    }
    if (lookResult == null) {
      throw new IllegalArgumentException("nothing to play");
    }
    return lookResult;
  }

  private static CanaryAnalysis begun(AnalysisPlan plan, BaselineSeed seed, double weight) {
    CanaryAnalysis analysis = CanaryAnalysis.start(plan, seed);
    analysis.beginStep(1, weight, 0);
    return analysis;
  }

  @Test
  void a_healthy_canary_is_promoted_by_proof_on_every_gating_metric() {
    SyntheticTraffic traffic = new SyntheticTraffic(1, .25, 500);
    LookResult lookResult = play(begun(PLAN, traffic.seed(), .25), traffic, 0, 200);
    assertThat(lookResult.verdict())
        .isEqualTo(
            new Verdict.Promote(
                1,
                List.of(
                    ReleaseMetric.ERROR,
                    ReleaseMetric.TRUNCATED,
                    ReleaseMetric.REFUSAL,
                    ReleaseMetric.TTFT,
                    ReleaseMetric.ITL)));
    assertThat(lookResult.evidence().stepElapsedMillis()).isGreaterThanOrEqualTo(120_000);
    assertThat(lookResult.done())
        .containsExactly("gw-1/boot-1/1/" + (lookResult.evidence().atMillis() / 5000 - 1));
  }

  @Test
  void a_failing_canary_is_reverted_by_the_error_metric() {
    SyntheticTraffic traffic = new SyntheticTraffic(2, .05, 1000).canaryErrors(1);
    LookResult lookResult = play(begun(PLAN, traffic.seed(), .05), traffic, 0, 20);
    assertThat(lookResult.verdict()).isInstanceOf(Verdict.Revert.class);
    assertThat(((Verdict.Revert) lookResult.verdict()).metric()).isEqualTo(ReleaseMetric.ERROR);
    assertThat(lookResult.evidence().atMillis()).isEqualTo(SyntheticTraffic.SLICE_MILLIS);
  }

  @Test
  void each_other_kind_of_harm_is_reverted_by_its_own_metric() {
    assertReverts(ReleaseMetric.TTFT, new SyntheticTraffic(3, .05, 1000).canarySlowdown(2));
    assertReverts(ReleaseMetric.ITL, new SyntheticTraffic(4, .05, 1000).canaryItlSlowdown(1.4));
    assertReverts(ReleaseMetric.TRUNCATED, new SyntheticTraffic(5, .05, 1000).canaryTruncated(.2));
  }

  private static void assertReverts(ReleaseMetric metric, SyntheticTraffic traffic) {
    LookResult lookResult = play(begun(PLAN, traffic.seed(), .05), traffic, 0, 200);
    assertThat(lookResult.verdict())
        .isInstanceOfSatisfying(
            Verdict.Revert.class, revert -> assertThat(revert.crossed()).containsExactly(metric));
  }

  @Test
  void too_little_traffic_ends_inconclusive_and_never_promotes() {
    SyntheticTraffic traffic = new SyntheticTraffic(6, .05, 5);
    LookResult lookResult = play(begun(PLAN, traffic.seed(), .05), traffic, 0, 400);
    assertThat(lookResult.verdict()).isInstanceOf(Verdict.Inconclusive.class);
    assertThat(lookResult.evidence().stepElapsedMillis()).isEqualTo(1_800_000);
  }

  @Test
  void restoring_in_the_middle_gives_bit_by_bit_the_same() {
    CanaryAnalysis unbroken = begun(PLAN, new SyntheticTraffic(7, .1, 300).seed(), .1);
    CanaryAnalysis restored = begun(PLAN, new SyntheticTraffic(7, .1, 300).seed(), .1);
    SyntheticTraffic one = new SyntheticTraffic(8, .1, 300);
    SyntheticTraffic two = new SyntheticTraffic(8, .1, 300);
    for (int i = 0; i < 40; i++) {
      long now = (i + 1) * SyntheticTraffic.SLICE_MILLIS;
      if (i == 15) {
        unbroken.beginStep(2, .1, now);
        restored.beginStep(2, .1, now);
      }
      restored = CanaryAnalysis.restore(restored.toJson());
      LookResult a = unbroken.lookResult(List.of(one.cohort(i)), now);
      LookResult b = restored.lookResult(List.of(two.cohort(i)), now);
      assertThat(b).isEqualTo(a);
    }
    assertThat(restored.toJson()).isEqualTo(unbroken.toJson());
    assertThat(restored.stateVersion()).isEqualTo(41 + 1);
  }

  @Test
  void the_order_of_requests_inside_a_cohort_changes_nothing() {
    CanaryAnalysis one = begun(PLAN, new SyntheticTraffic(9, .1, 300).seed(), .1);
    CanaryAnalysis two = begun(PLAN, new SyntheticTraffic(9, .1, 300).seed(), .1);
    SyntheticTraffic traffic = new SyntheticTraffic(10, .1, 300);
    for (int i = 0; i < 15; i++) {
      Cohort cohort = traffic.cohort(i);
      List<Observation> shuffled = new ArrayList<>(cohort.observations());
      Collections.shuffle(shuffled, new Random(i));
      long now = cohort.endMillis();
      LookResult a = one.lookResult(List.of(cohort), now);
      LookResult b = two.lookResult(List.of(traffic.cohort(i, shuffled)), now);
      assertThat(b.evidence()).isEqualTo(a.evidence());
    }
  }

  @Test
  void how_often_one_looks_does_not_change_what_is_known() {
    CanaryAnalysis eager = begun(PLAN, new SyntheticTraffic(11, .1, 300).seed(), .1);
    CanaryAnalysis lazy = begun(PLAN, new SyntheticTraffic(11, .1, 300).seed(), .1);
    SyntheticTraffic traffic = new SyntheticTraffic(12, .1, 300);
    List<Cohort> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(traffic.cohort(i));
      eager.lookResult(List.of(all.getLast()), all.getLast().endMillis());
    }
    LookResult late = lazy.lookResult(all.reversed(), 100_000);
    assertThat(late.evidence().metrics()).isEqualTo(eager.evidence(100_000).metrics());
    assertThat(late.evidence().allocation()).isEqualTo(eager.evidence(100_000).allocation());
    assertThat(late.done()).hasSize(20);
  }

  @Test
  void a_cohort_is_consumed_once_however_often_it_is_offered() {
    SyntheticTraffic traffic = new SyntheticTraffic(13, .1, 300);
    CanaryAnalysis analysis = begun(PLAN, traffic.seed(), .1);
    Cohort cohort = traffic.cohort(0);
    LookResult first = analysis.lookResult(List.of(cohort), 5_000);
    LookResult again = analysis.lookResult(List.of(cohort), 5_000);
    assertThat(again.evidence()).isEqualTo(first.evidence());
    assertThat(again.done()).containsExactly(cohort.id());
  }

  @Test
  void a_cohort_waits_for_the_one_that_arrived_before_it() {
    SyntheticTraffic traffic = new SyntheticTraffic(14, .5, 0);
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(1), .5);
    Cohort slow = traffic.cohort(0, List.of(Observation.pending(Arm.CANARY)));
    Cohort fast =
        traffic.cohort(1, List.of(Observation.success(Arm.BASELINE, 10_000, 10_000, 500_000)));
    LookResult early = analysis.lookResult(List.of(fast, slow), 6_000);
    assertThat(early.done()).isEmpty();
    assertThat(early.evidence().metrics().values())
        .allSatisfy(m -> assertThat(m.lastCohortId()).isEmpty());
    // error waits 11 s after the slice, ttft only 1.25 s
    LookResult later = analysis.lookResult(List.of(fast, slow), 6_300);
    assertThat(lastOf(later, ReleaseMetric.TTFT)).contains(fast.id());
    assertThat(lastOf(later, ReleaseMetric.ERROR)).isEmpty();
    assertThat(later.done()).isEmpty();
    LookResult latest = analysis.lookResult(List.of(fast, slow), 16_000);
    assertThat(lastOf(latest, ReleaseMetric.ERROR)).contains(fast.id());
  }

  private static Optional<String> lastOf(LookResult lookResult, ReleaseMetric metric) {
    return of(lookResult.evidence(), metric).lastCohortId();
  }

  private static AnalysisEvidence.MetricResult of(AnalysisEvidence evidence, ReleaseMetric metric) {
    return Objects.requireNonNull(evidence.metrics().get(metric));
  }

  @Test
  void a_request_without_a_first_token_at_the_horizon_is_as_bad_as_any_slow_one() {
    SyntheticTraffic traffic = new SyntheticTraffic(15, .5, 0);
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(1), .5);
    List<Observation> hung = Collections.nCopies(20, Observation.pending(Arm.CANARY));
    List<Observation> seen = new ArrayList<>(hung);
    seen.addAll(
        Collections.nCopies(20, Observation.success(Arm.BASELINE, 500_000, 20_000, 900_000)));
    Cohort cohort = traffic.cohort(0, seen);
    assertThat(analysis.lookResult(List.of(cohort), 6_000).verdict())
        .isInstanceOf(Verdict.Continue.class);
    LookResult lookResult = analysis.lookResult(List.of(cohort), 6_300);
    assertThat(lookResult.verdict())
        .isInstanceOfSatisfying(
            Verdict.Revert.class, r -> assertThat(r.metric()).isEqualTo(ReleaseMetric.TTFT));
    assertThat(of(lookResult.evidence(), ReleaseMetric.TTFT).rollout().canaryBad()).isEqualTo(20);
  }

  @Test
  void what_happened_after_the_horizon_is_ignored_however_late_one_looks() {
    SyntheticTraffic traffic = new SyntheticTraffic(16, .5, 0);
    CanaryAnalysis prompt = begun(PLAN, SyntheticTraffic.constant(1), .5);
    CanaryAnalysis tardy = begun(PLAN, SyntheticTraffic.constant(1), .5);
    Cohort atHorizon =
        traffic.cohort(
            0, List.of(Observation.pending(Arm.CANARY), Observation.pending(Arm.BASELINE)));
    Cohort after =
        traffic.cohort(
            0,
            List.of(
                Observation.success(Arm.CANARY, 1_600_000, 50_000, 3_000_000),
                Observation.ended(Arm.BASELINE, Outcome.NEUTRAL, 2_900_000)));
    prompt.lookResult(List.of(atHorizon), 6_300);
    LookResult a = prompt.lookResult(List.of(after), 30_000);
    LookResult b = tardy.lookResult(List.of(after), 30_000);
    assertThat(of(b.evidence(), ReleaseMetric.TTFT))
        .isEqualTo(of(a.evidence(), ReleaseMetric.TTFT));
    assertThat(of(a.evidence(), ReleaseMetric.TTFT).late())
        .isEqualTo(new AnalysisEvidence.Late(0, 0));
  }

  @Test
  void records_that_come_after_their_cohort_was_consumed_are_counted_and_hold_the_rollout() {
    SyntheticTraffic traffic = new SyntheticTraffic(17, .5, 0);
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(1), .5);
    List<Observation> known = new ArrayList<>();
    List<Observation> amended = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Arm arm = i % 2 == 0 ? Arm.CANARY : Arm.BASELINE;
      known.add(Observation.pending(arm));
      amended.add(Observation.success(arm, 400_000, 9_000, 900_000));
    }
    analysis.lookResult(List.of(traffic.cohort(0, known)), 6_300);
    LookResult lookResult = analysis.lookResult(List.of(traffic.cohort(0, amended)), 6_500);
    assertThat(of(lookResult.evidence(), ReleaseMetric.TTFT).late())
        .isEqualTo(new AnalysisEvidence.Late(30, 30));
    assertThat(lookResult.verdict())
        .isInstanceOfSatisfying(
            Verdict.Hold.class,
            hold ->
                assertThat(hold.reasons())
                    .extracting(HoldReason::kind)
                    .contains(HoldReason.Kind.DATA_QUALITY));
  }

  @Test
  void records_amended_once_more_are_not_counted_twice() {
    SyntheticTraffic traffic = new SyntheticTraffic(18, .5, 0);
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(1), .5);
    Observation pending = Observation.pending(Arm.CANARY);
    Observation late = Observation.streaming(Arm.CANARY, 100_000);
    analysis.lookResult(List.of(traffic.cohort(0, List.of(pending, pending))), 6_300);
    analysis.lookResult(List.of(traffic.cohort(0, List.of(late, pending))), 6_400);
    LookResult lookResult =
        analysis.lookResult(List.of(traffic.cohort(0, List.of(late, late))), 6_500);
    assertThat(of(lookResult.evidence(), ReleaseMetric.TTFT).late())
        .isEqualTo(new AnalysisEvidence.Late(2, 0));
  }

  @Test
  void an_unsettled_cohort_is_kept_two_slices_longer_to_count_late_records() {
    SyntheticTraffic traffic = new SyntheticTraffic(19, .5, 0);
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(1), .5);
    Cohort hung = traffic.cohort(0, List.of(Observation.pending(Arm.BASELINE)));
    assertThat(analysis.lookResult(List.of(hung), 16_000).done()).isEmpty();
    assertThat(analysis.lookResult(List.of(hung), 25_999).done()).isEmpty();
    assertThat(analysis.lookResult(List.of(hung), 26_000).done()).containsExactly(hung.id());
  }

  @Test
  void an_open_cohort_must_be_offered_again_or_abandoned() {
    SyntheticTraffic traffic = new SyntheticTraffic(20, .5, 0);
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(1), .5);
    Cohort open = traffic.cohort(0, List.of(Observation.pending(Arm.BASELINE)));
    analysis.lookResult(List.of(open), 5_000);
    String before = analysis.toJson();
    assertThatIllegalArgumentException().isThrownBy(() -> analysis.lookResult(List.of(), 5_100));
    assertThat(analysis.toJson()).isEqualTo(before);
    analysis.abandon(open.id());
    assertThat(analysis.lookResult(List.of(), 5_200).evidence().slices())
        .isEqualTo(new AnalysisEvidence.Slices(0, 0, 1));
  }

  @Test
  void contradicting_cohorts_are_refused_before_anything_moves() {
    SyntheticTraffic traffic = new SyntheticTraffic(21, .5, 20);
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(1), .5);
    Cohort one = traffic.cohort(0);
    Cohort twin = new Cohort("other", 0, 0, 5_000, .5, Cohort.ALL_REPORTED, List.of());
    String before = analysis.toJson();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> analysis.lookResult(List.of(one, twin), 5_000));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> analysis.lookResult(List.of(one, one), 5_000));
    assertThat(analysis.toJson()).isEqualTo(before);
  }

  @Test
  void a_slice_accepted_out_of_order_is_not_consumed() {
    SyntheticTraffic traffic = new SyntheticTraffic(22, .5, 100);
    CanaryAnalysis analysis = begun(PLAN, traffic.seed(), .5);
    Cohort early = traffic.cohort(0);
    LookResult lookResult = analysis.lookResult(List.of(traffic.cohort(1)), 10_000);
    LookResult after = analysis.lookResult(List.of(early), 10_000);
    assertThat(after.evidence()).isEqualTo(lookResult.evidence());
    assertThat(after.done()).containsExactly(early.id());
  }

  @Test
  void a_new_step_starts_safe_evidence_afresh_and_keeps_harm() {
    SyntheticTraffic traffic = new SyntheticTraffic(23, .25, 300).canaryErrors(.02);
    CanaryAnalysis analysis = begun(PLAN.withProof(ProofScope.STEP), traffic.seed(), .25);
    AnalysisEvidence before = play(analysis, traffic, 0, 10).evidence();
    analysis.beginStep(2, .25, 50_000);
    AnalysisEvidence after = analysis.evidence(50_000);
    for (ReleaseMetric metric : PLAN.metrics().keySet()) {
      assertThat(of(after, metric).harm()).isEqualTo(of(before, metric).harm());
      assertThat(of(after, metric).safe())
          .allSatisfy(safe -> assertThat(safe.logE()).isCloseTo(0, within(1e-12)));
      assertThat(of(after, metric).step().canary()).isZero();
      assertThat(of(after, metric).rollout()).isEqualTo(of(before, metric).rollout());
    }
  }

  @Test
  void a_proof_of_the_release_continues_over_steps_with_the_weight_of_each_cohort() {
    SyntheticTraffic traffic = new SyntheticTraffic(23, .25, 300);
    CanaryAnalysis analysis = begun(PLAN, traffic.seed(), .25);
    AnalysisEvidence before = play(analysis, traffic, 0, 10).evidence();
    analysis.beginStep(2, .5, 50_000);
    AnalysisEvidence after = analysis.evidence(50_000);
    for (ReleaseMetric metric : PLAN.metrics().keySet()) {
      assertThat(of(after, metric).safe()).isEqualTo(of(before, metric).safe());
      assertThat(of(after, metric).step().canary()).isZero();
    }
    Cohort late = traffic.cohort(10);
    AnalysisEvidence more = analysis.lookResult(List.of(late), late.endMillis()).evidence();
    assertThat(of(more, ReleaseMetric.ERROR).safe().getFirst().logE())
        .as("a cohort of the previous weight adds to the proof")
        .isGreaterThan(of(after, ReleaseMetric.ERROR).safe().getFirst().logE());
    assertThat(of(more, ReleaseMetric.ERROR).step().canary()).isZero();
  }

  @Test
  void a_proof_starts_again_when_a_step_has_another_margin() {
    AnalysisPlan plan =
        PLAN.withSteps(Map.of(2, new StepPlan(Map.of(ReleaseMetric.ERROR, .02), Map.of())));
    SyntheticTraffic traffic = new SyntheticTraffic(23, .25, 300);
    CanaryAnalysis analysis = begun(plan, traffic.seed(), .25);
    AnalysisEvidence before = play(analysis, traffic, 0, 10).evidence();
    analysis.beginStep(2, .5, 50_000);
    AnalysisEvidence after = analysis.evidence(50_000);
    assertThat(of(after, ReleaseMetric.ERROR).safe().getFirst().logE()).isCloseTo(0, within(1e-12));
    assertThat(of(after, ReleaseMetric.TTFT).safe())
        .isEqualTo(of(before, ReleaseMetric.TTFT).safe());
  }

  @Test
  void a_higher_weight_tops_the_bettors_up_without_changing_the_evidence() {
    SyntheticTraffic traffic = new SyntheticTraffic(31, .25, 300);
    CanaryAnalysis raised = begun(PLAN, traffic.seed(), .25);
    AnalysisEvidence before = play(raised, traffic, 0, 10).evidence();
    CanaryAnalysis repeated = CanaryAnalysis.restore(raised.toJson());
    raised.beginStep(2, .5, 50_000);
    repeated.beginStep(2, .25, 50_000);
    for (ReleaseMetric metric : PLAN.metrics().keySet()) {
      assertThat(of(raised.evidence(50_000), metric).harm().logE())
          .isCloseTo(of(before, metric).harm().logE(), within(1e-12));
    }
    SyntheticTraffic outage = new SyntheticTraffic(32, .5, 300).canaryErrors(1);
    Cohort bad = outage.cohort(10);
    double topped = errorLogE(raised.lookResult(List.of(bad), bad.endMillis()));
    assertThat(topped).isGreaterThan(errorLogE(repeated.lookResult(List.of(bad), bad.endMillis())));
  }

  private static double errorLogE(LookResult lookResult) {
    return of(lookResult.evidence(), ReleaseMetric.ERROR).harm().logE();
  }

  @Test
  void the_end_of_whole_requests_is_waited_for_as_long_as_the_baseline_takes() {
    CanaryAnalysis analysis = begun(PLAN, BaselineSeed.none(), .5);
    assertThat(of(analysis.evidence(0), ReleaseMetric.ITL).horizonMillis()).isEqualTo(120_000);
    assertThat(of(analysis.evidence(0), ReleaseMetric.TTFT).horizonMillis()).isEqualTo(10_000);
    assertThat(of(analysis.evidence(0), ReleaseMetric.ERROR).horizonMillis()).isEqualTo(11_000);
    List<Observation> seen =
        Collections.nCopies(60, Observation.success(Arm.BASELINE, 300_000, 20_000, 3_000_000));
    analysis.lookResult(List.of(new SyntheticTraffic(33, .5, 0).cohort(0, seen)), 8_000);
    assertThat(of(analysis.evidence(8_000), ReleaseMetric.ITL).horizonMillis())
        .isBetween(6_000L, 6_200L);
    assertThat(of(analysis.evidence(8_000), ReleaseMetric.TRUNCATED).horizonMillis())
        .isBetween(6_000L, 6_200L);
    assertThat(of(analysis.evidence(8_000), ReleaseMetric.TTFT).horizonMillis())
        .isBetween(375L, 390L);
  }

  @Test
  void a_cohort_waits_for_what_its_gateway_has_not_told_yet() {
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(.1), .5);
    Cohort open =
        new SyntheticTraffic(34, .5, 0).cohort(0, List.of(Observation.pending(Arm.CANARY)));
    long horizon = of(analysis.evidence(0), ReleaseMetric.ITL).horizonMillis();
    long due = open.endMillis() + horizon;
    Cohort early = open.withReportedUntil(open.endMillis() + 10);
    assertThat(consumed(analysis.lookResult(List.of(early), due + 1_000), ReleaseMetric.ITL))
        .isFalse();
    List<Observation> news = List.of(Observation.success(Arm.CANARY, 30_000, 9_000, 99_000));
    Cohort told = new SyntheticTraffic(34, .5, 0).cohort(0, news).withReportedUntil(due);
    LookResult lookResult = analysis.lookResult(List.of(told), due + 1_001);
    assertThat(consumed(lookResult, ReleaseMetric.ITL)).isTrue();
    assertThat(of(lookResult.evidence(), ReleaseMetric.ITL).late())
        .isEqualTo(new AnalysisEvidence.Late(0, 0));
  }

  @Test
  void a_cohort_does_not_wait_for_a_gateway_that_is_silent() {
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(.1), .5);
    Cohort open =
        new SyntheticTraffic(35, .5, 0).cohort(0, List.of(Observation.pending(Arm.CANARY)));
    Cohort silent = open.withReportedUntil(open.endMillis());
    long due = open.endMillis() + of(analysis.evidence(0), ReleaseMetric.ITL).horizonMillis();
    LookResult before =
        analysis.lookResult(List.of(silent), due + MetricTracker.SILENCE_MILLIS - 1);
    assertThat(consumed(before, ReleaseMetric.ITL)).isFalse();
    LookResult after = analysis.lookResult(List.of(silent), due + MetricTracker.SILENCE_MILLIS);
    assertThat(consumed(after, ReleaseMetric.ITL)).isTrue();
  }

  @Test
  void errors_that_others_told_of_are_not_held_up_by_a_dead_gateway_for_the_total_deadline() {
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(.1), .5);
    Cohort open =
        new SyntheticTraffic(36, .5, 0)
            .cohort(0, List.of(Observation.pending(Arm.CANARY).withForm(AnswerForm.WHOLE)));
    Cohort silent = open.withReportedUntil(open.endMillis());
    long due = open.endMillis() + 11_000 + MetricTracker.SILENCE_MILLIS;
    assertThat(consumed(analysis.lookResult(List.of(silent), due - 1), ReleaseMetric.ERROR))
        .isFalse();
    assertThat(consumed(analysis.lookResult(List.of(silent), due), ReleaseMetric.ERROR)).isTrue();
  }

  /// Whole answers take about 3 s; one in a hundred of the canary's hangs, and its gateway calls it
  /// overdue after 20 s.
  @Test
  void a_canary_that_hangs_once_in_a_hundred_times_is_reverted_for_its_errors() {
    assertThat(playHanging(.01).verdict())
        .isInstanceOfSatisfying(
            Verdict.Revert.class,
            revert -> assertThat(revert.metric()).isEqualTo(ReleaseMetric.ERROR));
    assertThat(playHanging(0).verdict()).isNotInstanceOf(Verdict.Revert.class);
  }

  private static LookResult playHanging(double share) {
    Random random = new Random(37);
    CanaryAnalysis analysis = begun(PLAN, BaselineSeed.none(), .25);
    SyntheticTraffic traffic = new SyntheticTraffic(38, .25, 0);
    LookResult lookResult = analysis.lookResult(List.of(), 0);
    for (int i = 0; i < 360; i++) {
      List<Observation> all = new ArrayList<>();
      for (int n = 0; n < 200; n++) {
        Arm arm = random.nextDouble() < .25 ? Arm.CANARY : Arm.BASELINE;
        boolean hangs = arm == Arm.CANARY && random.nextDouble() < share;
        long micros = Math.round(3e6 * Math.exp(.3 * random.nextGaussian()));
        Observation seen =
            hangs
                ? Observation.ended(arm, Outcome.FAILURE, 20_000_000)
                : Observation.success(arm, micros, 20_000, micros);
        all.add(seen.withForm(AnswerForm.WHOLE));
      }
      lookResult =
          analysis.lookResult(
              List.of(traffic.cohort(i, all)), (i + 1) * SyntheticTraffic.SLICE_MILLIS + 20_000);
      if (!(lookResult.verdict() instanceof Verdict.Continue)) {
        return lookResult;
      }
    }
    return lookResult;
  }

  private static boolean consumed(LookResult lookResult, ReleaseMetric metric) {
    return of(lookResult.evidence(), metric).lastCohortId().isPresent();
  }

  @Test
  void cohorts_of_another_weight_count_for_harm_but_not_for_the_step() {
    SyntheticTraffic old = new SyntheticTraffic(24, .25, 300);
    CanaryAnalysis analysis = begun(PLAN.withProof(ProofScope.STEP), old.seed(), .5);
    AnalysisEvidence evidence = play(analysis, old, 0, 5).evidence();
    assertThat(evidence.canaryCompletions()).isZero();
    assertThat(of(evidence, ReleaseMetric.ERROR).rollout().canary()).isPositive();
    assertThat(of(evidence, ReleaseMetric.ERROR).safe().getFirst().logE())
        .isCloseTo(0, within(1e-12));
  }

  @Test
  void a_router_that_does_not_keep_its_weight_holds_the_rollout_until_the_weight_changes() {
    SyntheticTraffic liar = new SyntheticTraffic(25, .1, 500);
    CanaryAnalysis analysis = begun(PLAN, liar.seed(), .05);
    LookResult lookResult = null;
    for (int i = 0; i < 10; i++) {
      Cohort honest = liar.cohort(i);
      Cohort stated = stated(honest, .05);
      lookResult = analysis.lookResult(List.of(stated), honest.endMillis());
    }
    assertThat(Objects.requireNonNull(lookResult).verdict())
        .isInstanceOfSatisfying(
            Verdict.Hold.class,
            hold ->
                assertThat(hold.reasons())
                    .extracting(HoldReason::kind)
                    .containsExactly(HoldReason.Kind.SAMPLE_RATIO_MISMATCH));
    assertThat(lookResult.evidence().allocation().split()).isEqualTo(SplitSource.REALISED);
    analysis.beginStep(2, .1, 50_000);
    assertThat(play(analysis, liar, 10, 11).verdict()).isInstanceOf(Verdict.Continue.class);
  }

  @Test
  void after_an_alarm_whoever_goes_on_goes_on_by_the_split_that_came_about() {
    SyntheticTraffic liar = new SyntheticTraffic(25, .1, 500).canaryErrors(.2);
    CanaryAnalysis analysis = begun(PLAN, liar.seed(), .05);
    LookResult lookResult = analysis.lookResult(List.of(stated(liar.cohort(0), .05)), 5_000);
    for (int i = 1; lookResult.evidence().allocation().split() == SplitSource.KNOWN; i++) {
      lookResult = analysis.lookResult(List.of(stated(liar.cohort(i), .05)), (i + 1) * 5_000L);
    }
    CanaryAnalysis resumed = CanaryAnalysis.restore(analysis.toJson());
    resumed.beginStep(1, .05, 60_000);
    AnalysisEvidence.Allocation after = resumed.evidence(60_000).allocation();
    assertThat(after.split()).isEqualTo(SplitSource.REALISED);
    assertThat(after.peakLogE()).isZero();
    for (int i = 12; i < 40 && !(lookResult.verdict() instanceof Verdict.Revert); i++) {
      lookResult = resumed.lookResult(List.of(stated(liar.cohort(i), .05)), (i + 1) * 5_000L);
      assertThat(lookResult.verdict()).isNotInstanceOf(Verdict.Hold.class);
    }
    assertThat(lookResult.verdict()).isInstanceOf(Verdict.Revert.class);
  }

  private static Cohort stated(Cohort honest, double weight) {
    return new Cohort(
        honest.id(),
        honest.ordinal(),
        honest.startMillis(),
        honest.endMillis(),
        weight,
        Cohort.ALL_REPORTED,
        honest.observations());
  }

  @Test
  void ten_canary_requests_due_and_none_come_hold_the_rollout() {
    SyntheticTraffic traffic = new SyntheticTraffic(26, .05, 100);
    CanaryAnalysis analysis = begun(PLAN, traffic.seed(), .05);
    LookResult one = analysis.lookResult(List.of(onlyBaseline(traffic, 0)), 5_000);
    assertThat(one.verdict()).isInstanceOf(Verdict.Continue.class);
    analysis.lookResult(List.of(onlyBaseline(traffic, 1)), 10_000);
    LookResult two = analysis.lookResult(List.of(onlyBaseline(traffic, 2)), 15_000);
    assertThat(reasons(two)).contains(HoldReason.Kind.NO_CANARY_TRAFFIC);
    LookResult three = analysis.lookResult(List.of(traffic.cohort(3)), 20_000);
    assertThat(reasons(three)).doesNotContain(HoldReason.Kind.NO_CANARY_TRAFFIC);
  }

  private static List<HoldReason.Kind> reasons(LookResult lookResult) {
    return lookResult.verdict() instanceof Verdict.Hold hold
        ? hold.reasons().stream().map(HoldReason::kind).toList()
        : List.of();
  }

  private static Cohort onlyBaseline(SyntheticTraffic traffic, long ordinal) {
    return traffic.cohort(
        ordinal,
        traffic.cohort(ordinal).observations().stream()
            .filter(seen -> seen.arm() == Arm.BASELINE)
            .toList());
  }

  @Test
  void a_gating_metric_without_data_for_three_horizons_goes_stale() {
    SyntheticTraffic traffic = new SyntheticTraffic(27, .5, 0);
    CanaryAnalysis analysis = begun(PLAN, SyntheticTraffic.constant(1), .5);
    List<Observation> noTokens =
        List.of(
            new Observation(
                Arm.BASELINE,
                Outcome.SUCCESS,
                OptionalLong.of(300_000),
                OptionalLong.empty(),
                OptionalLong.of(300_000),
                false));
    List<Observation> streamed =
        List.of(Observation.success(Arm.BASELINE, 300_000, 20_000, 900_000));
    LookResult lookResult = analysis.lookResult(List.of(traffic.cohort(0, streamed)), 5_000);
    for (int i = 1; i < 7; i++) {
      lookResult = analysis.lookResult(List.of(traffic.cohort(i, noTokens)), (i + 1) * 5_000L);
    }
    assertThat(Objects.requireNonNull(lookResult).verdict())
        .isInstanceOfSatisfying(
            Verdict.Hold.class,
            hold ->
                assertThat(hold.reasons())
                    .singleElement()
                    .satisfies(reason -> {
                      assertThat(reason.kind()).isEqualTo(HoldReason.Kind.STALE);
                      assertThat(reason.detail()).startsWith("itl");
                    }));
  }

  @Test
  void too_many_missing_slices_hold_the_rollout() {
    SyntheticTraffic traffic = new SyntheticTraffic(28, .5, 100);
    CanaryAnalysis analysis = begun(PLAN, traffic.seed(), .5);
    analysis.noteMissingSlices(1);
    assertThat(play(analysis, traffic, 0, 1).verdict()).isInstanceOf(Verdict.Hold.class);
  }

  @Test
  void after_a_loss_of_state_alpha_is_halved_each_time() {
    CanaryAnalysis analysis = CanaryAnalysis.afterLostState(PLAN, BaselineSeed.none(), 2);
    analysis.beginStep(1, .5, 0);
    AnalysisEvidence evidence = CanaryAnalysis.restore(analysis.toJson()).evidence(0);
    assertThat(evidence.alpha()).isEqualTo(.0025);
    assertThat(of(evidence, ReleaseMetric.ERROR).harm().threshold())
        .isCloseTo(-Math.log(.0025 * .1), within(1e-12));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CanaryAnalysis.afterLostState(PLAN, BaselineSeed.none(), 0));
  }

  @Test
  void a_metric_that_is_not_planned_is_not_needed() {
    AnalysisPlan errorsOnly =
        PLAN.withMetrics(Map.of(ReleaseMetric.ERROR, PLAN.metric(ReleaseMetric.ERROR)));
    SyntheticTraffic traffic = new SyntheticTraffic(29, .25, 500).canarySlowdown(3);
    LookResult lookResult = play(begun(errorsOnly, BaselineSeed.none(), .25), traffic, 0, 200);
    assertThat(lookResult.verdict())
        .isEqualTo(new Verdict.Promote(1, List.of(ReleaseMetric.ERROR)));
  }

  @Test
  void latencies_are_shown_side_by_side() {
    SyntheticTraffic traffic = new SyntheticTraffic(30, .5, 500).canarySlowdown(1.5);
    AnalysisEvidence evidence = play(begun(PLAN, traffic.seed(), .5), traffic, 0, 2).evidence();
    AnalysisEvidence.Quantile p50 = of(evidence, ReleaseMetric.TTFT).quantiles().getFirst();
    assertThat(p50.baselineMillis().orElseThrow()).isCloseTo(350, within(40.));
    assertThat(p50.canaryMillis().orElseThrow()).isCloseTo(525, within(60.));
    assertThat(of(evidence, ReleaseMetric.ERROR).quantiles()).isEmpty();
  }

  @Test
  void a_state_of_another_version_or_shape_is_refused() {
    CanaryAnalysis analysis = begun(PLAN, BaselineSeed.none(), .5);
    String json = analysis.toJson();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CanaryAnalysis.restore(json.replace("\"version\":8", "\"version\":9")))
        .withMessageContaining("version 9");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CanaryAnalysis.restore(json.replace("\"alpha\"", "\"alfa\"")));
    assertThatIllegalArgumentException().isThrownBy(() -> CanaryAnalysis.restore("no json"));
    assertThatIllegalArgumentException().isThrownBy(() -> CanaryAnalysis.restore("{}"));
  }

  @Test
  void a_look_needs_a_step() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    assertThatIllegalStateException().isThrownBy(() -> analysis.lookResult(List.of(), 0));
    assertThatIllegalArgumentException().isThrownBy(() -> analysis.beginStep(1, 1, 0));
  }
}
