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
import java.util.Collections;
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
  /// @param firstOrdinal the lowest ordinal of a replica that is new here; for an endpoint it comes
  ///   from the endpoint itself, so that the name stays whatever others come and go, and after a
  ///   restart
  public record Slot(
      VersionRef version,
      String target,
      String specHash,
      ModelVersionSpec spec,
      Optional<URI> endpoint,
      int firstOrdinal,
      int warmUpRequests) {

    ReplicaIntent intent(ReplicaName name) {
      return new ReplicaIntent(
          name,
          specHash,
          spec.engine(),
          spec.servedName(),
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
      Optional<ModelVersion> found = catalogue.version(service.metadata().namespace(), version);
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
        if (target.get().spec().provider() == ProviderType.EXTERNAL) {
          Endpoints led = Endpoints.of(placement, version, catalogue.names());
          led.urls()
              .forEach(
                  url -> slots.add(external(found.get().spec(), placement, url, warmUpRequests)));
          problems.addAll(led.problems());
        } else {
          slots.addAll(owned(found.get().spec(), placement, warmUpRequests));
        }
      }
    }
    return new DesiredReplicas(slots, problems.stream().distinct().toList());
  }

  /// The host names that placements want looked up.
  public static Set<String> names(Catalogue catalogue) {
    Set<String> names = new LinkedHashSet<>();
    catalogue.services().values().stream()
        .flatMap(service -> service.spec().placements().stream())
        .forEach(placement -> names.addAll(Endpoints.names(placement)));
    return names;
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

  private static List<Slot> owned(ModelVersionSpec spec, Placement placement, int warmUp) {
    Slot slot =
        new Slot(spec.ref(), placement.target(), hash(spec, ""), spec, Optional.empty(), 0, warmUp);
    return Collections.nCopies(placement.replicas(), slot);
  }

  private static Slot external(ModelVersionSpec spec, Placement placement, URI url, int warmUp) {
    return new Slot(
        spec.ref(),
        placement.target(),
        hash(spec, url.toString()),
        spec,
        Optional.of(url),
        Endpoints.ordinal(url),
        warmUp);
  }

  private static String hash(ModelVersionSpec spec, String endpoint) {
    return SpecHash.of(
        spec.servedName(),
        spec.version(),
        spec.engine(),
        spec.source(),
        spec.accelerator(),
        endpoint);
  }

  /// `namespace/name`, the id that snapshots and telemetry know a Service by.
  public static String id(Service service) {
    Metadata at = service.metadata();
    return at.namespace() + "/" + at.name();
  }
}
