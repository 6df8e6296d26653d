// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

import static dev.weir.analysis.metric.MetricEvaluator.Badness.BAD;
import static dev.weir.analysis.metric.MetricEvaluator.Badness.EXCLUDED;
import static dev.weir.analysis.metric.MetricEvaluator.Badness.GOOD;
import static dev.weir.analysis.metric.ReleaseMetric.ERROR;
import static dev.weir.analysis.metric.ReleaseMetric.ITL;
import static dev.weir.analysis.metric.ReleaseMetric.QUALITY;
import static dev.weir.analysis.metric.ReleaseMetric.TRUNCATED;
import static dev.weir.analysis.metric.ReleaseMetric.TTFT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.analysis.Cohort;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// What each metric makes of each kind of request, horizon 1000 microseconds.
class MetricEvaluatorTest {

  private static final long H = 1_000;

  @Test
  void a_success_is_good_everywhere_and_gives_both_latencies() {
    assertSays(Observation.success(Arm.CANARY, 300, 20, 900), GOOD, GOOD, 300, 20);
  }

  @Test
  void a_failure_or_refusal_before_the_first_token_is_an_error_and_nothing_else() {
    assertSays(
        Observation.ended(Arm.CANARY, Outcome.FAILURE, 10),
        BAD,
        EXCLUDED,
        MetricEvaluator.EXCLUDED,
        MetricEvaluator.EXCLUDED);
    assertSays(
        Observation.ended(Arm.CANARY, Outcome.BACKPRESSURE, 10),
        BAD,
        EXCLUDED,
        MetricEvaluator.EXCLUDED,
        MetricEvaluator.EXCLUDED);
  }

  @Test
  void a_cut_stream_is_truncated_and_no_error() {
    assertSays(Observation.truncated(Arm.CANARY, 300, 20, 900), GOOD, BAD, 300, 20);
  }

  @Test
  void a_failure_after_the_first_token_is_a_cut_stream_also_when_it_is_not_flagged() {
    Observation unflagged =
        new Observation(
            Arm.CANARY,
            Outcome.FAILURE,
            OptionalLong.of(300),
            OptionalLong.empty(),
            OptionalLong.of(900),
            false);
    assertSays(unflagged, GOOD, BAD, 300, MetricEvaluator.EXCLUDED);
  }

  @Test
  void a_client_that_goes_away_before_the_first_token_says_nothing() {
    assertSays(
        Observation.ended(Arm.CANARY, Outcome.NEUTRAL, 10),
        EXCLUDED,
        EXCLUDED,
        MetricEvaluator.EXCLUDED,
        MetricEvaluator.EXCLUDED);
  }

  @Test
  void a_client_that_goes_away_later_leaves_its_first_token_as_evidence() {
    Observation left =
        new Observation(
            Arm.CANARY,
            Outcome.NEUTRAL,
            OptionalLong.of(300),
            OptionalLong.of(20),
            OptionalLong.of(500),
            false);
    assertSays(left, GOOD, EXCLUDED, 300, MetricEvaluator.EXCLUDED);
  }

  @Test
  void a_request_without_news_is_slow_for_ttft_only() {
    assertSays(
        Observation.pending(Arm.CANARY),
        GOOD,
        GOOD,
        MetricEvaluator.CENSORED,
        MetricEvaluator.EXCLUDED);
  }

  @Test
  void an_unfinished_stream_is_slow_for_itl() {
    assertSays(Observation.streaming(Arm.CANARY, 300), GOOD, GOOD, 300, MetricEvaluator.CENSORED);
  }

  @Test
  void what_came_after_the_horizon_has_not_happened() {
    assertSays(
        Observation.success(Arm.CANARY, 1_001, 20, 2_000),
        GOOD,
        GOOD,
        MetricEvaluator.CENSORED,
        MetricEvaluator.EXCLUDED);
    assertSays(
        Observation.ended(Arm.CANARY, Outcome.FAILURE, 1_001),
        GOOD,
        GOOD,
        MetricEvaluator.CENSORED,
        MetricEvaluator.EXCLUDED);
    assertSays(
        Observation.success(Arm.CANARY, 300, 20, 1_001), GOOD, GOOD, 300, MetricEvaluator.CENSORED);
  }

  @Test
  void a_late_first_token_is_late_also_when_the_end_is_not_told() {
    Observation untold =
        new Observation(
            Arm.CANARY,
            Outcome.SUCCESS,
            OptionalLong.of(1_001),
            OptionalLong.of(20),
            OptionalLong.empty(),
            false);
    assertSays(untold, GOOD, GOOD, MetricEvaluator.CENSORED, MetricEvaluator.EXCLUDED);
  }

  @Test
  void a_first_token_settles_error_and_ttft_and_the_end_settles_all() {
    Observation streaming = Observation.streaming(Arm.CANARY, 300);
    assertThat(MetricEvaluator.settled(ERROR, streaming)).isTrue();
    assertThat(MetricEvaluator.settled(TTFT, streaming)).isTrue();
    assertThat(MetricEvaluator.settled(TRUNCATED, streaming)).isFalse();
    assertThat(MetricEvaluator.settled(ITL, streaming)).isFalse();
    for (ReleaseMetric metric : ReleaseMetric.values()) {
      assertThat(MetricEvaluator.settled(metric, Observation.pending(Arm.CANARY))).isFalse();
      assertThat(MetricEvaluator.settled(metric, Observation.ended(Arm.CANARY, Outcome.FAILURE, 5)))
          .isTrue();
    }
  }

  @Test
  void only_a_grade_settles_the_quality_of_a_whole_answer_that_is_to_be_graded() {
    Observation whole = Observation.success(Arm.CANARY, 300, 20, 900);
    assertThat(MetricEvaluator.settled(QUALITY, whole.graded(Observation.NO_GRADE))).isFalse();
    assertThat(MetricEvaluator.settled(QUALITY, whole.graded(0))).isTrue();
    assertThat(MetricEvaluator.settled(QUALITY, whole)).isTrue();
    Observation cut = Observation.truncated(Arm.CANARY, 300, 20, 900);
    assertThat(MetricEvaluator.settled(QUALITY, cut.graded(Observation.NO_GRADE))).isTrue();
    Observation left = Observation.ended(Arm.CANARY, Outcome.NEUTRAL, 5);
    assertThat(MetricEvaluator.settled(QUALITY, left.graded(Observation.NO_GRADE))).isTrue();
  }

  @Test
  void a_score_is_what_a_grade_lacks_of_the_best() {
    Observation whole = Observation.success(Arm.CANARY, 300, 20, 900);
    assertThat(MetricEvaluator.score(whole.graded(850), H)).isEqualTo(150);
    assertThat(MetricEvaluator.score(whole.graded(850), 899))
        .isEqualTo((int) MetricEvaluator.EXCLUDED);
    assertThat(MetricEvaluator.score(whole.graded(Observation.NO_GRADE), H))
        .isEqualTo(MetricEvaluator.UNGRADED);
    assertThat(MetricEvaluator.score(whole, H)).isEqualTo((int) MetricEvaluator.EXCLUDED);
    assertThat(MetricEvaluator.score(Observation.truncated(Arm.CANARY, 300, 20, 900).graded(9), H))
        .isEqualTo((int) MetricEvaluator.EXCLUDED);
  }

  @Test
  void impossible_observations_and_cohorts_are_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Observation.success(Arm.CANARY, -1, 20, 900));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Observation.ended(Arm.CANARY, Outcome.PENDING, 5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cohort("a", 0, 0, 1, 1.0, Cohort.ALL_REPORTED, java.util.List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cohort("a", 0, 2, 1, .5, Cohort.ALL_REPORTED, java.util.List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cohort(" ", 0, 0, 1, .5, Cohort.ALL_REPORTED, java.util.List.of()));
  }

  private static void assertSays(
      Observation seen,
      MetricEvaluator.Badness error,
      MetricEvaluator.Badness truncated,
      long ttft,
      long itl) {
    assertThat(MetricEvaluator.rate(ERROR, seen, H)).as("error").isEqualTo(error);
    assertThat(MetricEvaluator.rate(TRUNCATED, seen, H)).as("truncated").isEqualTo(truncated);
    assertThat(MetricEvaluator.size(TTFT, seen, H))
        .as("ttft")
        .isEqualTo(ttft < 0 ? ttft : ttft / 1e6);
    assertThat(MetricEvaluator.size(ITL, seen, H)).as("itl").isEqualTo(itl < 0 ? itl : itl / 1e6);
  }
}
