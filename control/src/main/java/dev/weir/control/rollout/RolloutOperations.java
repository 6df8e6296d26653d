// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AdviceView;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.ReleaseOutlook;
import dev.weir.model.view.Replayed;
import dev.weir.model.view.SummaryView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Operators' commands to rollouts and Services, and the evidence of rollouts.
///
/// Each command stores its effect with an audit entry before it returns.
public interface RolloutOperations {
  CommandResult pause(ResourceRef rollout, Actor actor, String reason);

  CommandResult resume(ResourceRef rollout, Actor actor, String reason);

  CommandResult promote(ResourceRef rollout, Actor actor, String reason);

  CommandResult abort(ResourceRef rollout, Actor actor, String reason);

  /// Aborts at once, even if no replica of the old version answers.
  CommandResult abortNow(ResourceRef rollout, Actor actor, String reason);

  /// Makes the rollout bypass freezes, concurrency limits and ordering.
  ///
  /// @param lasts duration of the override; empty means until the rollout ends
  CommandResult override(ResourceRef rollout, Actor actor, String reason, Optional<Duration> lasts);

  /// Starts the release of a rolled back or aborted rollout again, as a new rollout.
  CommandResult retry(ResourceRef rollout, Actor actor, String reason);

  /// Aborts the live rollout of the Service. Without a live rollout, starts a rollout to a version
  /// that was stable before.
  ///
  /// @param to `model@version`, only allowed without a live rollout; empty for the previous version
  CommandResult rollback(ResourceRef service, Optional<String> to, Actor actor, String reason);

  /// All decisions about the rollout, oldest first.
  List<Evidence> evidence(ResourceRef rollout);

  /// The rollout in words; empty when it does not exist.
  Optional<SummaryView> summary(ResourceRef rollout);

  /// All decisions about the rollout, recomputed from their stored numbers, oldest first.
  List<Replayed> replay(ResourceRef rollout);

  /// One sentence for each step of a release of the Service that is not likely to get the traffic
  /// that its analysis needs; empty when no such step is known.
  List<String> forecast(Service service);

  /// The traffic that a forecast of a release of the Service uses, and if known when the release
  /// would be decided, in one sentence; empty if no version serves yet.
  Optional<String> traffic(Service service);

  /// Settings for the next release of the Service, compared at its present traffic; empty if the
  /// Service does not exist.
  Optional<AdviceView> advice(ResourceRef service);

  /// The capacity that a release of the Service would use, and what it would wait for.
  ///
  /// @param together the other resources that are applied with the Service
  /// @return empty when a resource that the release needs does not exist
  Optional<ReleaseOutlook> outlook(Service service, List<Resource> together);
}
