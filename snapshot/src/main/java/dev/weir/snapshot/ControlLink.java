// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.io.IOException;
import java.util.concurrent.Flow;

/// How a gateway hears from its control plane and answers. In one process it is a pair of method
/// calls, between processes HTTP; the gateway cannot tell.
///
/// Calls block and are made from threads of the link's owner, never from an event loop.
public interface ControlLink {
  /// Feeds snapshots newer than `afterSequence` to the subscriber, newest only (a slow subscriber
  /// skips what was overtaken), until the subscription is cancelled or the link breaks (`onError`).
  void subscribe(long afterSequence, Flow.Subscriber<Published> subscriber);

  /// Hands over one batch.
  ///
  /// @throws TelemetryRefusedException when this batch will never be taken; it must not be sent
  ///   again
  /// @throws IOException when it may not have arrived; the same batch must be sent again
  TelemetryAck send(Telemetry telemetry) throws IOException, InterruptedException;

  /// A snapshot with the hash of its encoded bytes.
  record Published(RoutingSnapshot snapshot, String hash) {}
}
