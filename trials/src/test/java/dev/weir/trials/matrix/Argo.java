// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import java.util.List;
import java.util.OptionalInt;

/// A usual analysis of Argo Rollouts (section 11.1 of the canary specification): each minute, the
/// canary's error rate of that minute must be below 1 % and its p95 TTFT below 1.2 times the
/// baseline's; a metric that has failed more than three times rolls back. Minutes without requests
/// do not fail.
final class Argo {
  private static final int MINUTE_SECONDS = 60;
  private static final int FAILURE_LIMIT = 3;
  private static final double MOST_ERRORS = .01;
  private static final double MOST_SLOWER = 1.2;

  private Argo() {}

  /// When it rolls back, in seconds, if within that time.
  static OptionalInt rollback(List<ObservedRequest> seen, int seconds) {
    int errors = 0;
    int slow = 0;
    for (int end = MINUTE_SECONDS; end <= seconds; end += MINUTE_SECONDS) {
      List<ObservedRequest> minute = Slices.between(seen, end - MINUTE_SECONDS, end);
      List<ObservedRequest> canary = Slices.arm(minute, true);
      errors += !canary.isEmpty() && Slices.errorRate(canary) >= MOST_ERRORS ? 1 : 0;
      double limit = MOST_SLOWER * Slices.ttftQuantile(Slices.arm(minute, false), .95);
      slow += Slices.ttftQuantile(canary, .95) >= limit ? 1 : 0; // false for NaN
      if (errors > FAILURE_LIMIT || slow > FAILURE_LIMIT) {
        return OptionalInt.of(end);
      }
    }
    return OptionalInt.empty();
  }
}
