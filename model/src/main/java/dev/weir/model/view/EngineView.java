// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.spec.EngineType;
import dev.weir.model.value.Default;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the engine of a ready replica reports about itself. A value that it does not report is
/// empty, which is not the same as zero.
///
/// @param version the version that the engine reports
/// @param running requests that it is processing
/// @param waiting requests in its queue
/// @param kvUsage share of its KV cache in use, 0 to 1
/// @param asleep whether it has offloaded its weights until the next wake-up
/// @param missing metrics that this engine version should expose but does not, by the engine's
///   names
/// @param seenAt when it last reported; empty if it never did
/// @param problem why a value is unknown, in one line; empty when all are known
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
