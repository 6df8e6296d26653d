// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.model.Service;
import dev.weir.model.notation.Durations;
import dev.weir.model.status.Fault;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.FaultRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Decides on requests for faults. Pure.
final class FaultRules {
  private FaultRules() {}

  /// The target of the request.
  ///
  /// @param replica empty if the target is the whole Service
  /// @param versions that have replicas now
  record FaultTarget(
      Service service, Optional<ReplicaName> replica, SortedSet<VersionRef> versions) {}

  /// The requester and the time.
  ///
  /// @param mayAffectReal whether the requester may disturb replicas that are not simulated
  record Requester(
      FaultRequest request, boolean mayAffectReal, String by, String reason, Instant at) {}

  /// The decision on a request.
  sealed interface FaultDecision {
    record Granted(Fault fault, String message) implements FaultDecision {}

    record Invalid(Problem problem) implements FaultDecision {}

    record Forbidden(String reason) implements FaultDecision {}

    record Refused(String reason) implements FaultDecision {}
  }

  /// @param simulated whether the engine of a version is simulated
  static FaultDecision rule(FaultTarget subject, Requester asked, Predicate<VersionRef> simulated) {
    FaultRequest request = asked.request();
    Optional<VersionRef> version = version(subject, request);
    if (request.version().isPresent() && version.isEmpty()) {
      return new FaultDecision.Invalid(noVersion(subject, request.version().get()));
    }
    SortedSet<VersionRef> real = new TreeSet<>(affectedVersions(subject, version));
    real.removeIf(simulated);
    if (!real.isEmpty() && !asked.mayAffectReal()) {
      return new FaultDecision.Forbidden(
          "needs the role admin in namespace %s to disturb real replicas: %s"
              .formatted(subject.service().metadata().namespace(), describe(real)));
    }
    if (!real.isEmpty() && !request.acknowledgeRealTraffic()) {
      return new FaultDecision.Invalid(unacknowledged(real));
    }
    if (subject.service().status().faults().size() >= ServiceStatus.MOST_FAULTS) {
      return new FaultDecision.Refused(
          "%d faults are injected into this Service, which is the maximum: clear some first with `weir fault clear`"
              .formatted(ServiceStatus.MOST_FAULTS));
    }
    Fault fault = fault(subject, version, asked);
    return new FaultDecision.Granted(fault, message(fault));
  }

  private static Optional<VersionRef> version(FaultTarget subject, FaultRequest request) {
    return subject.replica().isPresent()
        ? Optional.empty()
        : subject.versions().stream()
            .filter(ref -> ref.version().equals(request.version().orElse("")))
            .findFirst();
  }

  private static Problem noVersion(FaultTarget subject, String version) {
    return new Problem(
        "version",
        version,
        subject.replica().isPresent()
            ? "must be left out: the replica has one version"
            : "must be a version of %s that has replicas: %s"
                .formatted(
                    subject.service().metadata().name(),
                    subject.versions().stream()
                        .map(VersionRef::version)
                        .collect(Collectors.joining(", "))));
  }

  private static List<VersionRef> affectedVersions(
      FaultTarget subject, Optional<VersionRef> version) {
    return subject
        .replica()
        .map(ReplicaName::version)
        .or(() -> version)
        .map(List::of)
        .orElseGet(() -> List.copyOf(subject.versions()));
  }

  private static Problem unacknowledged(SortedSet<VersionRef> real) {
    return new Problem(
        "acknowledgeRealTraffic",
        "false",
        "must be true: %s is not simulated, so the fault affects requests of real clients; pass `--acknowledge-real-traffic` to confirm"
            .formatted(describe(real)));
  }

  private static String describe(SortedSet<VersionRef> versions) {
    return versions.stream().map(VersionRef::toString).collect(Collectors.joining(", "));
  }

  private static Fault fault(FaultTarget subject, Optional<VersionRef> version, Requester asked) {
    FaultRequest request = asked.request();
    String service = subject.service().metadata().name();
    return new Fault(
        service + "-flt-" + subject.service().metadata().revision(),
        service,
        request.kind(),
        subject.replica().map(ReplicaName::toString),
        version,
        request.share().orElse(Percentage.of(100)),
        request.status().orElse(FaultRequest.DEFAULT_STATUS),
        delay(request),
        request.after().orElse(0),
        request.probeResult().orElse(Fault.ProbeResult.READY),
        request.acknowledgeRealTraffic() && asked.mayAffectReal(),
        asked.at(),
        asked.at().plus(request.duration()),
        asked.by(),
        asked.reason());
  }

  private static Duration delay(FaultRequest request) {
    return request.kind() == Fault.FaultKind.DELAY
        ? request.delay().orElse(FaultRequest.DEFAULT_DELAY)
        : Duration.ZERO;
  }

  private static String message(Fault fault) {
    return "%s for %s; `weir fault clear %s` ends it earlier"
        .formatted(
            describe(fault),
            Durations.print(Duration.between(fault.since(), fault.until())),
            fault.name());
  }

  /// For example `chat-flt-41: cut after 10 events, 20% of the attempts at chat@2`.
  static String describe(Fault fault) {
    return fault.hidesReadiness()
        ? "%s: %s, %s".formatted(fault.name(), fault.effect(), fault.place())
        : "%s: %s, %s of the attempts at %s"
            .formatted(fault.name(), fault.effect(), fault.share(), fault.place());
  }
}
