// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.model.spec.RecordingSpec;
import dev.weir.snapshot.RoutingSnapshot.Recording;
import dev.weir.snapshot.RoutingSnapshot.Redaction;
import java.util.Optional;

/// Compiles what gateways record for snapshots.
final class RecordingCompiler {
  private static final int MILLIONTHS = 1_000_000;

  private RecordingCompiler() {}

  static Recording compile(Optional<RecordingSpec> spec) {
    return spec.map(RecordingCompiler::compile).orElse(Recording.NONE);
  }

  private static Recording compile(RecordingSpec spec) {
    return new Recording(
        (int) Math.max(1, Math.round(spec.sample().fraction() * MILLIONTHS)),
        spec.keep(),
        spec.maxAge().toMillis(),
        spec.key(),
        spec.redact().stream()
            .map(redaction -> new Redaction(redaction.pattern(), redaction.replacement()))
            .toList());
  }
}
