// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import java.time.Instant;

/// What to do next for a replica; each leads to one event.
public sealed interface LifecycleAction {
  record Start() implements LifecycleAction {}

  record CheckHealth() implements LifecycleAction {}

  record Generate(boolean streaming) implements LifecycleAction {}

  /// @param kill whether to kill rather than to ask
  record Signal(boolean kill) implements LifecycleAction {}

  /// Waits for its processes to go.
  record AwaitGone(Instant until) implements LifecycleAction {}

  record Rest(Instant until) implements LifecycleAction {}
}
