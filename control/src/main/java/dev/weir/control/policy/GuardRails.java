// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.policy.Freezes.Frozen;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What holds releases back, as things stand at one moment.
///
/// Guard rails do not hold a release that goes back to a version that served before, or one that a
/// user has overridden.
public final class GuardRails {
  private final ResourceSnapshot resourceSnapshot;
  private final Freezes freezes;
  private final RolloutSlots places;
  private final ReleaseDependencies order;
  private final Instant now;

  public GuardRails(ResourceSnapshot resourceSnapshot, Instant now) {
    this.resourceSnapshot = resourceSnapshot;
    this.freezes = new Freezes(resourceSnapshot.policies().values(), now);
    this.places = new RolloutSlots(resourceSnapshot, now);
    this.order = new ReleaseDependencies(resourceSnapshot);
    this.now = now;
  }

  /// Why a release that is about to begin must wait, a sentence for each reason; empty when it may
  /// begin.
  public List<String> holds(Service service, Rollout rollout) {
    if (exempt(rollout)) {
      return List.of();
    }
    return Stream.concat(
            own(service).stream(), places.wanted(service, rollout, this::queues).stream())
        .toList();
  }

  /// Why a release that runs must stay where it is for now; empty when it may go on.
  public Optional<String> pauses(Rollout rollout) {
    return exempt(rollout)
        ? Optional.empty()
        : freezes.of(rollout.metadata().namespace()).filter(Frozen::pauses).map(Frozen::message);
  }

  /// Whether a release that has not begun has waited for as long as it may. A freeze has an end of
  /// its own, so it is waited out, and a release has its whole time again after one that was on
  /// when its time began.
  public boolean waitExpired(Rollout rollout) {
    Duration most = rollout.spec().release().maxWait();
    Instant since = rollout.status().phaseSince().orElse(now);
    return !now.isBefore(since.plus(most))
        && !leavesFreeze(freezes, rollout)
        && !leavesFreeze(
            new Freezes(resourceSnapshot.policies().values(), now.minus(most)), rollout);
  }

  private static boolean leavesFreeze(Freezes then, Rollout rollout) {
    return then.of(rollout.metadata().namespace())
        .filter(frozen -> frozen.opens().isPresent())
        .isPresent();
  }

  private boolean exempt(Rollout rollout) {
    return rollout.spec().undo() || rollout.status().overriddenAt(now);
  }

  /// What holds it whoever else is there.
  private List<String> own(Service service) {
    return Stream.concat(
            freezes.of(service.metadata().namespace()).map(Frozen::message).stream(),
            order.awaited(service).stream())
        .toList();
  }

  private boolean queues(Rollout pending) {
    return pending.status().phase() == RolloutPhase.PENDING
        && (exempt(pending)
            || resourceSnapshot
                .service(pending.metadata().namespace(), pending.spec().service())
                .filter(service -> own(service).isEmpty())
                .isPresent());
  }
}
