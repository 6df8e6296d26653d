// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.policy.Freezes.Frozen;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.status.RolloutPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The guard rails that delay or pause releases at one moment.
///
/// Guard rails do not apply to a return to an earlier version, or to a release that a user has
/// overridden.
public final class GuardRails {
  private final ResourceSnapshot resourceSnapshot;
  private final Freezes freezes;
  private final RolloutSlots slots;
  private final ReleaseDependencies order;
  private final Instant now;

  public GuardRails(ResourceSnapshot resourceSnapshot, Instant now) {
    this.resourceSnapshot = resourceSnapshot;
    this.freezes = new Freezes(resourceSnapshot.policies().values(), now);
    this.slots = new RolloutSlots(resourceSnapshot, now);
    this.order = new ReleaseDependencies(resourceSnapshot);
    this.now = now;
  }

  /// The reasons why a pending release must wait, one sentence each; empty if it may start.
  public List<String> waitReasons(Service service, Rollout rollout) {
    if (exempt(rollout)) {
      return List.of();
    }
    return Stream.concat(
            own(service).stream(), slots.wanted(service, rollout, this::queues).stream())
        .toList();
  }

  /// The reason why a running release must pause; empty if it may continue.
  public Optional<String> pauseReason(Rollout rollout) {
    return exempt(rollout)
        ? Optional.empty()
        : freezes.of(rollout.metadata().namespace()).filter(Frozen::pauses).map(Frozen::message);
  }

  /// Whether a pending release has waited for its maximum time. The wait does not expire during a
  /// freeze with an end. After a freeze that was active when the wait started, the release has the
  /// whole maximum again.
  public boolean waitExpired(Rollout rollout) {
    Duration maxWait = rollout.spec().release().maxWait();
    Instant since = rollout.status().phaseSince().orElse(now);
    return !now.isBefore(since.plus(maxWait))
        && !leavesFreeze(freezes, rollout)
        && !leavesFreeze(
            new Freezes(resourceSnapshot.policies().values(), now.minus(maxWait)), rollout);
  }

  private static boolean leavesFreeze(Freezes freezes, Rollout rollout) {
    return freezes
        .of(rollout.metadata().namespace())
        .filter(frozen -> frozen.opens().isPresent())
        .isPresent();
  }

  private boolean exempt(Rollout rollout) {
    return rollout.spec().undo() || rollout.status().overriddenAt(now);
  }

  /// The reasons that do not depend on the limits for concurrent releases.
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
