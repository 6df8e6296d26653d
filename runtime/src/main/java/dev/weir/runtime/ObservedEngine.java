// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.engine.EngineLoadMetric;
import dev.weir.model.spec.EngineType;
import dev.weir.model.view.EngineView;
import dev.weir.runtime.engine.EngineReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The last report of a ready replica's engine.
///
/// @param report the last report; empty before the first
/// @param seenAt when it was received
/// @param problem why the last request failed, one line; empty if it succeeded
public record ObservedEngine(
    Optional<EngineReport> report, Optional<Instant> seenAt, String problem) {
  public static final ObservedEngine UNSEEN =
      new ObservedEngine(Optional.empty(), Optional.empty(), "");

  public ObservedEngine seen(EngineReport now, Instant at) {
    return new ObservedEngine(Optional.of(now), Optional.of(at), "");
  }

  /// Keeps the previous report with its time.
  public ObservedEngine failed(String why) {
    return new ObservedEngine(report, seenAt, why);
  }

  /// The view for the API.
  public EngineView view(EngineType type) {
    return new EngineView(
        type,
        report.flatMap(EngineReport::version),
        whole(EngineLoadMetric.RUNNING),
        whole(EngineLoadMetric.WAITING),
        report.flatMap(values -> values.value(EngineLoadMetric.KV_USAGE)),
        report.flatMap(EngineReport::asleep),
        report.map(EngineReport::missing).orElse(List.of()),
        seenAt,
        problem.isEmpty() ? report.map(EngineReport::note).orElse("no report yet") : problem);
  }

  private Optional<Long> whole(EngineLoadMetric signal) {
    return report.flatMap(values -> values.value(signal)).map(Math::round);
  }
}
