// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.observation.ControlClock;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.control.rollout.FactCollector.ServiceObservation;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.ReleaseSpec;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The analysis of the live rollout of each Service, and the deletion of analyses that are no
/// longer needed.
final class RolloutAnalyses {
  private final AnalysisRunner runner;
  private final FactCollector facts;
  private final ControlClock clock;
  private final RolloutTiming timing;

  /// The last rollout of each Service whose analysis is deleted. It only avoids repeated deletions.
  private final Map<String, String> deleted = new ConcurrentHashMap<>();

  RolloutAnalyses(
      AnalysisRunner runner, FactCollector facts, ControlClock clock, RolloutTiming timing) {
    this.runner = runner;
    this.facts = facts;
    this.clock = clock;
    this.timing = timing;
  }

  /// Evaluates the evidence of the running step; empty when no step with an analysis is running.
  Optional<AnalysisResult> evaluate(ServiceObservation observed, Rollout rollout) {
    return switch (rollout.status().phase()) {
      case PROGRESSING, PAUSED, PROMOTING ->
          Stages.running(rollout).filter(Stage::observed).isPresent()
              ? runner.look(rollout, stepMayStart(observed, rollout))
              : Optional.empty();
      case PENDING, PROVISIONING, ROLLING_BACK -> Optional.empty();
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> Optional.empty();
    };
  }

  /// The Service's release with what its traffic decides; see [AnalysisRunner#settled].
  ReleaseSpec settled(Service service) {
    return runner.settled(service);
  }

  private boolean stepMayStart(ServiceObservation observed, Rollout rollout) {
    Instant since = rollout.status().stepStartedAt().orElse(clock.now());
    return facts.routing(observed, rollout).settled()
        || clock.now().isAfter(since.plus(timing.acknowledgement()));
  }

  /// Deletes the analysis of the last rollout of a Service without a live rollout.
  void deleteLast(ServiceObservation observed) {
    Service service = observed.service();
    int number = service.status().rollouts();
    String name = service.metadata().name() + "-" + number;
    if (number == 0 || name.equals(deleted.get(observed.id()))) {
      return;
    }
    observed.catalogue().rollout(service.metadata().namespace(), name).ifPresent(runner::delete);
    String _ = deleted.put(observed.id(), name);
  }

  /// Removes what this object knows of a Service that no longer exists.
  void forget(String namespace, String service) {
    String _ = deleted.remove(namespace + "/" + service);
  }
}
