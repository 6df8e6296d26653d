// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static dev.weir.analysis.AtHorizon.Badness.BAD;
import static dev.weir.analysis.AtHorizon.Badness.EXCLUDED;
import static dev.weir.analysis.AtHorizon.Badness.GOOD;
import static dev.weir.analysis.Metric.ERROR;
import static dev.weir.analysis.Metric.ITL;
import static dev.weir.analysis.Metric.QUALITY;
import static dev.weir.analysis.Metric.TRUNCATED;
import static dev.weir.analysis.Metric.TTFT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// What each metric makes of each kind of request, horizon 1000 microseconds.
class AtHorizonTest {

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
        AtHorizon.EXCLUDED,
        AtHorizon.EXCLUDED);
    assertSays(
        Observation.ended(Arm.CANARY, Outcome.BACKPRESSURE, 10),
        BAD,
        EXCLUDED,
        AtHorizon.EXCLUDED,
        AtHorizon.EXCLUDED);
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
    assertSays(unflagged, GOOD, BAD, 300, AtHorizon.EXCLUDED);
  }

  @Test
  void a_client_that_goes_away_before_the_first_token_says_nothing() {
    assertSays(
        Observation.ended(Arm.CANARY, Outcome.NEUTRAL, 10),
        EXCLUDED,
        EXCLUDED,
        AtHorizon.EXCLUDED,
        AtHorizon.EXCLUDED);
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
    assertSays(left, GOOD, EXCLUDED, 300, AtHorizon.EXCLUDED);
  }

  @Test
  void a_request_without_news_is_slow_for_ttft_only() {
    assertSays(Observation.pending(Arm.CANARY), GOOD, GOOD, AtHorizon.CENSORED, AtHorizon.EXCLUDED);
  }

  @Test
  void an_unfinished_stream_is_slow_for_itl() {
    assertSays(Observation.streaming(Arm.CANARY, 300), GOOD, GOOD, 300, AtHorizon.CENSORED);
  }

  @Test
  void what_came_after_the_horizon_has_not_happened() {
    assertSays(
        Observation.success(Arm.CANARY, 1_001, 20, 2_000),
        GOOD,
        GOOD,
        AtHorizon.CENSORED,
        AtHorizon.EXCLUDED);
    assertSays(
        Observation.ended(Arm.CANARY, Outcome.FAILURE, 1_001),
        GOOD,
        GOOD,
        AtHorizon.CENSORED,
        AtHorizon.EXCLUDED);
    assertSays(
        Observation.success(Arm.CANARY, 300, 20, 1_001), GOOD, GOOD, 300, AtHorizon.CENSORED);
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
    assertSays(untold, GOOD, GOOD, AtHorizon.CENSORED, AtHorizon.EXCLUDED);
  }

  @Test
  void a_first_token_settles_error_and_ttft_and_the_end_settles_all() {
    Observation streaming = Observation.streaming(Arm.CANARY, 300);
    assertThat(AtHorizon.settled(ERROR, streaming)).isTrue();
    assertThat(AtHorizon.settled(TTFT, streaming)).isTrue();
    assertThat(AtHorizon.settled(TRUNCATED, streaming)).isFalse();
    assertThat(AtHorizon.settled(ITL, streaming)).isFalse();
    for (Metric metric : Metric.values()) {
      assertThat(AtHorizon.settled(metric, Observation.pending(Arm.CANARY))).isFalse();
      assertThat(AtHorizon.settled(metric, Observation.ended(Arm.CANARY, Outcome.FAILURE, 5)))
          .isTrue();
    }
  }

  @Test
  void only_a_grade_settles_the_quality_of_a_whole_answer_that_is_to_be_graded() {
    Observation whole = Observation.success(Arm.CANARY, 300, 20, 900);
    assertThat(AtHorizon.settled(QUALITY, whole.graded(Observation.NO_GRADE))).isFalse();
    assertThat(AtHorizon.settled(QUALITY, whole.graded(0))).isTrue();
    assertThat(AtHorizon.settled(QUALITY, whole)).isTrue();
    Observation cut = Observation.truncated(Arm.CANARY, 300, 20, 900);
    assertThat(AtHorizon.settled(QUALITY, cut.graded(Observation.NO_GRADE))).isTrue();
    Observation left = Observation.ended(Arm.CANARY, Outcome.NEUTRAL, 5);
    assertThat(AtHorizon.settled(QUALITY, left.graded(Observation.NO_GRADE))).isTrue();
  }

  @Test
  void a_score_is_what_a_grade_lacks_of_the_best() {
    Observation whole = Observation.success(Arm.CANARY, 300, 20, 900);
    assertThat(AtHorizon.score(whole.graded(850), H)).isEqualTo(150);
    assertThat(AtHorizon.score(whole.graded(850), 899)).isEqualTo((int) AtHorizon.EXCLUDED);
    assertThat(AtHorizon.score(whole.graded(Observation.NO_GRADE), H))
        .isEqualTo(AtHorizon.UNGRADED);
    assertThat(AtHorizon.score(whole, H)).isEqualTo((int) AtHorizon.EXCLUDED);
    assertThat(AtHorizon.score(Observation.truncated(Arm.CANARY, 300, 20, 900).graded(9), H))
        .isEqualTo((int) AtHorizon.EXCLUDED);
  }

  @Test
  void impossible_observations_and_cohorts_are_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Observation.success(Arm.CANARY, -1, 20, 900));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Observation.ended(Arm.CANARY, Outcome.PENDING, 5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cohort("a", 0, 0, 1, 1.0, Cohort.ALL_TOLD, java.util.List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cohort("a", 0, 2, 1, .5, Cohort.ALL_TOLD, java.util.List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cohort(" ", 0, 0, 1, .5, Cohort.ALL_TOLD, java.util.List.of()));
  }

  private static void assertSays(
      Observation seen, AtHorizon.Badness error, AtHorizon.Badness truncated, long ttft, long itl) {
    assertThat(AtHorizon.rate(ERROR, seen, H)).as("error").isEqualTo(error);
    assertThat(AtHorizon.rate(TRUNCATED, seen, H)).as("truncated").isEqualTo(truncated);
    assertThat(AtHorizon.size(TTFT, seen, H)).as("ttft").isEqualTo(ttft < 0 ? ttft : ttft / 1e6);
    assertThat(AtHorizon.size(ITL, seen, H)).as("itl").isEqualTo(itl < 0 ? itl : itl / 1e6);
  }
}
