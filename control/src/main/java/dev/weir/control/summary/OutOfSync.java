// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.VersionRef;
import java.util.Optional;
import java.util.function.Function;

/// Describes a Service that serves another version than its spec names while no release changes
/// that.
public final class OutOfSync {
  private OutOfSync() {}

  /// The reason and the remedy in one line; empty if the Service serves what its spec names, if no
  /// version has served yet, or if a release of the version is in progress.
  ///
  /// @param service with its current message
  /// @param rollouts finds a rollout of the Service by its name
  public static Optional<String> of(Service service, Function<String, Optional<Rollout>> rollouts) {
    VersionRef wanted = service.spec().version();
    Optional<VersionRef> serves = service.status().stable().map(StableVersion::version);
    if (serves.isEmpty() || serves.get().equals(wanted)) {
      return Optional.empty();
    }
    return service
        .status()
        .rollout()
        .flatMap(rollouts)
        .filter(rollout -> !rollout.status().phase().terminal())
        .map(live -> duringRollout(wanted, live))
        .orElseGet(() -> Optional.of(withoutRollout(service, wanted, rollouts)));
  }

  private static Optional<String> duringRollout(VersionRef wanted, Rollout live) {
    if (!live.spec().to().equals(wanted)) {
      return Optional.of(
          "%s is not released: rollout %s releases %s"
              .formatted(wanted, live.metadata().name(), live.spec().to()));
    }
    return live.status().phase() == RolloutPhase.ROLLING_BACK
        ? Optional.of(wanted + " is being rolled back")
        : Optional.empty();
  }

  private static String withoutRollout(
      Service service, VersionRef wanted, Function<String, Optional<Rollout>> rollouts) {
    Optional<FailedRelease> failed =
        service.status().failed().reversed().stream()
            .filter(release -> release.version().equals(wanted))
            .findFirst();
    return failed
        .map(release ->
            "%s; `weir rollout retry %s` tries again"
                .formatted(
                    ending(wanted, rollouts.apply(release.rollout())), service.metadata().name()))
        .orElseGet(() -> notReleased(service, wanted));
  }

  private static String ending(VersionRef wanted, Optional<Rollout> rollout) {
    String at =
        rollout
            .flatMap(ended -> ended.status().finishedAt())
            .map(end -> " at " + Words.time(end))
            .orElse("");
    return wanted + " " + rollout.map(ended -> outcome(wanted, ended)).orElse("was given up") + at;
  }

  private static String outcome(VersionRef wanted, Rollout rollout) {
    if (!rollout.spec().to().equals(wanted)) {
      return "was undone";
    }
    return rollout.status().phase() == RolloutPhase.ABORTED ? "was aborted" : "was rolled back";
  }

  /// The message describes what the Service serves first, which is no reason.
  private static String notReleased(Service service, VersionRef wanted) {
    String message = service.status().message();
    int reason = message.indexOf("; ");
    return wanted
        + " is not released"
        + (reason < 0 ? " yet" : ": " + message.substring(reason + 2));
  }
}
