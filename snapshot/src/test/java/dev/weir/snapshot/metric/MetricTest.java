// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetricTest {
  private static final Set<Metric.Type> UNTIMED =
      EnumSet.of(Metric.Type.COUNTER, Metric.Type.GAUGE);

  @Test
  void names_contain_what_they_count_and_the_unit() {
    assertThat(Metric.REQUESTS.exposedName()).isEqualTo("weir_requests_total");
    assertThat(Metric.TTFT.exposedName()).isEqualTo("weir_request_ttft_seconds");
    assertThat(Metric.BREAKERS.exposedName()).isEqualTo("weir_breakers");
    assertThat(Arrays.stream(Metric.values()).map(Metric::exposedName)).doesNotHaveDuplicates();
    assertThat(Metric.values())
        .allSatisfy(metric -> {
          assertThat(metric.meterName()).matches("weir(\\.[a-z]+)+");
          assertThat(metric.meaning()).isNotBlank().doesNotEndWith(".");
          assertThat(metric.inSeconds() || UNTIMED.contains(metric.type())).isTrue();
          assertThat(metric.labels())
              .allSatisfy(label ->
                  assertThat(label.values().isEmpty()).isNotEqualTo(label.bound().isEmpty()));
        });
  }

  @Test
  void a_metric_with_a_version_label_has_a_service_label_too() {
    for (Metric metric : Metric.values()) {
      var names = metric.labels().stream().map(Label::name).toList();
      assertThat(names.contains("version")).as(metric.name()).isEqualTo(names.contains("service"));
    }
  }

  @Test
  void undeclared_labels_are_refused() {
    Metric.FALLBACKS.check(Metric.Type.COUNTER, Map.of("route", "chat", "cause", "down"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Metric.FALLBACKS.check(Metric.Type.COUNTER, Map.of("route", "chat")))
        .withMessageContaining("weir.fallbacks");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Metric.FALLBACKS.check(Metric.Type.COUNTER, Map.of("route", "chat", "cause", "whim")));
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Metric.FALLBACKS.check(
                Metric.Type.COUNTER, Map.of("route", "chat", "cause", "down", "user", "ann")));
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Metric.FALLBACKS.check(Metric.Type.GAUGE, Map.of("route", "chat", "cause", "down")));
  }
}
