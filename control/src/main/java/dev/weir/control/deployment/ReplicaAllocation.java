// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.model.Rollout;
import dev.weir.model.RolloutStatus;
import dev.weir.model.Service;
import dev.weir.model.VersionRef;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stages;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/// How many of a Service's replicas are of which version now.
///
/// A stage says how many each version has. During a rollback the old version gets all of them
/// again, as far as there is room beside the new replicas that still carry requests.
///
/// @param share from how many the placements ask for to how many this version has
public record ReplicaAllocation(VersionRef version, IntUnaryOperator share) {

  /// The stable version first; one that should have none is not there.
  static List<ReplicaAllocation> of(Service service, Optional<Rollout> live) {
    VersionRef stable = DesiredReplicas.stable(service);
    return live.map(rollout -> during(stable, rollout)).orElseGet(() -> List.of(all(stable)));
  }

  /// How many replicas of a version are wanted when the placements ask for `replicas` in all.
  public static int wanted(
      Service service, Optional<Rollout> live, VersionRef version, int replicas) {
    return of(service, live).stream()
        .filter(share -> share.version().equals(version))
        .mapToInt(share -> share.of(replicas))
        .sum();
  }

  int of(int replicas) {
    return share.applyAsInt(replicas);
  }

  private static List<ReplicaAllocation> during(VersionRef stable, Rollout rollout) {
    VersionRef from = rollout.spec().from();
    VersionRef to = rollout.spec().to();
    return switch (rollout.status().phase()) {
      case PENDING, COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> List.of(all(stable));
      case PROVISIONING, PROGRESSING, PAUSED, PROMOTING ->
          to.equals(stable) ? List.of(all(to)) : forward(rollout, from, to);
      case ROLLING_BACK -> back(rollout, from, to);
    };
  }

  private static List<ReplicaAllocation> forward(Rollout rollout, VersionRef from, VersionRef to) {
    Optional<Stage> stage = stage(rollout);
    return stage
        .map(s ->
            List.of(new ReplicaAllocation(from, s::oldOf), new ReplicaAllocation(to, s::freshOf)))
        .orElseGet(() -> List.of(all(from), all(to)));
  }

  /// The stage whose replicas are wanted: the next one while those are on their way.
  private static Optional<Stage> stage(Rollout rollout) {
    RolloutStatus status = rollout.status();
    List<Stage> stages = Stages.of(rollout.spec());
    boolean next = status.fillingSince().isPresent() || status.step() < 0;
    int index = next ? status.step() + 1 : status.step();
    return index < stages.size() ? Optional.of(stages.get(index)) : Optional.empty();
  }

  private static List<ReplicaAllocation> back(Rollout rollout, VersionRef from, VersionRef to) {
    OptionalInt surplus = Stages.surplus(rollout.spec());
    double weight = rollout.status().weight();
    if (weight == 0 || surplus.isEmpty()) {
      return List.of(all(from));
    }
    int more = surplus.getAsInt();
    // Rounded down, so that there is always room for one more of the old.
    IntUnaryOperator fresh =
        all -> Math.clamp((int) (all * weight / 100), 1, Math.max(1, all + more - 1));
    return List.of(
        new ReplicaAllocation(from, all -> Math.min(all, all + more - fresh.applyAsInt(all))),
        new ReplicaAllocation(to, fresh));
  }

  private static ReplicaAllocation all(VersionRef version) {
    return new ReplicaAllocation(version, all -> all);
  }
}
