// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import dev.weir.model.Rollout;
import dev.weir.model.release.Stage;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Evidence.MetricEvidence;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a summary of a release is computed from.
///
/// @param rollout with its current message
/// @param stages of the rollout
/// @param decisions all decisions, oldest first
/// @param measured the latest analysis of the running step; empty without one
/// @param expectedEnd when the release is expected to be decided, if a forecast knows it
/// @param now current time
public record ReleaseFacts(
    Rollout rollout,
    List<Stage> stages,
    List<Evidence> decisions,
    Optional<Measured> measured,
    Optional<Instant> expectedEnd,
    Instant now) {
  public ReleaseFacts {
    stages = List.copyOf(stages);
    decisions = List.copyOf(decisions);
  }

  /// The latest analysis.
  ///
  /// @param evidence its numbers, in the form of a decision
  /// @param failureBound how much more often requests to the new version fail at most, a share in
  ///   (0, 1], with 95 % confidence; empty if unknown
  /// @param holds why the step must not advance; empty if nothing holds it
  public record Measured(Evidence evidence, Optional<Double> failureBound, List<String> holds) {
    public Measured {
      holds = List.copyOf(holds);
    }
  }

  RolloutStatus status() {
    return rollout.status();
  }

  RolloutPhase phase() {
    return rollout.status().phase();
  }

  VersionRef to() {
    return rollout.spec().to();
  }

  VersionRef from() {
    return rollout.spec().from();
  }

  String service() {
    return rollout.spec().service();
  }

  Optional<Stage> stage() {
    return stage(status().step());
  }

  Optional<Stage> stage(int index) {
    return index >= 0 && index < stages.size() ? Optional.of(stages.get(index)) : Optional.empty();
  }

  Optional<Evidence> lastDecision() {
    return decisions.isEmpty() ? Optional.empty() : Optional.of(decisions.getLast());
  }

  /// The newest numbers: of the latest analysis, or else of the last decision that has numbers.
  Optional<Evidence> newest() {
    return measured
        .map(Measured::evidence)
        .or(() ->
            decisions.reversed().stream()
                .filter(decision -> !decision.metrics().isEmpty())
                .findFirst());
  }

  List<MetricEvidence> metrics() {
    return newest().map(Evidence::metrics).orElse(List.of());
  }

  MetricSentences sentences() {
    return new MetricSentences(to(), from());
  }
}
