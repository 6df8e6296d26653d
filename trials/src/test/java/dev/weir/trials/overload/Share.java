// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.overload;

import java.util.List;

/// The results of a tenant.
///
/// @param sent requests
/// @param good answers whose first token came in time
/// @param refused requests turned away
/// @param broken streams that ended early, or other statuses
/// @param untold refusals that did not say when to come back
/// @param atOnce refusals that took less than a tenth of the deadline
public record Share(long sent, long good, long refused, long broken, long untold, long atOnce) {
  static Share of(List<Answered> answers, long deadlineNanos) {
    List<Answered> refused = answers.stream().filter(Answered::refused).toList();
    return new Share(
        answers.size(),
        answers.stream().filter(a -> a.good(deadlineNanos)).count(),
        refused.size(),
        answers.stream().filter(a -> a.status() != 200 && !a.refused()).count(),
        refused.stream().filter(a -> !a.told()).count(),
        refused.stream().filter(a -> a.firstNanos() < deadlineNanos / 10).count());
  }

  /// Both together.
  public Share and(Share other) {
    return new Share(
        sent + other.sent,
        good + other.good,
        refused + other.refused,
        broken + other.broken,
        untold + other.untold,
        atOnce + other.atOnce);
  }
}
