// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stages;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.VersionRef;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/// The number of replicas of each version of a Service now.
///
/// A stage defines the number for each version. During a rollback the old version gets all replicas
/// back, as far as capacity allows beside the new replicas that still serve requests.
///
/// @param share maps the number of replicas of the placements to that of this version
public record ReplicaAllocation(VersionRef version, IntUnaryOperator share) {

  /// The allocations, stable version first. A version without replicas may be absent.
  static List<ReplicaAllocation> of(Service service, Optional<Rollout> live) {
    VersionRef stable = DesiredReplicas.stable(service);
    return live.map(rollout -> during(stable, rollout)).orElseGet(() -> List.of(all(stable)));
  }

  /// The wanted replicas of a version if the placements want `replicas` in total.
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
            List.of(
                new ReplicaAllocation(from, s::oldOf), new ReplicaAllocation(to, s::newReplicasOf)))
        .orElseGet(() -> List.of(all(from), all(to)));
  }

  /// The stage whose replicas are wanted: the next one while its replicas start.
  private static Optional<Stage> stage(Rollout rollout) {
    RolloutStatus status = rollout.status();
    List<Stage> stages = Stages.of(rollout.spec());
    boolean next = status.fillingSince().isPresent() || status.step() < 0;
    int index = next ? status.step() + 1 : status.step();
    return index < stages.size() ? Optional.of(stages.get(index)) : Optional.empty();
  }

  private static List<ReplicaAllocation> back(Rollout rollout, VersionRef from, VersionRef to) {
    OptionalInt surplus = Stages.maxSurplus(rollout.spec());
    double weight = rollout.status().weight();
    if (weight == 0 || surplus.isEmpty()) {
      return List.of(all(from));
    }
    int more = surplus.getAsInt();
    // Rounded down, so that one more old replica always fits.
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
