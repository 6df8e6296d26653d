// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.model.Evidence;
import dev.weir.model.ReleaseOutlook;
import dev.weir.model.Replayed;
import dev.weir.model.Resource;
import dev.weir.model.ResourceRef;
import dev.weir.model.Service;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The commands to a running release. The release engine implements it; the API only passes on.
///
/// Each command is stored with its audit entry before it answers.
public interface RolloutOperations {
  CommandResult pause(ResourceRef rollout, Actor actor, String reason);

  CommandResult resume(ResourceRef rollout, Actor actor, String reason);

  CommandResult promote(ResourceRef rollout, Actor actor, String reason);

  CommandResult abort(ResourceRef rollout, Actor actor, String reason);

  /// Reverts at once, even where nothing is left that answers.
  CommandResult abortNow(ResourceRef rollout, Actor actor, String reason);

  /// Lets freezes, limits and order hold the rollout no more.
  ///
  /// @param lasts how long; empty means until the rollout ends
  CommandResult override(ResourceRef rollout, Actor actor, String reason, Optional<Duration> lasts);

  /// Tries the release of a reverted or aborted rollout again, as a new rollout.
  CommandResult retry(ResourceRef rollout, Actor actor, String reason);

  /// Reverts whatever release of the service is live, or goes back to a version that served before.
  ///
  /// @param to `model@version`, only without a live release; empty for the last that served
  CommandResult rollback(ResourceRef service, Optional<String> to, Actor actor, String reason);

  /// Every decision about the rollout, oldest first; empty when there is none (yet).
  List<Evidence> evidence(ResourceRef rollout);

  /// Every decision made again from its stored numbers, oldest first.
  List<Replayed> replay(ResourceRef rollout);

  /// What a release that the service wants now would need of traffic and is not likely to get, a
  /// sentence for each step; empty where nothing is known against it.
  List<String> forecast(Service service);

  /// What a release would take and wait for that the Service wants now.
  ///
  /// @param together what else is wanted with it
  /// @return empty when something is missing that it would need
  Optional<ReleaseOutlook> outlook(Service service, List<Resource> together);

  /// How a command went.
  sealed interface CommandResult {
    /// @param message one line for people, what happens now
    record Done(String message) implements CommandResult {}

    /// The state does not allow it.
    record Refused(String reason) implements CommandResult {}

    record NotFound() implements CommandResult {}
  }
}
