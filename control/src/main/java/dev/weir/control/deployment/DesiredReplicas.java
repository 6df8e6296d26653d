// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.deployment.EffectivePlacements.EffectivePlacement;
import dev.weir.control.deployment.EffectivePlacements.Order;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.spec.ProviderTraits;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.ReplicaIntent;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// The replicas that a Service should have now.
///
/// Without a rollout, the stable version has all replicas of the placements; with one, see
/// [ReplicaAllocation].
///
/// @param slots one for each wanted replica
/// @param limits the maximum number of replicas by Target, including leaving ones; other Targets
///   have no limit
/// @param problems why parts of the spec cannot be deployed yet
public record DesiredReplicas(
    List<Slot> slots, Map<String, Integer> limits, List<String> problems) {
  public DesiredReplicas {
    slots = List.copyOf(slots);
    limits = Map.copyOf(limits);
    problems = List.copyOf(problems);
  }

  /// A slot for one replica.
  ///
  /// @param specHash of everything that defines the process; a replica with another hash does not
  ///   fit the slot
  /// @param firstOrdinal the lowest ordinal of a new replica; derived from the URL of an external
  ///   endpoint, so that its name does not depend on other endpoints or restarts
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
          warmUpRequests,
          spec.accelerator(),
          spec.source());
    }
  }

  public static DesiredReplicas of(
      Service service,
      Optional<Rollout> live,
      ResourceSnapshot resourceSnapshot,
      int warmUpRequests) {
    List<Slot> slots = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    EffectivePlacements placements = EffectivePlacements.of(service, resourceSnapshot);
    for (ReplicaAllocation share : ReplicaAllocation.of(service, live)) {
      Optional<ModelVersion> found =
          resourceSnapshot.version(service.metadata().namespace(), share.version());
      if (found.isEmpty()) {
        problems.add("there is no ModelVersion " + share.version());
        continue;
      }
      ModelVersionSpec spec = found.get().spec();
      for (EffectivePlacement each :
          placements.distribute(share.of(placements.total()), order(share.version(), live))) {
        if (each.target().isEmpty()) {
          problems.add("there is no Target " + each.placement().target());
        } else if (each.traits().map(ProviderTraits::placesFromEndpoints).orElse(false)) {
          VersionEndpoints resolved =
              VersionEndpoints.of(each.placement(), share.version(), resourceSnapshot.names());
          resolved
              .urls()
              .forEach(url -> slots.add(external(spec, each.placement(), url, warmUpRequests)));
          problems.addAll(resolved.problems());
        } else {
          slots.addAll(owned(spec, each, warmUpRequests));
        }
      }
    }
    return new DesiredReplicas(
        slots, most(placements, live), problems.stream().distinct().toList());
  }

  private static Order order(VersionRef version, Optional<Rollout> live) {
    boolean old = live.filter(rollout -> rollout.spec().from().equals(version)).isPresent();
    return old ? Order.LAST_PLACEMENTS : Order.FIRST_PLACEMENTS;
  }

  private static Map<String, Integer> most(EffectivePlacements placements, Optional<Rollout> live) {
    OptionalInt surplus =
        live.map(rollout -> Stages.maxSurplus(rollout.spec())).orElse(OptionalInt.empty());
    return surplus.isPresent() ? placements.limits(surplus.getAsInt()) : Map.of();
  }

  /// The host names in placements that Weir must resolve.
  public static Set<String> names(ResourceSnapshot resourceSnapshot) {
    Set<String> names = new LinkedHashSet<>();
    resourceSnapshot.services().values().stream()
        .flatMap(service -> service.spec().placements().stream())
        .forEach(placement -> names.addAll(VersionEndpoints.names(placement)));
    return names;
  }

  /// The version that serves, or will serve first.
  public static VersionRef stable(Service service) {
    return service.status().stable().map(StableVersion::version).orElse(service.spec().version());
  }

  private static List<Slot> owned(ModelVersionSpec spec, EffectivePlacement here, int warmUp) {
    String target = here.placement().target();
    Slot slot = new Slot(spec.ref(), target, hash(spec, ""), spec, Optional.empty(), 0, warmUp);
    return Collections.nCopies(here.wanted(), slot);
  }

  private static Slot external(ModelVersionSpec spec, Placement placement, URI url, int warmUp) {
    return new Slot(
        spec.ref(),
        placement.target(),
        hash(spec, url.toString()),
        spec,
        Optional.of(url),
        VersionEndpoints.ordinal(url),
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

  /// `namespace/name`, the id of a Service in snapshots and telemetry.
  public static String id(Service service) {
    Metadata metadata = service.metadata();
    return metadata.namespace() + "/" + metadata.name();
  }
}
