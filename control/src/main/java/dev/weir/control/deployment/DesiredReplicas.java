// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.observation.Catalogue;
import dev.weir.model.Metadata;
import dev.weir.model.ModelVersion;
import dev.weir.model.ModelVersionSpec;
import dev.weir.model.ReplicaName;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.ServiceSpec.Placement;
import dev.weir.model.ServiceStatus.StableVersion;
import dev.weir.model.Target;
import dev.weir.model.TargetSpec.ProviderType;
import dev.weir.model.VersionRef;
import dev.weir.runtime.ReplicaIntent;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The replicas that a Service should have now.
///
/// The stable version has what the placements say. While a rollout is live its version has the same
/// again: a canary group of the same size as its baseline is the fair comparison, and it carries
/// the last step and the promotion without a second scaling.
///
/// @param slots one for each wanted replica
/// @param problems why something that the spec asks for cannot be wanted yet
public record DesiredReplicas(List<Slot> slots, List<String> problems) {
  public DesiredReplicas {
    slots = List.copyOf(slots);
    problems = List.copyOf(problems);
  }

  /// A place for one replica.
  ///
  /// @param specHash of all that shapes the process; a replica with another hash does not fill it
  public record Slot(
      VersionRef version,
      String target,
      String specHash,
      ModelVersionSpec spec,
      Optional<URI> endpoint,
      int warmUpRequests) {

    ReplicaIntent intent(ReplicaName name) {
      return new ReplicaIntent(
          name,
          specHash,
          spec.engine(),
          spec.model(),
          spec.startupTimeout(),
          endpoint,
          warmUpRequests);
    }
  }

  public static DesiredReplicas of(
      Service service, Optional<Rollout> live, Catalogue catalogue, int warmUpRequests) {
    List<Slot> slots = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (VersionRef version : versions(service, live)) {
      Optional<ModelVersion> found =
          catalogue.version(service.metadata().namespace(), version);
      if (found.isEmpty()) {
        problems.add("there is no ModelVersion " + version);
        continue;
      }
      for (Placement placement : service.spec().placements()) {
        Optional<Target> target = catalogue.target(placement.target());
        if (target.isEmpty()) {
          problems.add("there is no Target " + placement.target());
          continue;
        }
        addSlots(slots, found.get().spec(), placement, target.get(), warmUpRequests);
      }
    }
    return new DesiredReplicas(slots, problems.stream().distinct().toList());
  }

  /// The versions that should have replicas, the stable one first.
  public static Set<VersionRef> versions(Service service, Optional<Rollout> live) {
    Set<VersionRef> versions = new LinkedHashSet<>();
    versions.add(stable(service));
    live.filter(DesiredReplicas::needsReplicas).ifPresent(r -> versions.add(r.spec().to()));
    return versions;
  }

  /// What serves, or before the first release what will.
  public static VersionRef stable(Service service) {
    return service.status().stable().map(StableVersion::version).orElse(service.spec().version());
  }

  private static boolean needsReplicas(Rollout rollout) {
    return switch (rollout.status().phase()) {
      case PROVISIONING, PROGRESSING, PAUSED, PROMOTING -> true;
      case PENDING, ROLLING_BACK, COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> false;
    };
  }

  private static void addSlots(
      List<Slot> slots, ModelVersionSpec spec, Placement placement, Target target, int warmUp) {
    String name = target.metadata().name();
    if (target.spec().provider() == ProviderType.EXTERNAL) {
      for (URI endpoint : placement.endpoints().getOrDefault(spec.ref(), List.of())) {
        slots.add(slot(spec, name, Optional.of(endpoint), warmUp));
      }
    } else {
      for (int i = 0; i < placement.replicas(); i++) {
        slots.add(slot(spec, name, Optional.empty(), warmUp));
      }
    }
  }

  private static Slot slot(
      ModelVersionSpec spec, String target, Optional<URI> endpoint, int warmUp) {
    String hash =
        SpecHash.of(
            spec.model(),
            spec.version(),
            spec.engine(),
            spec.source(),
            spec.accelerator(),
            endpoint.map(URI::toString).orElse(""));
    return new Slot(spec.ref(), target, hash, spec, endpoint, warmUp);
  }

  /// `namespace/name`, the id that snapshots and telemetry know a Service by.
  public static String id(Service service) {
    Metadata at = service.metadata();
    return at.namespace() + "/" + at.name();
  }
}
