// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import java.util.List;
import java.util.Optional;

/// The figures of the specification's own simulation (section 11.2, another program, 100 to 200
/// runs a row): what the engine is held against.
///
/// @param medianSeconds to the revert
/// @param badAnswers failed canary requests for failures, canary requests served for latencies
record Specified(String regression, double weight, double medianSeconds, double badAnswers) {

  /// How far a median may be from the specification's.
  static final double WITHIN = .15;

  private static final List<Specified> AT_200_PER_SECOND =
      List.of(
          new Specified("outage", .01, 5, 10),
          new Specified("outage", .05, 5, 48),
          new Specified("outage", .25, 5, 248),
          new Specified("errors 0.5->10 %", .01, 30, 7),
          new Specified("errors 0.5->10 %", .05, 10, 10),
          new Specified("errors 0.5->10 %", .25, 5, 26),
          new Specified("errors 0.5->2 %", .01, 705, 36),
          new Specified("errors 0.5->2 %", .05, 185, 43),
          new Specified("errors 0.5->2 %", .25, 50, 60),
          new Specified("TTFT x2", .01, 20, 34),
          new Specified("TTFT x2", .05, 5, 52),
          new Specified("TTFT x2", .25, 5, 250),
          new Specified("TTFT x1.25", .01, 327.5, 654),
          new Specified("TTFT x1.25", .05, 70, 721),
          new Specified("TTFT x1.25", .25, 25, 1226),
          new Specified("ITL x1.15", .01, 320, 650),
          new Specified("ITL x1.15", .05, 70, 694),
          new Specified("ITL x1.15", .25, 20, 1044));

  static Optional<Specified> of(Row.Case c) {
    return AT_200_PER_SECOND.stream()
        .filter(s -> s.regression.equals(c.scenario().name()))
        .filter(s -> s.weight == c.weight() && c.requestsPerSecond() == 200)
        .findFirst();
  }

  /// Whether a median is close enough; one look (5 s) is the resolution of either figure.
  boolean agrees(double seconds) {
    return Math.abs(seconds - medianSeconds) <= Math.max(WITHIN * medianSeconds, 2.5);
  }
}
