// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import dev.weir.simulator.fault.FaultPlan;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A regression of a version, as faults of the simulated engine that serves it.
///
/// @param faults besides [#HEALTHY], which every version has
/// @param gross whether it must be found at the higher level of traffic
public record Regression(String name, Map<String, String> faults, boolean gross) {
  private static final String POOR = "poorRate";

  /// Every version now and then fails, breaks off, refuses, loops, says nothing and spoils JSON
  /// (the rates of the specification's simulation); answers are short, so that two cores carry
  /// them. One answer in fourteen is poor: grades of .9 and .2 come to .85 in the mean.
  private static final Map<String, String> HEALTHY =
      Map.of(
          "errorRate",
          "0.005",
          "cutRate",
          "0.003",
          "cutAfterTokens",
          "3",
          "refusalRate",
          "0.02",
          "invalidJsonRate",
          "0.01",
          "repetitionRate",
          "0.002",
          "emptyAnswerRate",
          "0.002",
          "lengthFactor",
          "0.15",
          POOR,
          "0.0714");

  /// Nothing.
  public static final Regression NONE = new Regression("A/A", Map.of(), false);

  /// All of them.
  public static final List<Regression> ALL =
      List.of(
          of("outage", "errorRate", "1", true),
          of("errors 0.5->10 %", "errorRate", "0.1", true),
          of("errors 0.5->2 %", "errorRate", "0.02", false),
          of("TTFT x2", "ttftFactor", "2", true),
          of("TTFT x1.25", "ttftFactor", "1.25", false),
          of("ITL x1.15", "itlFactor", "1.15", false),
          of("truncated 0.3->5 %", "cutRate", "0.05", true),
          of("refusals 2->15 %", "refusalRate", "0.15", true),
          of("invalid JSON 1->15 %", "invalidJsonRate", "0.15", true),
          of("empty 0.2->5 %", "emptyAnswerRate", "0.05", true),
          of("loops 0.2->5 %", "repetitionRate", "0.05", true),
          of("length x1.5", "lengthFactor", "0.225", false),
          of("length x0.67", "lengthFactor", "0.1", false),
          of("quality .85->.80", POOR, "0.143", false));

  private static Regression of(String name, String fault, String value, boolean gross) {
    return new Regression(name, Map.of(fault, value), gross);
  }

  /// Whether it takes a judge to find it.
  boolean graded() {
    return faults.containsKey(POOR);
  }

  /// The faults of an engine of a healthy version.
  public static FaultPlan healthy() {
    return FaultPlan.NONE.with(HEALTHY);
  }

  /// The faults of the engine of this version.
  public FaultPlan plan() {
    Map<String, String> all = new TreeMap<>(HEALTHY);
    all.putAll(faults);
    return FaultPlan.NONE.with(all);
  }

  /// Whether it harms this answer: of slow or long ones, every one is.
  public boolean harms(ObservedRequest seen) {
    return switch (faults.keySet().stream().findFirst().orElse("")) {
      case "" -> false;
      case "errorRate" -> seen.failed();
      case "cutRate" -> seen.truncated();
      case "refusalRate" -> seen.refuses();
      case "invalidJsonRate" -> seen.spoilsJson();
      case "repetitionRate" -> seen.loops();
      case "emptyAnswerRate" -> seen.empty();
      case POOR -> seen.poor();
      default -> true;
    };
  }
}
