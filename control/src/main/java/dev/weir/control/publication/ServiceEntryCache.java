// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.observation.ResolvedNames;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.RolloutSpec.Loan;
import dev.weir.model.value.ResourceRef;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The compiled entries of Services with what each was compiled from, so that a change of one
/// Service compiles one entry.
///
/// The cache is emptied once per [#SWEEP]: an input that it does not know would delay a change, but
/// not lose it. Used by one thread at a time.
final class ServiceEntryCache {
  static final Duration SWEEP = Duration.ofMinutes(1);

  private final Map<String, Compiled> entries = new HashMap<>();
  private Instant emptyAt = Instant.MIN;

  private record Compiled(Sources sources, ServiceEntry entry) {}

  /// Everything that an entry depends on, besides the previous snapshot and the time.
  ///
  /// @param versions the ModelVersions of the stable version and of the release, where they exist
  record Sources(
      Service service,
      Optional<Rollout> live,
      List<Optional<ModelVersion>> versions,
      Map<ResourceRef, Target> targets,
      ResolvedNames names,
      List<Loan> loans,
      List<TargetReplica> replicas,
      int warmUpRequests) {

    static Sources of(Service service, SnapshotInputs inputs) {
      String namespace = service.metadata().namespace();
      Optional<Rollout> live = inputs.catalogue().liveRollout(service);
      return new Sources(
          service,
          live,
          Stream.concat(
                  Stream.of(DesiredReplicas.stable(service)),
                  live.stream().flatMap(r -> Stream.of(r.spec().from(), r.spec().to())))
              .map(version -> inputs.catalogue().version(namespace, version))
              .toList(),
          inputs.catalogue().targets(),
          inputs.catalogue().names(),
          inputs.catalogue().loans(),
          inputs.replicas().of(namespace, service.metadata().name()),
          inputs.warmUpRequests());
    }
  }

  /// Starts a compilation: forgets Services that no longer exist, and everything once per sweep.
  void begin(SnapshotInputs inputs, Set<String> services) {
    entries.keySet().retainAll(services);
    if (!inputs.now().isBefore(emptyAt) || inputs.now().isBefore(emptyAt.minus(SWEEP))) {
      entries.clear();
      emptyAt = inputs.now().plus(SWEEP);
    }
  }

  /// The known entry if its sources are unchanged, else a new one.
  ///
  /// @param lasting whether the new entry depends on its sources only
  ServiceEntry entry(
      String service, Sources sources, Supplier<ServiceEntry> compile, Supplier<Boolean> lasting) {
    Compiled known = entries.get(service);
    if (known != null && known.sources().equals(sources)) {
      return known.entry();
    }
    ServiceEntry entry = compile.get();
    if (lasting.get()) {
      entries.put(service, new Compiled(sources, entry));
    } else {
      Compiled _ = entries.remove(service);
    }
    return entry;
  }
}
