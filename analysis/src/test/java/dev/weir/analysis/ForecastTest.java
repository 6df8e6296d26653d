// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.RampPlan;
import dev.weir.analysis.sequential.Buckets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ForecastTest {
  private static final AnalysisPlan PLAN = AnalysisPlan.defaults().withDispersion(1);

  private static AnalysisPlan only(ReleaseMetric metric) {
    return PLAN.withMetrics(Map.of(metric, PLAN.metric(metric)));
  }

  private static List<Forecast.Step> steps(double... weights) {
    return IntStream.range(0, weights.length)
        .mapToObj(i -> new Forecast.Step(i, weights[i]))
        .toList();
  }

  @Test
  void the_need_of_a_rate_is_that_of_the_formula() {
    BaselineSeed known =
        new BaselineSeed(
            Map.of(ReleaseMetric.ERROR, new BaselineSeed.Rate(50, 10_000)),
            Map.of(),
            Buckets.empty());
    double expected = 2 * (Math.log(20) + Math.log(20)) * .005 * .995 * (1 / .05 + 1 / .95) / 1e-4;
    assertThat(
            new Forecast(only(ReleaseMetric.ERROR), known, 1).need(0, .05).orElseThrow().requests())
        .isCloseTo(expected, within(1e-6));
  }

  @Test
  void even_a_baseline_that_never_fails_needs_requests() {
    BaselineSeed clean =
        new BaselineSeed(
            Map.of(ReleaseMetric.ERROR, new BaselineSeed.Rate(0, 10_000)),
            Map.of(),
            Buckets.empty());
    assertThat(
            new Forecast(only(ReleaseMetric.ERROR), clean, 1).need(0, .05).orElseThrow().requests())
        .isCloseTo(Math.log(20) / .01 / .05, within(1e-6));
  }

  @Test
  void a_slow_service_is_told_what_its_steps_need_and_what_to_do() {
    SyntheticTraffic traffic = new SyntheticTraffic(1, .25, 500);
    List<String> warnings = new Forecast(PLAN, traffic.seed(), 1).warnings(steps(.01, .5));
    assertThat(warnings.getFirst())
        .startsWith("at 1 req/s the gate of step 1 at 1 % needs ")
        .contains(" h (")
        .contains("it has 30 min: ")
        .containsAnyOf("mirroring or replay", "mirroring, replay");
    assertThat(new Forecast(PLAN, traffic.seed(), 2_000).warnings(steps(.05, .5))).isEmpty();
    assertThat(new Forecast(PLAN, traffic.seed(), 0).warnings(steps(.01))).isEmpty();
  }

  @Test
  void a_weight_that_would_do_is_named() {
    SyntheticTraffic traffic = new SyntheticTraffic(1, .25, 500);
    Forecast forecast = new Forecast(only(ReleaseMetric.ERROR), traffic.seed(), 8);
    assertThat(forecast.warnings(steps(.01)))
        .singleElement()
        .asString()
        .contains("error rate")
        .endsWith("use 5 %, mirroring or replay (spec.release.traffic)");
  }

  @Test
  void a_mirrored_request_counts_in_both_arms_and_a_share_that_would_do_is_named() {
    SyntheticTraffic traffic = new SyntheticTraffic(1, .25, 500);
    Forecast forecast = new Forecast(only(ReleaseMetric.ERROR), traffic.seed(), 2);
    assertThat(forecast.warnings(List.of(new Forecast.Step(0, 0, .01))))
        .singleElement()
        .asString()
        .startsWith("at 2 req/s the gate of step 1 with 1 % mirrored needs ")
        .contains("error rate")
        .contains("mirror ")
        .endsWith("% or use replay (spec.release.traffic)");
    double halves = forecast.need(0, .5).orElseThrow().requests();
    double share = halves / (2 * 2 * 30 * 60);
    assertThat(forecast.warnings(List.of(new Forecast.Step(0, 0, 1.01 * share)))).isEmpty();
    assertThat(forecast.warnings(List.of(new Forecast.Step(0, 0, .99 * share)))).hasSize(1);
  }

  @Test
  void what_gateways_ask_counts_by_what_it_brings() {
    SyntheticTraffic traffic = new SyntheticTraffic(1, .25, 500);
    AnalysisPlan plan = only(ReleaseMetric.ERROR);
    assertThat(new Forecast(plan, traffic.seed(), .2).warnings(steps(.05)))
        .singleElement()
        .asString()
        .startsWith("at 0.20 req/s the gate of step 1 at 5 % needs");
    assertThat(new Forecast(plan, traffic.seed(), .2, 10).warnings(steps(.05))).isEmpty();
    assertThat(new Forecast(plan, traffic.seed(), 0, 10).warnings(steps(.05))).isEmpty();
    assertThat(new Forecast(plan, traffic.seed(), .2, .1).warnings(steps(.05)))
        .singleElement()
        .asString()
        .startsWith("at 0.20 req/s and 0.10 generated the gate of step 1 at 5 % needs")
        .contains("a higher spec.release.traffic.rate");
  }

  @Test
  void grades_need_what_an_all_or_nothing_score_would_by_the_share_that_is_graded() {
    AnalysisPlan plan = PLAN.withGrading(30_000, .2);
    AnalysisPlan quality =
        plan.withMetrics(Map.of(ReleaseMetric.QUALITY, ReleaseMetric.QUALITY.defaults()));
    double graded = 2 * 2 * Math.log(20) * .15 * .85 * (1 / .05 + 1 / .95) / .0025;
    Forecast.Need need = new Forecast(quality, BaselineSeed.none(), 1).need(0, .05).orElseThrow();
    assertThat(need.what()).isEqualTo("mean");
    assertThat(need.requests()).isCloseTo(graded / .2, within(1e-6));
  }

  @Test
  void what_only_streams_show_needs_the_more_requests_the_fewer_stream() {
    BaselineSeed quarter =
        new BaselineSeed(
            Map.of(
                ReleaseMetric.ERROR, new BaselineSeed.Rate(0, 4_000),
                ReleaseMetric.TRUNCATED, new BaselineSeed.Rate(0, 1_000)),
            Map.of(),
            Buckets.empty());
    double ofStreams = Math.log(20) / .01 / .05;
    assertThat(
            new Forecast(only(ReleaseMetric.TRUNCATED), quarter, 1)
                .need(0, .05)
                .orElseThrow()
                .requests())
        .isCloseTo(4 * ofStreams, within(1e-6));
    BaselineSeed none =
        new BaselineSeed(
            Map.of(
                ReleaseMetric.ERROR, new BaselineSeed.Rate(0, 4_000),
                ReleaseMetric.TRUNCATED, new BaselineSeed.Rate(0, 0)),
            Map.of(),
            Buckets.empty());
    assertThat(new Forecast(only(ReleaseMetric.TRUNCATED), none, 1).need(0, .05))
        .as("where nobody streams it does not gate")
        .isEmpty();
  }

  @Test
  void a_quantile_needs_the_more_the_closer_its_margin() {
    BaselineSeed seed = new SyntheticTraffic(1, .25, 500).seed();
    MetricPlan ttft = PLAN.metric(ReleaseMetric.TTFT);
    AnalysisPlan wide = PLAN.withMetrics(Map.of(ReleaseMetric.TTFT, ttft.withMargin(1)));
    AnalysisPlan narrow = PLAN.withMetrics(Map.of(ReleaseMetric.TTFT, ttft.withMargin(.15)));
    Forecast.Need far = new Forecast(wide, seed, 1).need(0, .05).orElseThrow();
    Forecast.Need near = new Forecast(narrow, seed, 1).need(0, .05).orElseThrow();
    assertThat(near.requests()).isGreaterThan(10 * far.requests());
    assertThat(near.what()).isEqualTo("p95");
    AnalysisPlan blunt = narrow.withDispersion(15);
    assertThat(new Forecast(blunt, seed, 1).need(0, .05).orElseThrow().requests())
        .isCloseTo(15 * near.requests(), within(1.));
    assertThat(new Forecast(wide, BaselineSeed.none(), 1).need(0, .05)).isEmpty();
  }

  @Test
  void a_ramp_takes_the_time_of_its_slowest_proof() {
    RampPlan ramp = new RampPlan(List.of(.02, .1, .5), 30_000, 20, 6_500);
    Forecast forecast = new Forecast(PLAN.withRamp(ramp), BaselineSeed.none(), 10);
    double proof = forecast.need(2, .5).orElseThrow().seconds(10);
    assertThat(forecast.rampSeconds().orElseThrow()).isBetween(proof, proof + 90);
  }

  @Test
  void generated_requests_shorten_a_ramp() {
    RampPlan ramp = new RampPlan(List.of(.1, .5), 30_000, 20, 6_500);
    AnalysisPlan plan = PLAN.withRamp(ramp);
    double alone = new Forecast(plan, BaselineSeed.none(), 1).rampSeconds().orElseThrow();
    double more = new Forecast(plan, BaselineSeed.none(), 1, 10).rampSeconds().orElseThrow();
    assertThat(more).isLessThan(alone / 3);
    assertThat(new Forecast(plan, BaselineSeed.none(), 0, 10).rampSeconds())
        .as("generated requests alone")
        .hasValueSatisfying(seconds -> assertThat(seconds).isBetween(more, 2 * more));
  }

  @Test
  void without_a_ramp_or_requests_there_is_no_course() {
    RampPlan ramp = new RampPlan(List.of(.1, .5), 30_000, 20, 6_500);
    assertThat(new Forecast(PLAN.withRamp(ramp), BaselineSeed.none(), 0).rampSeconds()).isEmpty();
    assertThat(new Forecast(PLAN, BaselineSeed.none(), 1).rampSeconds()).isEmpty();
  }
}
