// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.observation.ResourceSnapshot;
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
import dev.weir.model.release.Stages;
import dev.weir.runtime.ReplicaIntent;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
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
/// @param most the maximum number of replicas by Target, including leaving ones; other Targets have
///   no limit
/// @param problems why parts of the spec cannot be deployed yet
public record DesiredReplicas(List<Slot> slots, Map<String, Integer> most, List<String> problems) {
  public DesiredReplicas {
    slots = List.copyOf(slots);
    most = Map.copyOf(most);
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
          warmUpRequests);
    }
  }

  public static DesiredReplicas of(
      Service service,
      Optional<Rollout> live,
      ResourceSnapshot resourceSnapshot,
      int warmUpRequests) {
    List<Slot> slots = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    List<Placement> placements = LentReplicas.kept(service, resourceSnapshot);
    for (ReplicaAllocation share : ReplicaAllocation.of(service, live)) {
      Optional<ModelVersion> found =
          resourceSnapshot.version(service.metadata().namespace(), share.version());
      if (found.isEmpty()) {
        problems.add("there is no ModelVersion " + share.version());
        continue;
      }
      int left = share.of(owned(service, resourceSnapshot));
      for (Placement placement : inOrder(placements, share.version(), live)) {
        Optional<Target> target = resourceSnapshot.target(placement.target());
        if (target.isEmpty()) {
          problems.add("there is no Target " + placement.target());
          continue;
        }
        if (target.get().spec().provider() == ProviderType.EXTERNAL) {
          VersionEndpoints resolved =
              VersionEndpoints.of(placement, share.version(), resourceSnapshot.names());
          resolved
              .urls()
              .forEach(
                  url -> slots.add(external(found.get().spec(), placement, url, warmUpRequests)));
          problems.addAll(resolved.problems());
        } else {
          int here = Math.min(left, placement.replicas());
          left -= here;
          slots.addAll(owned(found.get().spec(), placement, here, warmUpRequests));
        }
      }
    }
    return new DesiredReplicas(
        slots, most(service, live, resourceSnapshot), problems.stream().distinct().toList());
  }

  /// New replicas use the first placements and old ones keep the last. Otherwise a new replica
  /// would wait for capacity that an old one still uses.
  private static List<Placement> inOrder(
      List<Placement> placements, VersionRef version, Optional<Rollout> live) {
    boolean old = live.filter(rollout -> rollout.spec().from().equals(version)).isPresent();
    return old ? placements.reversed() : placements;
  }

  /// The wanted number of replicas on Targets where Weir runs them.
  public static int owned(Service service, ResourceSnapshot resourceSnapshot) {
    return LentReplicas.kept(service, resourceSnapshot).stream()
        .filter(placement -> runsOwn(placement, resourceSnapshot))
        .mapToInt(Placement::replicas)
        .sum();
  }

  private static boolean runsOwn(Placement placement, ResourceSnapshot resourceSnapshot) {
    return resourceSnapshot
        .target(placement.target())
        .filter(target -> target.spec().provider() != ProviderType.EXTERNAL)
        .isPresent();
  }

  private static Map<String, Integer> most(
      Service service, Optional<Rollout> live, ResourceSnapshot resourceSnapshot) {
    OptionalInt surplus =
        live.map(rollout -> Stages.surplus(rollout.spec())).orElse(OptionalInt.empty());
    Map<String, Integer> most = new HashMap<>();
    surplus.ifPresent(more ->
        LentReplicas.kept(service, resourceSnapshot).stream()
            .filter(placement -> runsOwn(placement, resourceSnapshot))
            .forEach(placement -> most.put(placement.target(), placement.replicas() + more)));
    return most;
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

  private static List<Slot> owned(
      ModelVersionSpec spec, Placement placement, int replicas, int warmUp) {
    Slot slot =
        new Slot(spec.ref(), placement.target(), hash(spec, ""), spec, Optional.empty(), 0, warmUp);
    return Collections.nCopies(replicas, slot);
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
