// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.model.Service;
import dev.weir.model.notation.FieldPath;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.MetricSpec;
import dev.weir.model.spec.ReleaseSpec.Step;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Problem;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Checks the statistics that a release overrides, together with the defaults of the others: an
/// impossible plan is refused before a release depends on it.
final class AnalysisLimits {
  private static final String METRICS = "spec.release.analysis.metrics";
  private static final String STEPS = "spec.release.steps";
  private static final int SHOWN_CHARACTERS = 60;

  /// The limit of a margin: a difference of half the traffic could never be detected.
  private static final Percentage HALF = Percentage.of(50);

  private AnalysisLimits() {}

  static List<Problem> check(Service service) {
    Map<String, MetricSpec> overrides = service.spec().release().analysis().metrics();
    var problems = new ArrayList<Problem>(names(service.spec().release()));
    new TreeMap<>(overrides)
        .forEach((name, override) ->
            ReleaseMetric.named(name)
                .ifPresent(metric -> problems.addAll(check(metric, override))));
    boolean graded = service.spec().release().analysis().grading().isPresent();
    weights(overrides, defaults(graded)).ifPresent(problems::add);
    return problems;
  }

  private static List<Problem> names(ReleaseSpec release) {
    var problems = new ArrayList<Problem>();
    List<Step> steps = release.steps();
    for (int i = 0; i < steps.size(); i++) {
      String path = FieldPath.child(FieldPath.item(STEPS, i), "metrics");
      problems.addAll(names(path, steps.get(i).metrics().keySet()));
    }
    problems.addAll(names(METRICS, release.analysis().metrics().keySet()));
    return problems;
  }

  private static List<Problem> names(String path, Set<String> names) {
    return names.stream()
        .filter(name -> ReleaseMetric.named(name).isEmpty())
        .sorted()
        .map(name ->
            new Problem(
                FieldPath.child(path, name),
                FieldPath.shortened(name, SHOWN_CHARACTERS),
                "must be a metric: " + allNames()))
        .toList();
  }

  private static String allNames() {
    return Arrays.stream(ReleaseMetric.values())
        .map(ReleaseMetric::manifestName)
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private static Map<ReleaseMetric, MetricPlan> defaults(boolean graded) {
    AnalysisPlan plan = AnalysisPlan.defaults();
    return (graded ? plan.withGrading(1) : plan).metrics();
  }

  private static List<Problem> check(ReleaseMetric metric, MetricSpec override) {
    MetricPlan fallback = Objects.requireNonNull(defaults(true).get(metric));
    Percentage tolerance = override.tolerance().orElse(percentage(fallback.tolerance()));
    Percentage margin = override.margin().orElse(percentage(fallback.margin()));
    String path = FieldPath.child(METRICS, metric.manifestName());
    var problems = new ArrayList<Problem>();
    // If both are set, they are compared when the manifest is read.
    boolean together = override.tolerance().isPresent() == override.margin().isPresent();
    if (!together && margin.compareTo(tolerance) < 0) {
      problems.add(
          override.margin().isPresent()
              ? new Problem(
                  FieldPath.child(path, "margin"),
                  margin.toString(),
                  ("must be at least the tolerance, which is %s by default: a tolerated change"
                          + " cannot stop a step. Raise it, or set a tolerance of at most %s")
                      .formatted(tolerance, margin))
              : new Problem(
                  FieldPath.child(path, "tolerance"),
                  tolerance.toString(),
                  ("must be at most the margin, which is %s by default: a tolerated change cannot"
                          + " stop a step. Lower it, or set a margin of at least %s")
                      .formatted(margin, tolerance)));
    } else if (metric.kind().absolute() && margin.compareTo(HALF) >= 0) {
      problems.add(
          new Problem(
              FieldPath.child(path, "margin"),
              margin.toString(),
              "must be below " + HALF + ", because it is a difference of rates"));
    }
    return problems;
  }

  private static Optional<Problem> weights(
      Map<String, MetricSpec> overrides, Map<ReleaseMetric, MetricPlan> defaults) {
    double sum = 0;
    for (Map.Entry<ReleaseMetric, MetricPlan> each : defaults.entrySet()) {
      sum +=
          Optional.ofNullable(overrides.get(each.getKey().manifestName()))
              .flatMap(MetricSpec::weight)
              .orElse(each.getValue().weight());
    }
    // Sums doubles, as AnalysisPlan does.
    return sum <= 1 + 1e-9
        ? Optional.empty()
        : Optional.of(
            new Problem(
                METRICS,
                "weights that add up to " + sum,
                "the weights are shares of alpha: their sum, including defaults, must be at most"
                    + " 1"));
  }

  private static Percentage percentage(double fraction) {
    return new Percentage(BigDecimal.valueOf(fraction).movePointRight(2));
  }
}
