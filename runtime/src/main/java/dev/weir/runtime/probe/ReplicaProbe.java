// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import java.net.URI;
import java.util.concurrent.CompletableFuture;

/// Probes one replica. The futures always complete in bounded time and never exceptionally;
/// cancelling one aborts the call.
public interface ReplicaProbe {
  /// Checks the health path.
  CompletableFuture<HealthResult> health(URI endpoint);

  /// Generates a few tokens.
  ///
  /// @param streaming whether to request a stream, to exercise that code path of the engine
  CompletableFuture<GenerationResult> generate(URI endpoint, boolean streaming);

  /// Reads the engine's version and load; the result does not affect the replica's state.
  CompletableFuture<EngineLookResult> look(URI endpoint);
}
