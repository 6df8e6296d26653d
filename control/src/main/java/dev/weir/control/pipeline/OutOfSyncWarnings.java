// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.change.ChangePlan;
import dev.weir.control.summary.OutOfSync;
import dev.weir.control.validation.ResourceLookup;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Commit.Effect;
import java.util.List;
import java.util.Optional;

/// Warnings about Services that an apply leaves unchanged although they do not serve the version
/// that their spec names. The apply starts no release of this version.
final class OutOfSyncWarnings {
  private OutOfSyncWarnings() {}

  static List<String> of(ChangePlan plan, ResourceLookup stored) {
    return plan.changes().stream()
        .filter(change -> change.effect() == Effect.UNCHANGED)
        .filter(change -> change.after() instanceof Service)
        .flatMap(change -> warning((Service) change.after(), stored).stream())
        .toList();
  }

  private static Optional<String> warning(Service service, ResourceLookup stored) {
    String namespace = service.metadata().namespace();
    return OutOfSync.of(
            service,
            name ->
                stored.get(ResourceRef.of(Kind.ROLLOUT, namespace, name)).map(Rollout.class::cast))
        .map(reason ->
            "service %s/%s is unchanged and OutOfSync: %s"
                .formatted(namespace, service.metadata().name(), reason));
  }
}
