// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.change.Change.ChangeFaults;
import dev.weir.control.change.Change.ChangeFaults.Verb;
import dev.weir.control.change.PlannedChange;
import dev.weir.control.crash.CrashPoint.ChangeKind;
import dev.weir.model.Service;
import dev.weir.model.status.Fault;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Finds injected faults that have expired. Pure. Gateways know the expiry time too and stop a
/// fault without this removal.
public final class ExpiredFaults {
  private ExpiredFaults() {}

  /// The removal of all faults of the Service that have expired; empty when none has.
  public static Optional<PlannedChange> removal(Service service, Instant now) {
    List<Fault> faults = service.status().faults();
    List<String> expired =
        faults.stream().filter(fault -> fault.hasEnded(now)).map(Fault::name).toList();
    if (expired.isEmpty()) {
      return Optional.empty();
    }
    List<Fault> left = faults.stream().filter(fault -> !fault.hasEnded(now)).toList();
    return Optional.of(
        new PlannedChange(
            ChangeKind.FAULT_OVER,
            new ChangeFaults(
                service.withStatus(service.status().withFaults(left)),
                service.metadata().revision(),
                expired,
                Verb.OVER),
            "its duration has ended"));
  }
}
