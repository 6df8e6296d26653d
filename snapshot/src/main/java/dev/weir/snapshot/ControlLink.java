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
  /// skips what was overtaken), and the questions that the control plane asks meanwhile, until the
  /// subscription is cancelled or the link breaks (`onError`).
  void subscribe(long afterSequence, Subscriber subscriber);

  /// Hands over one batch.
  ///
  /// @throws TelemetryRefusedException when this batch will never be taken; it must not be sent
  ///   again
  /// @throws IOException when it may not have arrived; the same batch must be sent again
  TelemetryAck send(Telemetry telemetry) throws IOException, InterruptedException;

  /// Hands over the answer to a question; one that came too late is dropped by the other side.
  ///
  /// @throws IOException when it did not arrive; there is no point in sending it again later
  void answer(GatewayAnswer answer) throws IOException, InterruptedException;

  /// Hears snapshots as it asks for them, and questions as they come.
  interface Subscriber extends Flow.Subscriber<Published> {
    /// Takes a question; quick, does not throw. Nobody waits for an answer for longer than 2 s.
    void asked(Question question);
  }

  /// A snapshot with the hash of its encoded bytes.
  record Published(RoutingSnapshot snapshot, String hash) {}
}
