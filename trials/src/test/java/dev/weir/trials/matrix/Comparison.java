// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import dev.weir.analysis.AnalysisPlan;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// The seconds until a rollback on one recording, by each set of rules.
///
/// @param weir its statistics with the defaults, dispersion 1
/// @param ratio Kayenta with `effectSizeThresholds`
public record Comparison(
    Optional<OnSlices.Reverted> weir, OptionalInt argo, OptionalInt kayenta, OptionalInt ratio) {
  private static final long GRADED_WITHIN_MILLIS = 5_000;

  /// @param baseline what was seen of the healthy version
  /// @param canary what was seen of the other
  /// @param weight the canary's share of both
  /// @param seconds that were recorded
  public static Comparison of(
      List<ObservedRequest> baseline, List<ObservedRequest> canary, double weight, int seconds) {
    List<ObservedRequest> both =
        Stream.concat(
                baseline.stream().map(seen -> seen.as(false)),
                canary.stream().map(seen -> seen.as(true)))
            .toList();
    AnalysisPlan plan = AnalysisPlan.defaults().withGrading(GRADED_WITHIN_MILLIS).withDispersion(1);
    return new Comparison(
        OnSlices.reverts(plan, weight, both, seconds),
        Argo.rollback(both, seconds),
        Kayenta.rollback(both, seconds, false),
        Kayenta.rollback(both, seconds, true));
  }

  /// Four cells of a table.
  public String cells() {
    return "%s | %s | %s | %s"
        .formatted(
            weir.map(r -> "%.1f (%s)".formatted(r.seconds(), r.metric())).orElse("-"),
            show(argo),
            show(kayenta),
            show(ratio));
  }

  private static String show(OptionalInt seconds) {
    return seconds.isPresent() ? Integer.toString(seconds.getAsInt()) : "-";
  }
}
