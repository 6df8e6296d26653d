// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.model.Rollout;
import dev.weir.model.release.Stage;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import java.util.Optional;

/// Compiles generated requests for snapshots. They exist only while statistics evaluate a stage: a
/// paused release may wait for an operator for days.
final class GeneratedCompiler {
  private static final double MILLI = 1_000;

  private GeneratedCompiler() {}

  /// @param stage that the rollout is in
  static Generated compile(Rollout rollout, Optional<Stage> stage) {
    boolean judged =
        rollout.status().phase() == RolloutPhase.PROGRESSING
            && stage.filter(s -> s.observed() && s.needsEvidence()).isPresent();
    return rollout
        .spec()
        .release()
        .traffic()
        .filter(_ -> judged)
        .map(GeneratedCompiler::compile)
        .orElse(Generated.NONE);
  }

  private static Generated compile(GeneratedTraffic traffic) {
    return new Generated(
        stratum(traffic.source()),
        (int) Math.max(1, Math.round(traffic.rate() * MILLI)),
        traffic.api() == GeneratedTraffic.ProbeApi.COMPLETIONS,
        traffic.prompts(),
        traffic.maxTokens());
  }

  private static RequestSource stratum(GeneratedTraffic.Source source) {
    return switch (source) {
      case PROBES -> RequestSource.PROBES;
      case RECORDED -> RequestSource.RECORDED;
    };
  }
}
