// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import java.time.Duration;

/// A trace being played.
public interface PlayerHandle extends AutoCloseable {
  /// What was seen so far.
  PlayerReport snapshot();

  /// From now on (and for what was already seen) the bad answers of `version` are counted apart.
  void markFaulty(String version);

  /// Waits until the trace is over and everything is answered; false when it is not in time. A
  /// fitted trace is never over.
  boolean awaitEnd(Duration timeout) throws InterruptedException;

  /// Sends nothing more, waits for the answers in flight up to the drain timeout (what is missing
  /// then has failed), and reports. May be called again; the report stays the same.
  PlayerReport stop();

  /// [#stop], the report unread.
  @Override
  default void close() {
    var _ = stop();
  }
}
