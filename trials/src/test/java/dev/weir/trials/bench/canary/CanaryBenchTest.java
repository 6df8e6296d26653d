// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Calibration;
import dev.weir.analysis.Metric;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CanaryBenchTest {

  private static final AnalysisPlan PLAN = AnalysisPlan.defaults().withDispersion(1);

  @Test
  void a_seed_gives_the_same_rollout_again() {
    Scenario slow = Scenario.REGRESSIONS.get(3);
    assertThat(new Trial(slow, 20, .25, PLAN, 5).play())
        .isEqualTo(new Trial(slow, 20, .25, PLAN, 5).play());
  }

  @Test
  void every_regression_is_found_by_the_metric_it_hurts() {
    assertThat(foundBy("outage")).contains(Metric.ERROR);
    assertThat(foundBy("errors 0.5->10 %")).contains(Metric.ERROR);
    assertThat(foundBy("TTFT x2")).contains(Metric.TTFT);
    assertThat(foundBy("ITL x1.15")).contains(Metric.ITL);
  }

  private static Optional<Metric> foundBy(String regression) {
    Scenario scenario =
        Scenario.REGRESSIONS.stream()
            .filter(s -> s.name().equals(regression))
            .findFirst()
            .orElseThrow();
    return new Trial(scenario, 100, .25, PLAN, 11).play().revertedBy();
  }

  @Test
  void the_upper_limit_is_the_rule_of_three_when_nothing_happened() {
    Trial.Result healthy =
        new Trial.Result(Optional.empty(), OptionalInt.empty(), OptionalInt.of(175), 10, 0);
    Row.Case aa = new Row.Case(Scenario.HEALTHY, 200, .05, false, 2_000);
    Row row = new Row(aa, Collections.nCopies(2_000, healthy));
    assertThat(row.revertedUpperPercent()).isCloseTo(.15, within(.001));
    assertThat(row.advancedPercent()).isEqualTo(100);
    assertThat(row.medianAdvancedSeconds()).hasValue(175);
  }

  @Test
  void a_bench_that_breaks_its_promise_says_so() {
    Trial.Result reverted =
        new Trial.Result(Optional.of(Metric.ERROR), OptionalInt.of(500), OptionalInt.empty(), 9, 1);
    Row.Case aa = new Row.Case(Scenario.HEALTHY, 200, .05, false, 10);
    Row.Case outage = new Row.Case(Scenario.REGRESSIONS.getFirst(), 200, .05, false, 10);
    Report report =
        new Report(
            .01,
            1,
            List.of(
                new Row(aa, Collections.nCopies(10, reverted)),
                new Row(outage, Collections.nCopies(10, reverted))),
            List.of());
    assertThat(report.failures()).hasSize(2);
    assertThat(report.json())
        .contains("\"aa\":[{\"reqPerSecond\":200,\"weight\":0.05,\"runs\":10")
        .contains("\"falseRollbackPercent\":100.0")
        .contains("\"regression\":\"outage\"")
        .contains("\"medianSeconds\":500.0");
  }

  @Test
  void an_outage_is_seen_after_a_few_dozen_first_attempts() {
    for (long seed = 0; seed < 40; seed++) {
      assertThat(NearerTrial.failedInOutage(200, .05, AnalysisPlan.defaults(), seed))
          .isBetween(10L, 45L);
    }
  }

  @Test
  void a_ladder_is_climbed_to_its_end_and_a_bad_version_is_not() {
    RequestModel.Nearer quiet = new RequestModel.Nearer(0, 1);
    NearerTrial.Setting healthy =
        new NearerTrial.Setting(Scenario.HEALTHY, 100, List.of(.25, .5), true, quiet);
    assertThat(new NearerTrial(healthy, PLAN, 3).play().advancedSeconds()).isPresent();
    NearerTrial.Setting slow =
        new NearerTrial.Setting(Scenario.REGRESSIONS.get(3), 100, List.of(.25, .5), true, quiet);
    assertThat(new NearerTrial(slow, PLAN, 3).play().revertedBy()).contains(Metric.TTFT);
  }

  @Test
  void noise_is_measured_and_blunts() {
    Calibration measured = Noise.calibrated(new RequestModel.Nearer(.25, 60), 200, .05, 1);
    assertThat(Collections.max(Objects.requireNonNull(measured.phi().get(Metric.TTFT))))
        .isGreaterThan(3);
  }

  @Test
  void options_are_read_and_wrong_ones_refused() {
    CanaryBench.Options options =
        CanaryBench.Options.parse("--json", "--seed", "7", "--runs", "20", "--full");
    assertThat(options).isEqualTo(new CanaryBench.Options(true, 7, 20, true, ""));
    assertThat(options.runsOf(400)).isEqualTo(4);
    assertThatIllegalArgumentException().isThrownBy(() -> CanaryBench.Options.parse("--seed"));
    assertThatIllegalArgumentException().isThrownBy(() -> CanaryBench.Options.parse("--sede", "1"));
    assertThatIllegalArgumentException().isThrownBy(() -> CanaryBench.Options.parse("--runs", "x"));
  }
}
