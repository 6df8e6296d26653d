// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.VersionRef;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The stable versions of a Service, from its completed rollouts.
final class StableVersionHistory {
  private StableVersionHistory() {}

  /// Newest first, each once, without the current stable version.
  static List<VersionRef> before(ResourceSnapshot resourceSnapshot, Service service) {
    Set<VersionRef> versions = new LinkedHashSet<>();
    resourceSnapshot.rollouts().values().stream()
        .filter(rollout -> completed(rollout, service))
        .sorted(Comparator.comparing(StableVersionHistory::end).reversed())
        .forEach(rollout -> {
          versions.add(rollout.spec().to());
          versions.add(rollout.spec().from());
        });
    service.status().stable().map(StableVersion::version).ifPresent(versions::remove);
    return List.copyOf(versions);
  }

  private static boolean completed(Rollout rollout, Service service) {
    return rollout.status().phase() == RolloutPhase.COMPLETED
        && rollout.metadata().namespace().equals(service.metadata().namespace())
        && rollout.spec().service().equals(service.metadata().name());
  }

  private static Instant end(Rollout rollout) {
    return rollout.status().finishedAt().orElse(Instant.MIN);
  }
}
