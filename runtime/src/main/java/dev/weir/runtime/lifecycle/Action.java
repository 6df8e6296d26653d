// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import java.time.Instant;

/// What to do next for a replica; each leads to one event.
public sealed interface Action {
  record Start() implements Action {}

  record CheckHealth() implements Action {}

  record Generate(boolean streaming) implements Action {}

  /// @param kill whether to kill rather than to ask
  record Signal(boolean kill) implements Action {}

  /// Waits for its processes to go.
  record AwaitGone(Instant until) implements Action {}

  record Rest(Instant until) implements Action {}
}
