// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.capacity.CapacityPlanner;
import dev.weir.control.deployment.SpecHash;
import dev.weir.control.rollout.FactCollector.ServiceObservation;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.VersionRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Decides what a Service without a live rollout needs: its first version, a rollout, or nothing.
/// Pure.
final class ReleaseStarter {
  private ReleaseStarter() {}

  sealed interface Start {
    /// There is nothing to store.
    ///
    /// @param message the current state
    record Nothing(String message) implements Start {}

    /// The first version answers. It becomes the stable version without a rollout, because there is
    /// no version to compare it with.
    record First(ServiceStatus service, String reason) implements Start {}

    /// The Service refers to a rollout that has finished. The reference is removed.
    record Detach(ServiceStatus service, String reason) implements Start {}

    /// A rollout starts.
    record Release(Rollout rollout, ServiceStatus service, String reason) implements Start {}
  }

  /// @param release the Service's release, with what its traffic decides; asked when a rollout
  ///   starts
  /// @param salt of the rollout, if one starts; it splits the traffic
  static Start decide(
      ServiceObservation observed, Supplier<ReleaseSpec> release, Instant now, String salt) {
    Start start = start(observed, release, now, salt);
    return start instanceof Start.Nothing(String message)
        ? withoutRollout(observed.service().status(), message)
        : start;
  }

  private static Start withoutRollout(ServiceStatus status, String message) {
    return status.rollout().isPresent()
        ? new Start.Detach(status.withRollout(Optional.empty()).withMessage(message), message)
        : new Start.Nothing(message);
  }

  private static Start start(
      ServiceObservation observed, Supplier<ReleaseSpec> release, Instant now, String salt) {
    Service service = observed.service();
    VersionRef wanted = service.spec().version();
    Optional<StableVersion> stable = service.status().stable();
    if (stable.isEmpty()) {
      return first(observed, wanted);
    }
    if (stable.get().version().equals(wanted)) {
      return new Start.Nothing("serving " + wanted + problems(observed));
    }
    String serving = "serving " + stable.get().version();
    Optional<ModelVersion> version =
        observed.catalogue().version(service.metadata().namespace(), wanted);
    if (version.isEmpty()) {
      return new Start.Nothing(serving + "; there is no ModelVersion " + wanted);
    }
    String hash = hash(service, version.get());
    Optional<FailedRelease> failed = failed(service, wanted, hash);
    if (failed.isPresent()) {
      return new Start.Nothing(
          "%s; %s was abandoned in rollout %s and is not tried again until the spec changes or a user runs `weir rollout retry %s`"
              .formatted(serving, wanted, failed.get().rollout(), service.metadata().name()));
    }
    try {
      ServiceSpec spec = service.spec();
      AnalysisPlans.of(
          spec.release(),
          spec.traffic().timeouts().firstToken(),
          spec.traffic().timeouts().total());
    } catch (IllegalArgumentException e) {
      return new Start.Nothing(serving + "; spec.release cannot be followed: " + e.getMessage());
    }
    return release(
        service,
        stable.get().version(),
        wanted,
        hash,
        release.get(),
        false,
        CapacityPlanner.surgeScale(service, version.get(), observed.catalogue()),
        now,
        salt);
  }

  /// Identifies the pair of Service spec and ModelVersion spec that a release tries.
  static String hash(Service service, ModelVersion version) {
    return SpecHash.of(service.spec().withDefaultSlo(), version.spec());
  }

  /// A new rollout of the Service.
  ///
  /// @param provenBefore whether it returns to a version that needs no proof
  static Start.Release release(
      Service service,
      VersionRef from,
      VersionRef to,
      String hash,
      ReleaseSpec release,
      boolean provenBefore,
      Scale scale,
      Instant now,
      String salt) {
    Metadata at = service.metadata();
    ServiceStatus old = service.status();
    int number = old.rollouts() + 1;
    String name = at.name() + "-" + number;
    String reason = "releasing %s in the place of %s".formatted(to, from);
    Rollout rollout =
        new Rollout(
            Metadata.of(at.namespace(), name),
            new RolloutSpec(
                at.name(),
                from,
                to,
                at.specRevision(),
                hash,
                salt,
                release,
                service.spec().traffic().timeouts().firstToken(),
                service.spec().traffic().timeouts().total(),
                scale,
                Optional.of(provenBefore)),
            new RolloutStatus(
                RolloutPhase.PENDING,
                -1,
                0,
                Optional.of(now),
                Optional.of(now),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                reason));
    ServiceStatus next =
        old.withRollout(Optional.of(name))
            .withRollouts(number)
            .withMessage(reason + " (" + name + ")");
    return new Start.Release(rollout, next, reason);
  }

  private static Optional<FailedRelease> failed(Service service, VersionRef version, String hash) {
    return service.status().failed().stream()
        .filter(f -> f.version().equals(version) && f.specHash().equals(hash))
        .findFirst();
  }

  private static Start first(ServiceObservation observed, VersionRef wanted) {
    if (observed.members().answering(wanted) > 0) {
      Service service = observed.service();
      String reason = "serving " + wanted + ", the first version";
      return new Start.First(
          service
              .status()
              .withStable(new StableVersion(wanted, service.metadata().specRevision()))
              .withRollout(Optional.empty())
              .withMessage(reason),
          reason);
    }
    String why =
        observed.members().present(wanted).stream()
            .map(r -> r.name() + " " + r.state().text())
            .limit(5)
            .collect(Collectors.joining("; "));
    return new Start.Nothing(
        "waiting for the first ready replica of "
            + wanted
            + (why.isEmpty() ? "" : ": " + why)
            + problems(observed));
  }

  private static String problems(ServiceObservation observed) {
    return observed.problems().stream()
        .map(problem -> "; " + problem)
        .collect(Collectors.joining());
  }
}
