// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.model.GatewayView;
import dev.weir.model.QueueView;
import dev.weir.model.ReplicaView;
import dev.weir.model.Resource;
import dev.weir.model.ServiceView;
import java.util.List;
import java.util.Optional;

/// What is observed rather than stored as a resource.
public interface Views {
  /// All replicas, by namespace, service, version and ordinal.
  List<ReplicaView> replicas();

  /// How each Service serves, by namespace and name.
  List<ServiceView> serving();

  /// All gateways that were heard from, by id.
  List<GatewayView> gateways();

  /// The lanes of the control plane's work, the urgent one first.
  List<QueueView> queues();

  /// What this revision of the resource is waiting for now, in words for people; empty when that is
  /// what its stored message says.
  Optional<String> progress(Resource resource);
}
