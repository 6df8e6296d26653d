// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.snapshot.metric.Metric.Plane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MetricTest {
  /// Regenerates `docs/metrics.md` instead of comparing it: `./dev docs`.
  private static final String WRITE = "weir.docs.write";

  private static final Set<Metric.Type> UNTIMED =
      EnumSet.of(Metric.Type.COUNTER, Metric.Type.GAUGE);

  @Test
  void names_say_what_they_count_and_in_which_unit() {
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
  void whatever_has_a_version_has_its_service_too() {
    for (Metric metric : Metric.values()) {
      var names = metric.labels().stream().map(Label::name).toList();
      assertThat(names.contains("version")).as(metric.name()).isEqualTo(names.contains("service"));
    }
  }

  @Test
  void what_is_not_declared_is_refused() {
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

  @Test
  void the_metrics_page_matches_the_declarations() throws IOException {
    Path file = root().resolve("docs/metrics.md");
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(file, page());
    }
    assertThat(Files.readString(file)).as("stale: regenerate it with ./dev docs").isEqualTo(page());
  }

  private static Path root() {
    return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
        .filter(folder -> Files.exists(folder.resolve("docs/internals")))
        .findFirst()
        .orElseThrow();
  }

  private static String page() {
    return """
    # Metrics

    The metrics on `/metrics`, in Prometheus' text format. The gateway and the control plane each serve them on their own port, \
    without a key, because they contain no secrets. Generated from `dev.weir.snapshot.metric.Metric` by `./dev docs`; a meter that is not declared there \
    cannot be registered.

    Histograms have `_bucket`, `_count` and `_sum`, summaries `_count` and `_sum`, and both have the gauge `_max` of the last minutes. \
    A gateway also exposes metrics of the Java runtime (`jvm_*`, `process_*`, `system_*`).

    ## Gateway

    %s
    ## Control plane

    %s
    ## Labels

    %s
    ## Retired names

    `/metrics` shows these for one version, with `Retired: use ...` in their help text.

    %s\
    """
        .formatted(table(Plane.GATEWAY), table(Plane.CONTROL), labels(), retired());
  }

  private static String retired() {
    return "| retired | use |\n|---|---|\n"
        + Arrays.stream(Metric.values()).map(MetricTest::retired).collect(Collectors.joining());
  }

  private static String retired(Metric metric) {
    String name =
        RetiredMetrics.nameOf(metric)
            .map(old -> "| `%s` | `%s` |\n".formatted(old, metric.exposedName()))
            .orElse("");
    return name
        + RetiredMetrics.labelsOf(metric).entrySet().stream()
            .map(label ->
                "| label `%s` of `%s` | `%s` |\n"
                    .formatted(label.getValue(), metric.exposedName(), label.getKey()))
            .collect(Collectors.joining());
  }

  private static String table(Plane plane) {
    return "| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n"
        + Arrays.stream(Metric.values())
            .filter(metric -> metric.plane() == plane || metric.plane() == Plane.BOTH)
            .map(MetricTest::row)
            .collect(Collectors.joining());
  }

  private static String row(Metric metric) {
    String labels =
        metric.labels().stream().map(MetricTest::written).collect(Collectors.joining(", "));
    return "| `%s` | %s | %s | %s | %s |\n"
        .formatted(
            metric.exposedName(),
            metric.type().name().toLowerCase(Locale.ROOT),
            metric.unit(),
            labels.isEmpty() ? "-" : labels,
            metric.meaning());
  }

  private static String written(Label label) {
    String values = String.join(" ", label.values());
    return "`" + label.name() + "`" + (values.isEmpty() ? "" : " (" + values + ")");
  }

  /// Those whose values are no list in the tables.
  private static String labels() {
    return "| label | bounded by |\n|---|---|\n"
        + Arrays.stream(Metric.values())
            .flatMap(metric -> metric.labels().stream())
            .filter(label -> label.values().isEmpty())
            .map(label -> "| `%s` | %s |\n".formatted(label.name(), label.bound()))
            .distinct()
            .collect(Collectors.joining());
  }
}
