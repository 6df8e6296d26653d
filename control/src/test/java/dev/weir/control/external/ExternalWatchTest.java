// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.spec.ReleaseSpec.ExternalMetric;
import dev.weir.model.spec.ReleaseSpec.MetricAction;
import dev.weir.model.spec.ReleaseSpec.PrometheusQuery;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExternalWatchTest {
  private static final Measurement GOOD = new Measurement.Passed(1);
  private static final Measurement BAD = new Measurement.Failed(9);
  private static final Measurement NOTHING = new Measurement.NoData("the query has no result");
  private static final Measurement ERROR = new Measurement.ProviderError("answered 503");

  private static ExternalMetric metric(String name, Optional<Integer> count) {
    return new ExternalMetric(
        name,
        new PrometheusQuery(URI.create("http://p"), "q", Optional.empty()),
        "< 5",
        Duration.ofSeconds(10),
        count,
        1,
        1,
        2,
        MetricAction.ROLLBACK,
        false);
  }

  private static ExternalMetricResult.Kind after(Optional<Integer> count, Measurement... measured) {
    MeasurementCounts tally = MeasurementCounts.NONE;
    for (Measurement one : measured) {
      tally = tally.add(one);
    }
    return tally.result(metric("m", count)).kind();
  }

  @Test
  void limits_are_exceeded_by_one_more_and_only_failures_speak_against_the_version() {
    Optional<Integer> any = Optional.empty();
    assertThat(after(any)).isEqualTo(ExternalMetricResult.Kind.RUNNING);
    assertThat(after(any, GOOD)).isEqualTo(ExternalMetricResult.Kind.PASSED);
    assertThat(after(any, GOOD, BAD)).isEqualTo(ExternalMetricResult.Kind.PASSED);
    assertThat(after(any, BAD, GOOD, BAD)).isEqualTo(ExternalMetricResult.Kind.FAILED);
    assertThat(after(any, GOOD, NOTHING)).isEqualTo(ExternalMetricResult.Kind.PASSED);
    assertThat(after(any, NOTHING, NOTHING)).isEqualTo(ExternalMetricResult.Kind.NO_DATA);
    assertThat(after(any, ERROR, ERROR)).isEqualTo(ExternalMetricResult.Kind.RUNNING);
    assertThat(after(any, GOOD, ERROR, ERROR, ERROR))
        .isEqualTo(ExternalMetricResult.Kind.PROVIDER_ERROR);
    assertThat(after(any, ERROR, ERROR, ERROR, GOOD))
        .as("in a row")
        .isEqualTo(ExternalMetricResult.Kind.PASSED);
    assertThat(after(Optional.of(3), GOOD, GOOD)).isEqualTo(ExternalMetricResult.Kind.RUNNING);
    assertThat(after(Optional.of(3), GOOD, GOOD, GOOD)).isEqualTo(ExternalMetricResult.Kind.PASSED);
  }

  @Test
  void a_metric_is_measured_at_its_interval_and_no_more_than_it_wants() {
    List<String> asked = new ArrayList<>();
    ExternalWatch watch = new ExternalWatch(metric -> noted(asked, metric), Runnable::run);
    List<ExternalMetric> metrics =
        List.of(metric("on", Optional.empty()), metric("two", Optional.of(2)));
    for (long at = 0; at < 60_000; at += 1_000) {
      watch.poll("r", 0, metrics, at);
    }
    assertThat(asked).filteredOn("on"::equals).hasSize(6);
    assertThat(asked).filteredOn("two"::equals).hasSize(2);
    watch.poll("r", 60_000, metrics, 60_000);
    assertThat(asked).as("another step").hasSize(10);
  }

  private static Measurement noted(List<String> asked, ExternalMetric metric) {
    asked.add(metric.name());
    return GOOD;
  }

  @Test
  void who_does_not_answer_holds_up_nobody_else_and_is_asked_once_at_a_time() {
    List<Runnable> tasks = new ArrayList<>();
    List<String> asked = new ArrayList<>();
    ExternalWatch watch = new ExternalWatch(metric -> noted(asked, metric), tasks::add);
    List<ExternalMetric> slow = List.of(metric("slow", Optional.empty()));
    List<ExternalMetric> quick = List.of(metric("quick", Optional.empty()));
    List<ExternalMetricResult> last = watch.poll("slow", 0, slow, 0);
    Runnable hanging = tasks.removeFirst();
    for (long at = 0; at < 60_000; at += 1_000) {
      last = watch.poll("slow", 0, slow, at);
      watch.poll("quick", 0, quick, at);
      tasks.forEach(Runnable::run);
      tasks.clear();
    }
    assertThat(last)
        .extracting(ExternalMetricResult::kind)
        .containsExactly(ExternalMetricResult.Kind.RUNNING);
    assertThat(asked).hasSize(6).containsOnly("quick");
    hanging.run();
    assertThat(watch.poll("slow", 0, slow, 60_000))
        .extracting(ExternalMetricResult::kind)
        .containsExactly(ExternalMetricResult.Kind.PASSED);
  }
}
