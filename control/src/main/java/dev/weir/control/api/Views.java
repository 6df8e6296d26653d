// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.model.GatewayView;
import dev.weir.model.ReplicaView;
import java.util.List;

/// What is observed rather than stored as a resource.
public interface Views {
  /// All replicas, by namespace, service, version and ordinal.
  List<ReplicaView> replicas();

  /// All gateways that were heard from, by id.
  List<GatewayView> gateways();
}
