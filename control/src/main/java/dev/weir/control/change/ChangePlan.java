// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.control.deployment.EffectivePlacements;
import dev.weir.control.validation.ResourceLookup;
import dev.weir.model.Resource;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stage.Proof;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.store.Commit.Effect;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The effect of an apply of several resources. Pure.
///
/// @param rollouts the releases that the apply starts
/// @param replicasBefore desired replicas of these Services on Targets where Weir starts them
public record ChangePlan(
    List<Planned> changes, List<Release> rollouts, int replicasBefore, int replicasAfter) {
  public ChangePlan {
    changes = List.copyOf(changes);
    rollouts = List.copyOf(rollouts);
  }

  /// The effect on one resource.
  ///
  /// @param after the resource as it would be stored, with its stored status
  public record Planned(Optional<Resource> before, Resource after, Effect effect) {}

  /// @param weights of the steps, in percent
  /// @param atLeast shortest time until promotion
  public record Release(
      ResourceRef service, VersionRef from, VersionRef to, List<Double> weights, Duration atLeast) {
    public Release {
      weights = List.copyOf(weights);
    }
  }

  public static ChangePlan of(List<Resource> set, ResourceLookup stored) {
    List<Planned> changes = set.stream().map(wanted -> planned(wanted, stored)).toList();
    ResourceLookup view = stored.with(changes.stream().map(Planned::after).toList());
    return new ChangePlan(
        changes,
        changes.stream().flatMap(change -> release(change, stored).stream()).toList(),
        changes.stream().flatMap(c -> c.before().stream()).mapToInt(r -> wanted(r, stored)).sum(),
        changes.stream().map(Planned::after).mapToInt(r -> wanted(r, view)).sum());
  }

  private static Planned planned(Resource wanted, ResourceLookup stored) {
    Optional<Resource> before = stored.get(wanted.ref());
    Resource after = StatusStripper.kept(wanted, stored);
    Effect effect =
        before
            .map(old -> same(old, after) ? Effect.UNCHANGED : Effect.CHANGED)
            .orElse(Effect.CREATED);
    return new Planned(before, after, effect);
  }

  /// Whether an apply of the desired resource leaves the stored one unchanged.
  public static boolean same(Resource old, Resource wanted) {
    return old.spec().equals(wanted.spec())
        && old.metadata().labels().equals(wanted.metadata().labels())
        && old.metadata().annotations().equals(wanted.metadata().annotations());
  }

  /// A release starts when a changed spec names another version than the stable one, unless a
  /// rollout to this version is live.
  private static Optional<Release> release(Planned change, ResourceLookup stored) {
    if (!(change.after() instanceof Service after)
        || change.before().filter(old -> !old.spec().equals(after.spec())).isEmpty()) {
      return Optional.empty();
    }
    VersionRef to = after.spec().version();
    return after
        .status()
        .stable()
        .map(stable -> stable.version())
        .filter(from -> !from.equals(to) && !releasing(after, to, stored))
        .map(from -> release(after, from, to));
  }

  private static boolean releasing(Service service, VersionRef to, ResourceLookup stored) {
    return service
        .status()
        .rollout()
        .flatMap(
            name -> stored.get(ResourceRef.of(Kind.ROLLOUT, service.metadata().namespace(), name)))
        .map(Rollout.class::cast)
        .filter(r -> !r.status().phase().terminal() && r.spec().to().equals(to))
        .isPresent();
  }

  private static Release release(Service service, VersionRef from, VersionRef to) {
    var release = service.spec().release();
    List<Stage> stages = Stages.of(release, Scale.ONE);
    List<Double> weights = stages.stream().map(Stage::weight).toList();
    Duration atLeast =
        stages.stream()
            .map(stage -> shortest(stage, release.analysis().minStepDuration()))
            .reduce(Duration.ZERO, Duration::plus);
    return new Release(service.ref(), from, to, weights, atLeast);
  }

  private static Duration shortest(Stage stage, Duration proof) {
    boolean longer = stage.proof() == Proof.PROVE && proof.compareTo(stage.atLeast()) > 0;
    return longer ? proof : stage.atLeast();
  }

  private static int wanted(Resource resource, ResourceLookup view) {
    return resource instanceof Service service
        ? EffectivePlacements.specified(service, view::target).total()
        : 0;
  }
}
