// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the engine of a ready replica reports about itself. A value that it does not report is
/// empty, which means neither zero nor full.
///
/// @param version in the engine's words
/// @param running requests that it works on
/// @param waiting requests in its queue
/// @param kvUsage share of its KV cache in use, 0 to 1
/// @param asleep whether it has let go of its weights until they are wanted
/// @param missing metrics that its version should have and does not show, by their names there
/// @param seenAt when it told this; empty while it never did
/// @param problem why something is not known, one line; empty when all is
public record EngineView(
    EngineType type,
    Optional<String> version,
    Optional<Long> running,
    Optional<Long> waiting,
    Optional<Double> kvUsage,
    Optional<Boolean> asleep,
    @Default("[]") List<String> missing,
    Optional<Instant> seenAt,
    @Default("") String problem) {
  public EngineView {
    missing = List.copyOf(missing);
  }
}
