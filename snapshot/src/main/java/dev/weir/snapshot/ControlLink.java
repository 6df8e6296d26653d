// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.io.IOException;
import java.util.concurrent.Flow;

/// The connection of a gateway to its control plane: method calls within one process, HTTP between
/// processes.
///
/// Calls block, so make them from threads of the link's owner, never from an event loop.
public interface ControlLink {
  /// Passes snapshots newer than `afterSequence` to the subscriber, and questions of the control
  /// plane, until the subscription is cancelled or the link breaks (`onError`). A slow subscriber
  /// gets only the newest snapshot.
  void subscribe(long afterSequence, Subscriber subscriber);

  /// Sends one batch.
  ///
  /// @throws TelemetryRefusedException when the control plane rejects this batch permanently; do
  ///   not send it again
  /// @throws IOException when it may not have arrived; send the same batch again
  TelemetryAck send(Telemetry telemetry) throws IOException, InterruptedException;

  /// Sends the answer to a question; the control plane drops a late answer.
  ///
  /// @throws IOException when it did not arrive; do not retry
  void answer(GatewayAnswer answer) throws IOException, InterruptedException;

  /// Receives snapshots on request, and questions as they arrive.
  interface Subscriber extends Flow.Subscriber<Published> {
    /// Accepts a question. It must return quickly and not throw. The control plane waits at most 2
    /// s for an answer.
    void onQuestion(Question question);
  }

  /// A snapshot with the hash of its encoded bytes.
  record Published(RoutingSnapshot snapshot, String hash) {}
}
