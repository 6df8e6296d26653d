// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All replicas that providers reported at one moment, indexed by Service, so that work on one
/// Service reads only its replicas. Immutable.
public final class ObservedFleet {
  public static final ObservedFleet EMPTY = of(List.of());

  private final List<TargetReplica> all;
  private final Map<ServiceName, List<TargetReplica>> byService;

  /// The name of a Service with replicas; the Service may no longer exist.
  public record ServiceName(String namespace, String name) implements Comparable<ServiceName> {
    private static final Comparator<ServiceName> ORDER =
        Comparator.comparing(ServiceName::namespace).thenComparing(ServiceName::name);

    static ServiceName of(TargetReplica replica) {
      return new ServiceName(replica.name().namespace(), replica.name().service());
    }

    /// `namespace/name`, the id of a Service in snapshots and telemetry.
    public String id() {
      return namespace + "/" + name;
    }

    @Override
    public int compareTo(ServiceName other) {
      return ORDER.compare(this, other);
    }
  }

  private ObservedFleet(List<TargetReplica> all, Map<ServiceName, List<TargetReplica>> byService) {
    this.all = all;
    this.byService = byService;
  }

  public static ObservedFleet of(Collection<TargetReplica> replicas) {
    List<TargetReplica> all = new ArrayList<>(replicas);
    all.sort(Comparator.comparing(TargetReplica::name).thenComparing(TargetReplica::target));
    Map<ServiceName, List<TargetReplica>> byService = new HashMap<>();
    all.forEach(replica ->
        byService.computeIfAbsent(ServiceName.of(replica), _ -> new ArrayList<>()).add(replica));
    byService.replaceAll((_, own) -> Collections.unmodifiableList(own));
    return new ObservedFleet(Collections.unmodifiableList(all), byService);
  }

  /// Whether both have equal replicas.
  @Override
  public boolean equals(Object other) {
    return other instanceof ObservedFleet fleet && all.equals(fleet.all);
  }

  @Override
  public int hashCode() {
    return all.hashCode();
  }

  /// All replicas, by name, then by Target.
  public List<TargetReplica> all() {
    return all;
  }

  /// The replicas of one Service, by name, then by Target.
  public List<TargetReplica> of(String namespace, String service) {
    return byService.getOrDefault(new ServiceName(namespace, service), List.of());
  }

  /// The Services that have replicas, including those that no longer exist.
  public Set<ServiceName> services() {
    return Collections.unmodifiableSet(byService.keySet());
  }
}
