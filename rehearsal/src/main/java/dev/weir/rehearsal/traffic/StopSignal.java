// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal.traffic;

import java.time.Duration;

/// A request to stop early, such as Ctrl-C.
@FunctionalInterface
public interface StopSignal {
  /// Waits until the stop is requested, at most `timeout`.
  ///
  /// @return whether the stop is requested
  boolean requestedWithin(Duration timeout) throws InterruptedException;
}
