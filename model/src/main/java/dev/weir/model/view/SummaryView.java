// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.value.Default;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A release in words. The control plane computes it from the stored decisions and the newest
/// measurements.
///
/// @param text one paragraph: the state of the release and the facts behind it
/// @param next what happens next and what a user can do, one sentence each, most important first
/// @param metrics the measured metrics; during a release from the latest analysis, afterwards from
///   the last decision
/// @param shares share of the requests that the new version had over time, oldest first
/// @param progress completed part of the release, 0 to 1
/// @param expectedEnd when the release is expected to be decided; empty if unknown
/// @param latest numbers of the latest analysis; empty without one
public record SummaryView(
    String text,
    @Default("[]") List<String> next,
    @Default("[]") List<MetricWords> metrics,
    @Default("[]") List<Share> shares,
    @Default("0") double progress,
    Optional<Instant> expectedEnd,
    Optional<Evidence> latest) {
  public SummaryView {
    next = List.copyOf(next);
    metrics = List.copyOf(metrics);
    shares = List.copyOf(shares);
  }

  /// A share that applied from a time on.
  ///
  /// @param percent 0 to 100
  public record Share(Instant from, double percent) {}
}
