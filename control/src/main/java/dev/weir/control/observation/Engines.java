// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.EngineType;
import dev.weir.model.EngineView;
import dev.weir.runtime.ObservedEngine;
import dev.weir.runtime.engine.EngineReport;
import dev.weir.runtime.engine.Signal;
import java.util.List;
import java.util.Optional;

/// The engines behind ready replicas, as people see them.
public final class Engines {
  private final Catalogue.Reader catalogue;
  private final Fleet fleet;

  public Engines(Catalogue.Reader catalogue, Fleet fleet) {
    this.catalogue = catalogue;
    this.fleet = fleet;
  }

  /// Empty unless the replica is ready and of a version that there is.
  public Optional<EngineView> view(Seen replica) {
    return fleet
        .engine(replica)
        .flatMap(observed ->
            catalogue
                .current()
                .version(replica.name().namespace(), replica.version())
                .map(version -> view(version.spec().engine().type(), observed)));
  }

  private static EngineView view(EngineType type, ObservedEngine observed) {
    Optional<EngineReport> report = observed.report();
    return new EngineView(
        type,
        report.flatMap(EngineReport::version),
        whole(report, Signal.RUNNING),
        whole(report, Signal.WAITING),
        report.flatMap(told -> told.value(Signal.KV_USAGE)),
        report.flatMap(EngineReport::asleep),
        report.map(EngineReport::missing).orElse(List.of()),
        observed.seenAt(),
        observed.problem().isEmpty()
            ? report.map(EngineReport::note).orElse("not asked yet")
            : observed.problem());
  }

  private static Optional<Long> whole(Optional<EngineReport> report, Signal signal) {
    return report.flatMap(told -> told.value(signal)).map(Math::round);
  }
}
