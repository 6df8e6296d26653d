// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.EngineType;
import dev.weir.model.EngineView;
import dev.weir.runtime.engine.EngineLoadMetric;
import dev.weir.runtime.engine.EngineReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the engine of a ready replica reported about itself.
///
/// @param report the last one; empty before the first
/// @param seenAt when that was
/// @param problem why the last attempt to ask brought none, one line; empty when it did
public record ObservedEngine(
    Optional<EngineReport> report, Optional<Instant> seenAt, String problem) {
  public static final ObservedEngine UNSEEN =
      new ObservedEngine(Optional.empty(), Optional.empty(), "");

  public ObservedEngine seen(EngineReport now, Instant at) {
    return new ObservedEngine(Optional.of(now), Optional.of(at), "");
  }

  /// What was told before stays, with its age.
  public ObservedEngine failed(String why) {
    return new ObservedEngine(report, seenAt, why);
  }

  /// As people see it.
  public EngineView view(EngineType type) {
    return new EngineView(
        type,
        report.flatMap(EngineReport::version),
        whole(EngineLoadMetric.RUNNING),
        whole(EngineLoadMetric.WAITING),
        report.flatMap(told -> told.value(EngineLoadMetric.KV_USAGE)),
        report.flatMap(EngineReport::asleep),
        report.map(EngineReport::missing).orElse(List.of()),
        seenAt,
        problem.isEmpty() ? report.map(EngineReport::note).orElse("not asked yet") : problem);
  }

  private Optional<Long> whole(EngineLoadMetric signal) {
    return report.flatMap(told -> told.value(signal)).map(Math::round);
  }
}
