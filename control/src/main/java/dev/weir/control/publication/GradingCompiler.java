// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.model.Rollout;
import dev.weir.model.release.Stage;
import dev.weir.model.spec.GradingSpec;
import dev.weir.model.status.RolloutPhase;
import dev.weir.snapshot.RoutingSnapshot.Grading;
import java.util.Optional;

/// Compiles the grading of a release for snapshots. It is active only while both versions are
/// compared and the release progresses automatically: a paused release waits for an operator, and a
/// judge costs as much as any model.
final class GradingCompiler {
  private static final double MILLION = 1_000_000;

  private GradingCompiler() {}

  /// @param stage that the rollout is in
  static Grading compile(Rollout rollout, Optional<Stage> stage) {
    RolloutPhase phase = rollout.status().phase();
    boolean compared =
        (phase == RolloutPhase.PROGRESSING || phase == RolloutPhase.PROMOTING)
            && stage.filter(Stage::observed).isPresent();
    return rollout
        .spec()
        .release()
        .analysis()
        .grading()
        .filter(_ -> compared)
        .map(grading -> compile(rollout.metadata().namespace(), grading))
        .orElse(Grading.NONE);
  }

  private static Grading compile(String namespace, GradingSpec grading) {
    return new Grading(
        namespace + "/" + grading.judge(),
        (int) Math.max(1, Math.round(grading.sample().fraction() * MILLION)),
        grading.instructions(),
        grading.maxTokens(),
        grading.within().toMillis());
  }
}
