// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import java.net.URI;
import java.util.concurrent.CompletableFuture;

/// Asks one replica how it is. The futures always complete by themselves, in bounded time, and
/// never exceptionally; cancelling one gives the call up.
public interface ReplicaProbe {
  /// A cheap call.
  CompletableFuture<HealthResult> health(URI endpoint);

  /// A real generation of a few tokens.
  ///
  /// @param streaming whether to ask for a stream, to walk that path of the engine too
  CompletableFuture<GenerationResult> generate(URI endpoint, boolean streaming);

  /// Which version it is and how busy; no verdict on it follows from the answer.
  CompletableFuture<EngineLookResult> look(URI endpoint);
}
