// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.model.status.Fault;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.FaultRequest;
import dev.weir.snapshot.RoutingSnapshot.FaultEntry;
import dev.weir.snapshot.RoutingSnapshot.FaultKind;
import java.time.Instant;
import java.util.List;

/// Compiles injected faults for snapshots. A replica that is down behind a passing probe answers
/// with an error. Faults that only remove a replica from routing do not reach gateways.
final class FaultCompiler {
  private static final int MILLIONTHS = 1_000_000;

  private FaultCompiler() {}

  static List<FaultEntry> compile(List<Fault> faults, Instant now) {
    return faults.stream()
        .filter(fault -> !fault.hasEnded(now) && !fault.hidesReadiness())
        .map(FaultCompiler::entry)
        .toList();
  }

  private static FaultEntry entry(Fault fault) {
    return new FaultEntry(
        fault.name(),
        kind(fault),
        fault.replica().orElse(""),
        fault.version().map(VersionRef::toString).orElse(""),
        fault.real(),
        (int) Math.max(1, Math.round(fault.share().fraction() * MILLIONTHS)),
        fault.kind() == Fault.FaultKind.ERROR ? fault.status() : FaultRequest.DEFAULT_STATUS,
        fault.delay().toMillis(),
        fault.after(),
        fault.effect(),
        fault.until().toEpochMilli());
  }

  private static FaultKind kind(Fault fault) {
    return switch (fault.kind()) {
      case ERROR, HEALTH -> FaultKind.ERROR;
      case DELAY -> FaultKind.DELAY;
      case STALL -> FaultKind.STALL;
      case CUT -> FaultKind.CUT;
    };
  }
}
