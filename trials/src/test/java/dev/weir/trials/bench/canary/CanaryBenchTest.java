// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Calibration;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CanaryBenchTest {

  private static final AnalysisPlan PLAN = AnalysisPlan.defaults().withDispersion(1);

  @Test
  void a_seed_gives_the_same_rollout_again() {
    CanaryScenario slow = CanaryScenario.REGRESSIONS.get(3);
    assertThat(new SimulatedRollout(slow, 20, .25, PLAN, 5).play())
        .isEqualTo(new SimulatedRollout(slow, 20, .25, PLAN, 5).play());
  }

  @Test
  void every_regression_is_found_by_the_metric_it_hurts() {
    assertThat(foundBy("outage")).contains(ReleaseMetric.ERROR);
    assertThat(foundBy("errors 0.5->10 %")).contains(ReleaseMetric.ERROR);
    assertThat(foundBy("TTFT x2")).contains(ReleaseMetric.TTFT);
    assertThat(foundBy("ITL x1.15")).contains(ReleaseMetric.ITL);
    assertThat(foundBy("empty 0.2->2 %")).contains(ReleaseMetric.EMPTY);
    assertThat(foundBy("quality .85->.80")).contains(ReleaseMetric.QUALITY);
  }

  private static Optional<ReleaseMetric> foundBy(String regression) {
    CanaryScenario scenario =
        CanaryScenario.REGRESSIONS.stream()
            .filter(s -> s.name().equals(regression))
            .findFirst()
            .orElseThrow();
    return new SimulatedRollout(scenario, 100, .25, PLAN.withGrading(1), 11).play().revertedBy();
  }

  @Test
  void grades_are_of_the_mean_and_the_spread_that_were_specified() {
    RequestModel model =
        new RequestModel(CanaryScenario.WORSE_ANSWERS, 200, new SplittableRandom(4)).graded();
    List<Observation> seen = new ArrayList<>();
    for (int slice = 0; slice < 100; slice++) {
      model.slice(.5, seen);
    }
    assertThat(seen.stream().filter(o -> o.quality() >= 0).count() / (double) seen.size())
        .isCloseTo(.2, within(.01));
    assertThat(grades(seen, Arm.BASELINE).getAverage()).isCloseTo(850, within(4.));
    assertThat(grades(seen, Arm.CANARY).getAverage()).isCloseTo(800, within(4.));
    double[] canary =
        seen.stream()
            .filter(o -> o.arm() == Arm.CANARY && o.quality() >= 0)
            .mapToDouble(o -> Math.pow(o.quality() - 800, 2))
            .toArray();
    double variance = Arrays.stream(canary).average().orElseThrow();
    assertThat(variance / 1e6).as("of Beta(8, 2)").isCloseTo(.8 * .2 / 11, within(.001));
  }

  private static IntSummaryStatistics grades(List<Observation> seen, Arm arm) {
    return seen.stream()
        .filter(o -> o.arm() == arm && o.quality() >= 0)
        .mapToInt(Observation::quality)
        .summaryStatistics();
  }

  @Test
  void the_upper_limit_is_the_rule_of_three_when_nothing_happened() {
    SimulatedRollout.Result healthy =
        new SimulatedRollout.Result(
            Optional.empty(), OptionalInt.empty(), OptionalInt.of(175), 10, 0);
    Row.Case aa = new Row.Case(CanaryScenario.HEALTHY, 200, .05, false, 2_000);
    Row row = new Row(aa, Collections.nCopies(2_000, healthy));
    assertThat(row.revertedUpperPercent()).isCloseTo(.15, within(.001));
    assertThat(row.advancedPercent()).isEqualTo(100);
    assertThat(row.medianAdvancedSeconds()).hasValue(175);
  }

  @Test
  void a_bench_that_breaks_its_promise_says_so() {
    SimulatedRollout.Result reverted =
        new SimulatedRollout.Result(
            Optional.of(ReleaseMetric.ERROR), OptionalInt.of(500), OptionalInt.empty(), 9, 1);
    SimulatedRollout.Result promoted =
        new SimulatedRollout.Result(
            Optional.empty(), OptionalInt.empty(), OptionalInt.of(90), 20, 0);
    Row.Case aa = new Row.Case(CanaryScenario.HEALTHY, 200, .05, false, 10);
    Row.Case outage = new Row.Case(CanaryScenario.REGRESSIONS.getFirst(), 200, .05, false, 10);
    Report report =
        new Report(
            .01,
            1,
            List.of(
                new Row(aa, Collections.nCopies(10, reverted)),
                new Row(outage, Collections.nCopies(10, reverted))),
            List.of(),
            List.of(
                new RampRow(new RampRow.Case(CanaryScenario.HEALTHY, 5, .1, 10), List.of(promoted)),
                new RampRow(
                    new RampRow.Case(CanaryScenario.REGRESSIONS.getFirst(), 5, 0, 10),
                    List.of(reverted))));
    assertThat(report.failures()).hasSize(2);
    assertThat(report.json())
        .contains("\"aa\":[{\"reqPerSecond\":200,\"weight\":0.05,\"runs\":10")
        .contains("\"falseRollbackPercent\":100.0")
        .contains(
            "\"promote\":[{\"reqPerSecond\":5.0,\"noise\":0.1,\"policy\":\"default\",\"runs\":1")
        .contains("\"promotedPercent\":100.0,\"falseRevertPercent\":0.0,\"medianMinutes\":1.5")
        .contains("\"expose\":[{\"regression\":\"outage\"")
        .contains("\"medianSeconds\":500.0,\"badAnswersMedian\":1.0,\"badAnswers95\":1.0")
        .contains("\"regression\":\"outage\"")
        .contains("\"medianSeconds\":500.0");
  }

  @Test
  void where_few_runs_detect_their_share_is_held_against_the_specification() {
    SimulatedRollout.Result reverted =
        new SimulatedRollout.Result(
            Optional.of(ReleaseMetric.QUALITY), OptionalInt.of(1_100), OptionalInt.empty(), 300, 1);
    SimulatedRollout.Result not =
        new SimulatedRollout.Result(
            Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), 450, 1);
    Row.Case few = new Row.Case(CanaryScenario.WORSE_ANSWERS, 1, .25, false, 400);
    Specified specified = Specified.of(few).orElseThrow();
    List<SimulatedRollout.Result> results = new ArrayList<>(Collections.nCopies(290, reverted));
    results.addAll(Collections.nCopies(110, not));
    assertThat(specified.agrees(new Row(few, results))).isTrue();
    Report blind =
        new Report(
            .01, 1, List.of(new Row(few, Collections.nCopies(400, not))), List.of(), List.of());
    assertThat(blind.failures())
        .containsExactly(
            "quality .85->.80, 1 req/s, 25 %: 0 % detected, median - s; specified 1190 (73.80 %)");
    Row.Case none = new Row.Case(CanaryScenario.WORSE_ANSWERS, 1, .01, false, 400);
    assertThat(
            Specified.of(none).orElseThrow().agrees(new Row(none, Collections.nCopies(400, not))))
        .isTrue();
  }

  @Test
  void an_outage_is_seen_after_a_few_dozen_first_attempts() {
    for (long seed = 0; seed < 40; seed++) {
      assertThat(RealisticRollout.failedInOutage(200, .05, AnalysisPlan.defaults(), seed))
          .isBetween(10L, 45L);
    }
  }

  @Test
  void a_ladder_is_climbed_to_its_end_and_a_bad_version_is_not() {
    RequestModel.Nearer quiet = new RequestModel.Nearer(0, 1);
    RealisticRollout.Setting healthy =
        new RealisticRollout.Setting(CanaryScenario.HEALTHY, 100, List.of(.25, .5), true, quiet);
    assertThat(new RealisticRollout(healthy, PLAN, 3).play().advancedSeconds()).isPresent();
    RealisticRollout.Setting slow =
        new RealisticRollout.Setting(
            CanaryScenario.REGRESSIONS.get(3), 100, List.of(.25, .5), true, quiet);
    assertThat(new RealisticRollout(slow, PLAN, 3).play().revertedBy())
        .contains(ReleaseMetric.TTFT);
  }

  @Test
  void noise_is_measured_and_blunts() {
    Calibration measured = Noise.calibrated(new RequestModel.Nearer(.25, 60), 200, .05, 1);
    assertThat(Collections.max(Objects.requireNonNull(measured.phi().get(ReleaseMetric.TTFT))))
        .isGreaterThan(3);
  }

  @Test
  void options_are_read_and_wrong_ones_refused() {
    CanaryBench.Options options =
        CanaryBench.Options.parse("--json", "--seed", "7", "--runs", "20", "--full");
    assertThat(options).isEqualTo(new CanaryBench.Options(true, 7, 20, true, "", false));
    assertThat(options.runsOf(400)).isEqualTo(4);
    assertThatIllegalArgumentException().isThrownBy(() -> CanaryBench.Options.parse("--seed"));
    assertThatIllegalArgumentException().isThrownBy(() -> CanaryBench.Options.parse("--sede", "1"));
    assertThatIllegalArgumentException().isThrownBy(() -> CanaryBench.Options.parse("--runs", "x"));
  }
}
