// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.doctor;

import dev.weir.model.view.ServiceView;
import java.util.List;

/// Checks for Services that serve another version than their spec names.
final class SyncCheck {
  private SyncCheck() {}

  static List<CheckResult> findings(List<ServiceView> services) {
    return services.stream()
        .filter(service -> !service.outOfSync().isEmpty())
        .map(SyncCheck::finding)
        .toList();
  }

  private static CheckResult finding(ServiceView service) {
    String serves =
        service.version().map(version -> ", or set spec.version to " + version).orElse("");
    return CheckResult.warning(
        "service " + service.name(),
        "OutOfSync: " + service.outOfSync(),
        "see `weir rollout explain %s -n %s`; apply a version that works%s"
            .formatted(service.name(), service.namespace(), serves));
  }
}
