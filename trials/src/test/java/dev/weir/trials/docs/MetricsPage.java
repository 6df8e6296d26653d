// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import dev.weir.snapshot.metric.Label;
import dev.weir.snapshot.metric.Metric;
import dev.weir.snapshot.metric.Metric.Plane;
import dev.weir.snapshot.metric.RetiredMetrics;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `docs/reference/metrics.md`.
final class MetricsPage {
  private MetricsPage() {}

  static String text() {
    ReferencePage page = new ReferencePage("Metrics", "`dev.weir.snapshot.metric.Metric`");
    page.paragraph(
        "A gateway and the control plane each serve their metrics on `/metrics` of their own port, in"
            + " the text format of Prometheus. The path needs no key, and no metric contains a secret.");
    page.paragraph(
        "A histogram has `_bucket`, `_count` and `_sum`. A summary has `_count` and `_sum`. Both have"
            + " the gauge `_max` of the last minutes. A gateway also has metrics of the Java runtime"
            + " (`jvm_*`, `process_*`, `system_*`).");
    page.section("Gateway");
    table(page, Plane.GATEWAY);
    page.section("Control plane");
    table(page, Plane.CONTROL);
    page.section("Labels").paragraph("These labels have no fixed list of values.");
    page.table(
        List.of("label", "bounded by"),
        Arrays.stream(Metric.values())
            .flatMap(metric -> metric.labels().stream())
            .filter(label -> label.values().isEmpty())
            .distinct()
            .map(label -> List.of(ReferencePage.code(label.name()), label.bound())));
    page.section("Retired names")
        .paragraph(
            "`/metrics` shows these names for one version, with `Retired: use ...` in their help"
                + " text.");
    page.table(
        List.of("retired", "use"), Arrays.stream(Metric.values()).flatMap(MetricsPage::retired));
    return page.text();
  }

  private static Stream<List<String>> retired(Metric metric) {
    String name = metric.exposedName();
    return Stream.concat(
        RetiredMetrics.nameOf(metric).stream()
            .map(old -> List.of(ReferencePage.code(old), ReferencePage.code(name))),
        RetiredMetrics.labelsOf(metric).entrySet().stream()
            .map(label ->
                List.of(
                    "label "
                        + ReferencePage.code(label.getValue())
                        + " of "
                        + ReferencePage.code(name),
                    ReferencePage.code(label.getKey()))));
  }

  private static void table(ReferencePage page, Plane plane) {
    page.table(
        List.of("metric", "type", "unit", "labels", "meaning"),
        Arrays.stream(Metric.values())
            .filter(metric -> metric.plane() == plane || metric.plane() == Plane.BOTH)
            .map(MetricsPage::row));
  }

  private static List<String> row(Metric metric) {
    return List.of(
        ReferencePage.code(metric.exposedName()),
        metric.type().name().toLowerCase(Locale.ROOT),
        metric.unit(),
        metric.labels().stream().map(MetricsPage::label).collect(Collectors.joining(", ")),
        metric.meaning());
  }

  private static String label(Label label) {
    String values = String.join(" ", label.values());
    return ReferencePage.code(label.name()) + (values.isEmpty() ? "" : " (" + values + ")");
  }
}
