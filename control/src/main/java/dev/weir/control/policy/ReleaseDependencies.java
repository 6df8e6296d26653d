// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.ServiceRefs;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import java.util.List;
import java.util.Optional;

/// Delays a release until the releases of other Services have ended.
///
/// The current spec of the Service counts, not the spec at the start of its release, so removing a
/// name ends the wait for it. A release does not wait for a Service that no longer exists, because
/// the wait would never end.
final class ReleaseDependencies {
  private final ResourceSnapshot resourceSnapshot;

  ReleaseDependencies(ResourceSnapshot resourceSnapshot) {
    this.resourceSnapshot = resourceSnapshot;
  }

  /// The reasons why a release must wait for others, one sentence each; empty if it need not.
  List<String> awaited(Service service) {
    String namespace = service.metadata().namespace();
    return ServiceRefs.after(service.spec().release(), namespace).stream()
        .flatMap(ref -> resourceSnapshot.service(ref.namespace(), ref.name()).stream())
        .flatMap(first -> awaited(first, namespace).stream())
        .toList();
  }

  private Optional<String> awaited(Service first, String namespace) {
    Optional<Rollout> live = resourceSnapshot.liveRollout(first);
    if (live.isPresent()) {
      return Optional.of(
          "waiting for service %s: rollout %s is %s"
              .formatted(
                  name(first.ref(), namespace),
                  live.get().metadata().name(),
                  live.get().status().phase().text()));
    }
    VersionRef wanted = first.spec().version();
    boolean serves =
        first.status().stable().filter(stable -> stable.version().equals(wanted)).isPresent();
    return serves
        ? Optional.empty()
        : Optional.of(
            "waiting for service %s: %s does not serve yet%s"
                .formatted(name(first.ref(), namespace), wanted, givenUp(first, wanted)));
  }

  private static String givenUp(Service first, VersionRef wanted) {
    return first.status().failed().stream()
        .filter(failed -> failed.version().equals(wanted))
        .map(FailedRelease::rollout)
        .reduce((earlier, later) -> later)
        .map(last -> ", given up in rollout " + last)
        .orElse("");
  }

  private static String name(ResourceRef ref, String namespace) {
    return ref.namespace().equals(namespace) ? ref.name() : ref.namespace() + "/" + ref.name();
  }
}
