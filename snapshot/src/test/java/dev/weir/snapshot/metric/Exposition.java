// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot.metric;

import dev.weir.snapshot.metric.Metric.Plane;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Compares a plane's `/metrics` with the declared metrics.
public final class Exposition {
  /// Metrics of the Java runtime, which Weir does not declare.
  private static final Pattern RUNTIME = Pattern.compile("(jvm|process|system)_.*");

  private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  private Exposition() {}

  /// The samples of a page that are not declared.
  public static List<String> undeclared(String page, Plane plane) {
    return page.lines()
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .filter(line -> !RUNTIME.matcher(line).matches())
        .filter(line -> declared(line, plane).findAny().isEmpty())
        .toList();
  }

  /// The metrics of a plane that are missing from a page.
  public static Set<Metric> absent(String page, Plane plane) {
    List<Metric> shown = page.lines().flatMap(line -> declared(line, plane)).distinct().toList();
    return of(plane)
        .filter(metric -> !shown.contains(metric))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<Metric> of(Plane plane) {
    return Arrays.stream(Metric.values())
        .filter(metric -> metric.plane() == plane || metric.plane() == Plane.BOTH);
  }

  private static Stream<Metric> declared(String line, Plane plane) {
    Matcher sample = SAMPLE.matcher(line);
    return sample.matches()
        ? of(plane)
            .filter(metric -> names(metric).contains(sample.group(1)))
            .filter(metric -> labelled(metric, sample.group(2) == null ? "" : sample.group(2)))
        : Stream.empty();
  }

  private static boolean labelled(Metric metric, String labels) {
    Set<String> seen = new TreeSet<>();
    Matcher label = LABEL.matcher(labels);
    while (label.find()) {
      if (!label.group(1).equals("le")) {
        seen.add(label.group(1));
      }
    }
    seen.removeAll(RetiredMetrics.labelsOf(metric).values());
    return seen.equals(metric.labels().stream().map(Label::name).collect(Collectors.toSet()));
  }

  private static List<String> names(Metric metric) {
    String name = metric.exposedName();
    List<String> derived = List.of(name + "_count", name + "_sum", name + "_max");
    return switch (metric.type()) {
      case COUNTER, GAUGE ->
          Stream.concat(Stream.of(name), RetiredMetrics.nameOf(metric).stream()).toList();
      case SUMMARY -> derived;
      case HISTOGRAM -> Stream.concat(derived.stream(), Stream.of(name + "_bucket")).toList();
    };
  }
}
