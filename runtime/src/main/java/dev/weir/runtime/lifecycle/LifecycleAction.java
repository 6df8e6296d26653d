// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import java.time.Instant;

/// The next action for a replica. Each action results in one event.
public sealed interface LifecycleAction {
  record Start() implements LifecycleAction {}

  record CheckHealth() implements LifecycleAction {}

  record Generate(boolean streaming) implements LifecycleAction {}

  /// @param kill whether to send SIGKILL instead of SIGTERM
  record Signal(boolean kill) implements LifecycleAction {}

  /// Waits for its processes to end.
  record AwaitGone(Instant until) implements LifecycleAction {}

  record Rest(Instant until) implements LifecycleAction {}
}
