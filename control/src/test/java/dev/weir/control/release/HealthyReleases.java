// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.control.ControlOptions;
import dev.weir.control.ControlWorld;
import dev.weir.control.SimulatedGateway;
import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.model.spec.ReleaseSpec.MetricSpec;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.VersionRef;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Releases of versions that answer alike, one after the other on one control plane: the real one
/// on a real store, from the telemetry of a gateway that draws its requests, under load that
/// wanders and bursts, to the routing that follows.
final class HealthyReleases {
  /// Half an hour: each of two steps is inconclusive after five minutes.
  private static final int MOST_STEPS = 3_600;

  private static final int REQUESTS_PER_STEP = 100;
  private static final Behaviour HEALTHY = new Behaviour(.005, .35);
  private static final List<VersionRef> IN_TURN =
      List.of(ControlWorld.TWO, ControlWorld.THREE, ControlWorld.ONE);

  private HealthyReleases() {}

  /// How a release ended.
  ///
  /// @param seconds from the first to the last
  record Ended(RolloutPhase phase, double seconds, List<String> decidedBy) {
    boolean reverted() {
      return phase == RolloutPhase.ROLLED_BACK;
    }
  }

  /// Plays so many, or fewer if one is not promoted.
  ///
  /// @param strict whether nothing is tolerated, which makes healthy versions the exact null
  static List<Ended> play(Path folder, long seed, int releases, boolean strict) {
    ControlOptions options = ControlOptions.defaults().withWarmUpRequests(1);
    try (ControlWorld world = new ControlWorld(folder, options, REQUESTS_PER_STEP, seed)) {
      List.of(ControlWorld.ONE, ControlWorld.TWO, ControlWorld.THREE)
          .forEach(version -> world.behaviours.put(version.toString(), HEALTHY));
      world.passes = 1;
      world.gateways.forEach(SimulatedGateway::weather);
      world.metrics = strict ? withoutTolerance() : Map.of();
      world.serving();
      List<Ended> ended = new ArrayList<>();
      for (int i = 0; i < releases; i++) {
        Ended next = release(world, "chat-" + (i + 1), IN_TURN.get(i % IN_TURN.size()));
        ended.add(next);
        if (next.phase() != RolloutPhase.COMPLETED) {
          break;
        }
      }
      return ended;
    }
  }

  private static Ended release(ControlWorld world, String rollout, VersionRef version) {
    world.want(version);
    int steps = 0;
    while (!over(world.phase(rollout)) && steps++ < MOST_STEPS) {
      world.step();
    }
    RolloutStatus status = world.rollout(rollout).status();
    return new Ended(
        status.phase(), steps * ControlWorld.STEP.toMillis() / 1e3, status.decidedBy());
  }

  private static boolean over(RolloutPhase phase) {
    return switch (phase) {
      case PENDING, PROVISIONING, PROGRESSING, PROMOTING, ROLLING_BACK -> false;
      case PAUSED, COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> true;
    };
  }

  private static Map<String, MetricSpec> withoutTolerance() {
    MetricSpec strict =
        new MetricSpec(
            Optional.empty(),
            Optional.of(Percentage.of(0)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false);
    return AnalysisPlan.defaults().metrics().keySet().stream()
        .collect(Collectors.toMap(metric -> metric.manifestName(), _ -> strict));
  }
}
