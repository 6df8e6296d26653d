// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// The figures of the specification's own simulation (section 11.2, another program, 100 to 200
/// runs a row): what the engine is held against.
///
/// @param requestsPerSecond both arms together
/// @param weight canary share
/// @param detectedPercent of the runs that were reverted in 30 minutes; 100 stands for nearly all
/// @param medianSeconds to the revert, of the runs that were
/// @param badAnswers failed canary requests for failures, else canary requests served
record Specified(
    String regression,
    int requestsPerSecond,
    double weight,
    double detectedPercent,
    OptionalDouble medianSeconds,
    double badAnswers) {

  /// How far a median may be from the specification's.
  static final double WITHIN = .15;

  private static final int RUNS_AT_1_PER_SECOND = 400;

  private static final List<Specified> ALL =
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
          new Specified("ITL x1.15", .25, 20, 1044),
          new Specified("quality .85->.80", .01, 660, 1344),
          new Specified("quality .85->.80", .05, 152.5, 1565),
          new Specified("quality .85->.80", .25, 40, 2084),
          new Specified("quality .85->.80", 1, .01, 0, OptionalDouble.empty(), 18),
          new Specified("quality .85->.80", 1, .05, 4.8, OptionalDouble.of(1380), 91),
          new Specified("quality .85->.80", 1, .25, 73.8, OptionalDouble.of(1190), 350));

  /// One at 200 req/s that nearly all runs detect.
  private Specified(String regression, double weight, double medianSeconds, double badAnswers) {
    this(regression, 200, weight, 100, OptionalDouble.of(medianSeconds), badAnswers);
  }

  static Optional<Specified> of(Row.Case c) {
    return ALL.stream()
        .filter(s -> s.regression.equals(c.scenario().name()))
        .filter(s -> s.weight == c.weight() && s.requestsPerSecond == c.requestsPerSecond())
        .findFirst();
  }

  /// Whether a row is close enough. Where nearly all runs detect, the median has to be: one look (5
  /// s) is the resolution of either figure. Where they do not, the share has to be, up to chance.
  boolean agrees(Row row) {
    if (detectedPercent < 100) {
      return Math.abs(row.revertedPercent() - detectedPercent) <= byChance(row.runs());
    }
    double seconds = row.medianSeconds().orElse(Double.POSITIVE_INFINITY);
    double median = medianSeconds.orElseThrow();
    return Math.abs(seconds - median) <= Math.max(WITHIN * median, 2.5);
  }

  /// Three standard deviations of the difference of two shares, in per cent; of shares near 0 or 1
  /// those of one run in fifty.
  private double byChance(int runs) {
    double share = Math.clamp(detectedPercent / 100, .02, .98);
    return 300 * Math.sqrt(share * (1 - share) * (1. / runs + 1. / RUNS_AT_1_PER_SECOND));
  }

  /// The figures, for a person.
  String describe() {
    String median = medianSeconds.isPresent() ? Report.show(medianSeconds.getAsDouble()) : "-";
    return detectedPercent < 100
        ? "%s (%s %%)".formatted(median, Report.show(detectedPercent))
        : median;
  }
}
