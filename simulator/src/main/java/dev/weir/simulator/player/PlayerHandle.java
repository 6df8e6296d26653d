// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import java.time.Duration;

/// A trace that is being played.
public interface PlayerHandle extends AutoCloseable {
  /// The report so far.
  PlayerReport snapshot();

  /// Counts the bad answers of `version` separately, including previous ones.
  void markFaulty(String version);

  /// Waits until the trace has ended and all requests are answered; false on timeout. A fitted
  /// trace never ends.
  boolean awaitEnd(Duration timeout) throws InterruptedException;

  /// Stops sending, waits for requests in flight up to the drain timeout (the rest counts as
  /// failed), and returns the report. Repeated calls return the same report.
  PlayerReport stop();

  /// Stops and discards the report.
  @Override
  default void close() {
    var _ = stop();
  }
}
