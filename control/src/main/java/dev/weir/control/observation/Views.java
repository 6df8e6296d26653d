// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.QueueView;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import java.util.List;
import java.util.Optional;

/// The observed state of the fleet, in the form that the API returns. It is not stored as
/// resources.
public interface Views {
  /// All replicas, by namespace, service, version and ordinal.
  List<ReplicaView> replicas();

  /// The serving state of each Service, by namespace and name.
  List<ServiceView> serving();

  /// All gateways that have connected, by id.
  List<GatewayView> gateways();

  /// The lanes of the work queue, the urgent lane first.
  List<QueueView> queues();

  /// The current status message of this revision of the resource; empty when it equals the stored
  /// message.
  Optional<String> progress(Resource resource);

  /// Why the Service serves another version than its spec names, and what to do; empty if it serves
  /// that version or a release of it is in progress.
  Optional<String> outOfSync(Service service);
}
