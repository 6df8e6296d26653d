// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.FailureBound;
import dev.weir.analysis.proof.RampPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A ramp from its first weight to its verdict, played on synthetic traffic.
class RampTest {
  private static final RampPlan RAMP =
      new RampPlan(List.of(.01, .02, .05, .1, .2, .35, .5), 30_000, 20, 6_500);
  private static final AnalysisPlan PLAN =
      AnalysisPlan.defaults().withDispersion(1).withRamp(RAMP).withMaxDuration(12 * 3_600_000L);

  /// One release: traffic, analysis, and the weights that it went through.
  private static final class Play {
    private CanaryAnalysis analysis;
    private final long seed;
    private final int perSlice;
    private final double canaryErrors;
    private final double slowdown;
    private final List<Double> weights = new ArrayList<>();
    private final List<Long> changes = new ArrayList<>();
    private boolean restores;
    private long slice;
    private int step;
    private LookResult last;

    Play(AnalysisPlan plan, long seed, int perSlice, double canaryErrors, double slowdown) {
      this.seed = seed;
      this.perSlice = perSlice;
      this.canaryErrors = canaryErrors;
      this.slowdown = slowdown;
      analysis = CanaryAnalysis.start(plan, new SyntheticTraffic(seed, .5, perSlice).seed());
      enter(0);
      last = look();
    }

    Play restoring() {
      restores = true;
      return this;
    }

    private void enter(int next) {
      step = next;
      weights.add(RAMP.weights().get(next));
      changes.add(now());
      analysis.beginStep(next, RAMP.weights().get(next), now());
    }

    private long now() {
      return slice * SyntheticTraffic.SLICE_MILLIS;
    }

    private LookResult look() {
      if (restores) {
        analysis = CanaryAnalysis.restore(analysis.toJson());
      }
      Cohort cohort =
          new SyntheticTraffic(seed + 31 * slice, RAMP.weights().get(step), perSlice)
              .canaryErrors(canaryErrors)
              .canarySlowdown(slowdown)
              .canaryItlSlowdown(slowdown)
              .cohort(slice);
      slice++;
      return analysis.lookResult(List.of(cohort), now());
    }

    /// Plays until a verdict other than a change of weight, at most so many slices.
    Verdict until(int slices) {
      while (slice < slices) {
        last = look();
        switch (last.verdict()) {
          case Verdict.Climb climb -> {
            assertThat(climb.step()).isEqualTo(step);
            enter(climb.to());
          }
          case Verdict.StepDown down -> {
            assertThat(down.step()).isEqualTo(step);
            enter(step - 1);
          }
          case Verdict.Continue _, Verdict.Hold _ -> {}
          case Verdict.Promote _, Verdict.Revert _, Verdict.Inconclusive _ -> {
            return last.verdict();
          }
        }
      }
      return last.verdict();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {50, 200})
  void an_equal_version_climbs_to_the_top_and_is_promoted(int perSlice) {
    Play play = new Play(PLAN, 5, perSlice, .005, 1);
    assertThat(play.until(1_000)).isInstanceOf(Verdict.Promote.class);
    assertThat(play.weights).isSorted().startsWith(.01).endsWith(.5);
    assertThat(play.slice).as("slices of 5 s").isLessThan(360);
  }

  @Test
  void very_many_requests_do_not_keep_a_ramp_below_its_largest_weight() {
    Play play = new Play(PLAN, 5, 6_000, .005, 1);
    assertThat(play.until(200)).isInstanceOf(Verdict.Promote.class);
    assertThat(play.weights).endsWith(.5);
  }

  @Test
  void a_release_that_learns_its_noise_is_promoted_too() {
    AnalysisPlan learning = AnalysisPlan.defaults().withRamp(RAMP).withMaxDuration(3_600_000);
    Play play = new Play(learning, 5, 200, .005, 1).restoring();
    assertThat(play.until(720)).isInstanceOf(Verdict.Promote.class);
    assertThat(play.slice).as("slices of 5 s").isLessThan(200);
    assertThat(of(play.last.evidence(), ReleaseMetric.TTFT).learnedDivisor()).isPresent();
  }

  @Test
  void twice_as_slow_is_reverted_while_the_noise_is_uncertain() {
    AnalysisPlan learning = AnalysisPlan.defaults().withRamp(RAMP).withMaxDuration(3_600_000);
    Play play = new Play(learning, 6, 200, .005, 2.5);
    assertThat(play.until(720)).isInstanceOf(Verdict.Revert.class);
    assertThat(play.slice).as("slices of 5 s, less than eight minutes").isLessThan(96);
  }

  @Test
  void an_outage_is_reverted_after_few_bad_answers() {
    Play play = new Play(PLAN, 6, 200, 1, 1);
    assertThat(play.until(1_000)).isInstanceOf(Verdict.Revert.class);
    assertThat(of(play.last.evidence(), ReleaseMetric.ERROR).rollout().canaryBad())
        .isLessThanOrEqualTo(20);
  }

  @Test
  void slow_first_tokens_never_get_more_than_a_tenth_of_the_traffic() {
    Play play = new Play(PLAN, 7, 200, .005, 3);
    assertThat(play.until(1_000)).isInstanceOf(Verdict.Revert.class);
    assertThat(play.weights).allMatch(weight -> weight <= .1);
  }

  @Test
  void a_weight_never_allows_more_bad_answers_than_the_exposure() {
    Random random = new Random(8);
    for (int run = 0; run < 20; run++) {
      int perSlice = 20 + random.nextInt(3_000);
      Play play = new Play(PLAN, 100 + run, perSlice, random.nextDouble() * .3, 1);
      Verdict before = play.last.verdict();
      for (int i = 0; i < 60 && !(before instanceof Verdict.Revert); i++) {
        before = play.until((int) play.slice + 1);
        AnalysisEvidence.Ramp ramp = play.last.evidence().ramp().orElseThrow();
        if (play.last.verdict() instanceof Verdict.Climb climb) {
          double weight = RAMP.weights().get(climb.to());
          double possible =
              ramp.requestsPerSecond()
                  * weight
                  * RAMP.reactionMillis()
                  / 1000
                  * climb.failureBound();
          assertThat(possible <= RAMP.exposure() || climb.failureBound() <= .01)
              .as("%s bad answers at %s", possible, weight)
              .isTrue();
        }
      }
    }
  }

  @Test
  void weights_decrease_at_most_once_a_minute() {
    boolean anyDecrease = false;
    for (int run = 0; run < 20; run++) {
      Play play = new Play(PLAN, 300 + run, 400, .02, 1.05);
      play.until(400);
      long lastDecrease = Long.MIN_VALUE;
      for (int i = 1; i < play.weights.size(); i++) {
        if (play.weights.get(i) < play.weights.get(i - 1)) {
          assertThat(play.changes.get(i) - Math.max(lastDecrease, -60_000))
              .isGreaterThanOrEqualTo(60_000);
          lastDecrease = play.changes.get(i);
          anyDecrease = true;
        }
      }
    }
    assertThat(anyDecrease).isTrue();
  }

  @Test
  void few_requests_keep_their_weight_while_a_metric_looks_harmful() {
    for (int run = 0; run < 20; run++) {
      Play play = new Play(PLAN, 400 + run, 20, .03, 1);
      play.until(600);
      assertThat(play.weights).isSorted();
    }
  }

  @Test
  void no_weight_is_left_before_its_time_and_five_answers() {
    Play play = new Play(PLAN, 9, 100, .005, 1);
    play.until(1_000);
    for (int i = 1; i < play.changes.size(); i++) {
      assertThat(play.changes.get(i) - play.changes.get(i - 1)).isGreaterThanOrEqualTo(30_000);
    }
  }

  @Test
  void a_ramp_that_is_restored_at_every_look_gives_the_same_verdicts() {
    Play unbroken = new Play(PLAN, 10, 100, .02, 1);
    Play restored = new Play(PLAN, 10, 100, .02, 1).restoring();
    Verdict verdict = unbroken.until(200);
    assertThat(restored.until(200)).isEqualTo(verdict);
    assertThat(restored.weights).isEqualTo(unbroken.weights);
    assertThat(restored.analysis.toJson()).isEqualTo(unbroken.analysis.toJson());
  }

  @Test
  void stored_evidence_gives_the_same_verdict() {
    Play play = new Play(PLAN, 11, 100, .005, 1);
    while (!(play.last.verdict() instanceof Verdict.Climb)) {
      play.last = play.look();
    }
    AnalysisEvidence stored = AnalysisEvidence.fromJson(play.last.evidence().toJson());
    assertThat(Decisions.decide(stored, PLAN)).isEqualTo(play.last.verdict());
  }

  @Test
  void a_ramp_that_does_not_finish_is_inconclusive() {
    Play play = new Play(PLAN.withMaxDuration(60_000), 12, 5, .005, 1);
    assertThat(play.until(1_000))
        .isInstanceOfSatisfying(
            Verdict.Inconclusive.class,
            verdict -> assertThat(verdict.reason()).startsWith("the release's time is over"));
    assertThat(play.slice).isEqualTo(12);
  }

  @Test
  void a_resumed_ramp_gets_its_whole_time_again() {
    Play play = new Play(PLAN.withMaxDuration(60_000), 12, 5, .005, 1);
    assertThat(play.until(1_000)).isInstanceOf(Verdict.Inconclusive.class);
    play.enter(play.step);
    assertThat(play.until(23)).isNotInstanceOf(Verdict.Inconclusive.class);
    assertThat(play.until(1_000)).isInstanceOf(Verdict.Inconclusive.class);
    assertThat(play.slice).isEqualTo(24);
  }

  @Test
  void requests_that_hang_are_not_taken_for_good_ones() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, SyntheticTraffic.constant(.9));
    analysis.beginStep(0, .01, 0);
    List<Cohort> cohorts = new ArrayList<>();
    for (long slice = 0; slice < 60; slice++) {
      cohorts.add(hanging(slice));
      long now = (slice + 1) * SyntheticTraffic.SLICE_MILLIS;
      LookResult look =
          analysis.lookResult(cohorts.stream().map(cohort -> known(cohort, now)).toList(), now);
      cohorts.removeIf(cohort -> look.done().contains(cohort.id()));
      assertThat(look.evidence().ramp().orElseThrow().failureBound())
          .as("three of ten requests hang")
          .isGreaterThanOrEqualTo(.3);
      if (look.verdict() instanceof Verdict.Revert) {
        return;
      }
    }
    throw new AssertionError("a canary whose requests hang is not reverted");
  }

  /// Answers within a second, except that three of ten requests to the canary get none until their
  /// deadline.
  private static Cohort hanging(long slice) {
    SyntheticTraffic traffic = new SyntheticTraffic(900 + slice, .01, 4_000);
    List<Observation> seen = new ArrayList<>();
    int canary = 0;
    for (Observation one : traffic.cohort(slice).observations()) {
      boolean hangs = one.arm() == Arm.CANARY && canary++ % 10 < 3;
      seen.add(
          hangs
              ? Observation.ended(Arm.CANARY, Outcome.FAILURE, 9_900_000)
              : Observation.success(one.arm(), 200_000, 20_000, 900_000));
    }
    return traffic.cohort(slice, seen);
  }

  private static Cohort known(Cohort cohort, long now) {
    long micros = 1_000 * (now - cohort.endMillis());
    List<Observation> seen =
        cohort.observations().stream()
            .map(o -> o.endedMicros().orElse(0) <= micros ? o : Observation.pending(o.arm()))
            .toList();
    return new Cohort(
        cohort.id(),
        cohort.ordinal(),
        cohort.startMillis(),
        cohort.endMillis(),
        cohort.rho(),
        now,
        seen);
  }

  @Test
  void a_ramp_needs_a_metric_of_failures() {
    AnalysisPlan latency =
        AnalysisPlan.defaults()
            .withMetrics(Map.of(ReleaseMetric.TTFT, PLAN.metric(ReleaseMetric.TTFT)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> latency.withRamp(RAMP))
        .withMessageContaining("error, truncated or refusal");
  }

  @Test
  void a_version_at_its_margin_is_promoted_with_at_most_beta() {
    int promoted = 0;
    int runs = 60;
    for (int run = 0; run < runs; run++) {
      promoted +=
          new Play(PLAN, 1_000 + run, 100, .015, 1).until(600) instanceof Verdict.Promote ? 1 : 0;
    }
    assertThat(promoted).isLessThanOrEqualTo(6); // 5 % of 60 is 3; more than 6 has 3 %
  }

  @Test
  void the_bound_of_failures_falls_with_good_answers() {
    Play play = new Play(PLAN, 13, 400, .005, 1);
    assertThat(play.last.evidence().ramp().orElseThrow().failureBound()).isEqualTo(1);
    play.until(100);
    assertThat(play.last.evidence().ramp().orElseThrow().failureBound())
        .isIn(FailureBound.THETAS)
        .isLessThanOrEqualTo(.05);
  }

  private static AnalysisEvidence.MetricResult of(AnalysisEvidence evidence, ReleaseMetric metric) {
    return Objects.requireNonNull(evidence.metrics().get(metric));
  }
}
