// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.doctor;

import dev.weir.model.status.Fault;
import dev.weir.model.view.ServiceView;
import java.util.List;

/// Checks for injected faults that are still active.
final class FaultCheck {
  private FaultCheck() {}

  static List<CheckResult> findings(List<ServiceView> services) {
    return services.stream()
        .flatMap(
            service -> service.faults().stream().map(fault -> finding(fault, service.namespace())))
        .toList();
  }

  private static CheckResult finding(Fault fault, String namespace) {
    return CheckResult.warning(
        "fault " + fault.name(),
        "injected into %s by %s until %s: %s"
            .formatted(fault.place(), fault.by(), fault.until(), fault.effect()),
        "end it with `weir fault clear %s -n %s`".formatted(fault.name(), namespace));
  }
}
