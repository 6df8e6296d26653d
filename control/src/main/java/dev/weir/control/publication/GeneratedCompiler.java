// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.model.GeneratedTraffic;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.release.Stage;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.Stratum;
import java.util.Optional;

/// What gateways are to ask by themselves, in the words of snapshots. Only while a stage is to be
/// passed by proof: a release that is paused waits for somebody, and may do so for days.
final class GeneratedCompiler {
  private static final double MILLI = 1_000;

  private GeneratedCompiler() {}

  /// @param stage that the rollout is in
  static Generated compile(Rollout rollout, Optional<Stage> stage) {
    boolean judged =
        rollout.status().phase() == RolloutPhase.PROGRESSING
            && stage.filter(s -> s.observed() && s.proof() == Stage.Proof.PROVE).isPresent();
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

  private static Stratum stratum(GeneratedTraffic.Source source) {
    return switch (source) {
      case PROBES -> Stratum.PROBES;
      case RECORDED -> Stratum.RECORDED;
    };
  }
}
