// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.status.ReplicaOrder.OrderKind;
import java.util.Set;

/// What Weir can do with the replicas on a Target. Each [TargetSpec.ProviderType] declares its
/// traits; other code checks the trait that it needs and does not compare provider types.
///
/// @param startsReplicas whether Weir starts and stops the replicas; then the placement's replica
///   count applies, and strategies may replace replicas
/// @param placesFromEndpoints whether each endpoint in a placement is one replica
/// @param countsAccelerators whether the replicas use the capacity of the Target
/// @param lendsReplicas whether replicas may stop to give their capacity to a release of another
///   Service
/// @param stopsOnShutdown whether a shutdown of the control plane with its replicas stops them
/// @param possibleOrders orders that operators may give to the replicas
public record ProviderTraits(
    boolean startsReplicas,
    boolean placesFromEndpoints,
    boolean countsAccelerators,
    boolean lendsReplicas,
    boolean stopsOnShutdown,
    Set<OrderKind> possibleOrders) {
  /// Weir starts the replicas on its own machine, and they do not outlive it.
  static final ProviderTraits LOCAL =
      new ProviderTraits(true, false, true, true, true, Set.of(OrderKind.values()));

  /// The replicas run elsewhere; Weir only sends requests to them.
  static final ProviderTraits ROUTED_ONLY =
      new ProviderTraits(false, true, false, false, false, Set.of(OrderKind.CORDON));

  public ProviderTraits {
    possibleOrders = Set.copyOf(possibleOrders);
  }
}
