// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import java.util.List;

/// The difference of the canary, from its first request on.
///
/// @param name as in tables and JSON
/// @param outage whether every canary request fails
/// @param errorFactor on the baseline's error rate of 0.5 %
/// @param ttftFactor on the whole distribution
/// @param itlFactor on the whole distribution
/// @param empties share of its answers that are empty
/// @param meanGrade of its answers where they are graded, in (0, 1)
record CanaryScenario(
    String name,
    boolean outage,
    double errorFactor,
    double ttftFactor,
    double itlFactor,
    double empties,
    double meanGrade) {

  /// Share of the baseline's answers that are empty.
  static final double BASELINE_EMPTIES = .002;

  /// The mean grade of the baseline's answers.
  static final double BASELINE_GRADE = .85;

  /// One whose answers are as good as the baseline's.
  CanaryScenario(
      String name, boolean outage, double errorFactor, double ttftFactor, double itlFactor) {
    this(name, outage, errorFactor, ttftFactor, itlFactor, BASELINE_EMPTIES, BASELINE_GRADE);
  }

  /// Nothing: any revert is false.
  static final CanaryScenario HEALTHY = new CanaryScenario("A/A", false, 1, 1, 1);

  /// Answers that are as fast as before and worse.
  static final CanaryScenario WORSE_ANSWERS =
      new CanaryScenario("quality .85->.80", false, 1, 1, 1, BASELINE_EMPTIES, .80);

  /// Answers of which some have nothing in them.
  static final CanaryScenario EMPTY_ANSWERS =
      new CanaryScenario("empty 0.2->2 %", false, 1, 1, 1, .02, BASELINE_GRADE);

  /// The regressions whose detection is compared with the specification.
  static final List<CanaryScenario> REGRESSIONS =
      List.of(
          new CanaryScenario("outage", true, 1, 1, 1),
          new CanaryScenario("errors 0.5->10 %", false, 20, 1, 1),
          new CanaryScenario("errors 0.5->2 %", false, 4, 1, 1),
          new CanaryScenario("TTFT x2", false, 1, 2, 1),
          new CanaryScenario("TTFT x1.25", false, 1, 1.25, 1),
          new CanaryScenario("ITL x1.15", false, 1, 1, 1.15),
          EMPTY_ANSWERS,
          WORSE_ANSWERS);

  /// Whether a harmed answer is a failed one; else every answer of the canary is a slow or a poor
  /// one, or may be an empty one.
  boolean harmsByFailing() {
    return outage || errorFactor > 1;
  }
}
