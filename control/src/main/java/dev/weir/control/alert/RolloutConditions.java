// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.Severity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Conditions of rollouts, from stored resources and the evidence of their decisions.
final class RolloutConditions {
  private final DecisionCauses causes;

  RolloutConditions(DecisionCauses causes) {
    this.causes = causes;
  }

  List<AlertCondition> of(ResourceSnapshot now, Instant at) {
    List<AlertCondition> conditions = new ArrayList<>();
    for (Rollout rollout : now.rollouts().values()) {
      waiting(rollout).ifPresent(conditions::add);
      if (!rollout.status().phase().terminal() && rollout.status().overriddenAt(at)) {
        overridden(rollout).ifPresent(conditions::add);
      }
      if (unsettled(rollout, now)) {
        reverted(rollout).ifPresent(conditions::add);
        forcedAbort(rollout).ifPresent(conditions::add);
      }
    }
    return conditions;
  }

  /// A release that was, or is being, rolled back because its version is worse.
  Optional<AlertCondition> reverted(Rollout rollout) {
    RolloutStatus status = rollout.status();
    boolean rolledBack =
        status.phase() == RolloutPhase.ROLLED_BACK
            || (status.phase() == RolloutPhase.ROLLING_BACK
                && status.ending().equals(Optional.of(RolloutPhase.ROLLED_BACK)));
    return rolledBack && status.revertDecidedAt().isPresent()
        ? Optional.of(
            condition(
                AlertEvent.ROLLOUT_REVERTED,
                Severity.ERROR,
                rollout,
                "%s of service %s/%s was rolled back; %s serves. %s `weir rollout explain %s --number %s -n %s` shows the evidence."
                    .formatted(
                        rollout.spec().to(),
                        rollout.metadata().namespace(),
                        rollout.spec().service(),
                        rollout.spec().from(),
                        causes.of(rollout).orElseGet(() -> why(status)),
                        rollout.spec().service(),
                        number(rollout),
                        rollout.metadata().namespace()),
                status.revertDecidedAt()))
        : Optional.empty();
  }

  /// A release with overridden guard rails.
  static Optional<AlertCondition> overridden(Rollout rollout) {
    return rollout
        .status()
        .overridden()
        .map(override ->
            condition(
                AlertEvent.OVERRIDE,
                Severity.CRITICAL,
                rollout,
                "%s overrode freezes, limits and order for rollout %s of service %s/%s (%s to %s)%s: %s"
                    .formatted(
                        override.by(),
                        rollout.metadata().name(),
                        rollout.metadata().namespace(),
                        rollout.spec().service(),
                        rollout.spec().from(),
                        rollout.spec().to(),
                        override.until().map(end -> " until " + end).orElse(""),
                        override.reason()),
                Optional.of(override.since())));
  }

  /// A release that an operator aborted without waiting for the stable version.
  static Optional<AlertCondition> forcedAbort(Rollout rollout) {
    RolloutStatus status = rollout.status();
    return status.decidedBy().contains(RolloutStatus.BREAK_GLASS)
        ? Optional.of(
            condition(
                AlertEvent.OVERRIDE,
                Severity.CRITICAL,
                rollout,
                "Rollout %s of service %s/%s was aborted immediately, regardless of whether %s answers: %s."
                    .formatted(
                        rollout.metadata().name(),
                        rollout.metadata().namespace(),
                        rollout.spec().service(),
                        rollout.spec().from(),
                        status.message()),
                status.revertDecidedAt()))
        : Optional.empty();
  }

  private static String why(RolloutStatus status) {
    return status.decidedBy().isEmpty()
        ? status.message() + "."
        : "Decided by %s: %s.".formatted(String.join(", ", status.decidedBy()), status.message());
  }

  /// Whether the Service still wants the version of this rollout and has not retried it.
  private static boolean unsettled(Rollout rollout, ResourceSnapshot now) {
    Optional<Service> service =
        now.service(rollout.metadata().namespace(), rollout.spec().service());
    return service
        .filter(wanted -> wanted.spec().version().equals(rollout.spec().to()))
        .filter(wanted -> names(wanted, rollout.metadata().name()))
        .isPresent();
  }

  private static boolean names(Service service, String rollout) {
    return service.status().rollout().equals(Optional.of(rollout))
        || service.status().failed().stream().anyMatch(f -> f.rollout().equals(rollout));
  }

  private static Optional<AlertCondition> waiting(Rollout rollout) {
    RolloutStatus status = rollout.status();
    if (status.phase() != RolloutPhase.PAUSED
        || status.ending().isPresent()
        || promotesItself(rollout)) {
      return Optional.empty();
    }
    boolean inconclusive = status.message().contains("inconclusive");
    return Optional.of(
        condition(
            inconclusive ? AlertEvent.ROLLOUT_INCONCLUSIVE : AlertEvent.ROLLOUT_WAITING,
            Severity.WARNING,
            rollout,
            "Rollout %s of %s to %s waits for a manual decision (%s). `weir rollout promote|resume|abort %s -n %s`."
                .formatted(
                    rollout.metadata().name(),
                    rollout.spec().service(),
                    rollout.spec().to(),
                    status.message(),
                    rollout.spec().service(),
                    rollout.metadata().namespace()),
            status.phaseSince()));
  }

  /// Whether the rollout only passes through `Paused`: an undo is promoted without a decision.
  private static boolean promotesItself(Rollout rollout) {
    return rollout.spec().undo() && rollout.status().step() < 0;
  }

  /// The number of the rollout within its Service: its name is `SERVICE-NUMBER`.
  private static String number(Rollout rollout) {
    String name = rollout.metadata().name();
    return name.substring(name.lastIndexOf('-') + 1);
  }

  private static AlertCondition condition(
      AlertEvent event,
      Severity severity,
      Rollout rollout,
      String summary,
      Optional<Instant> since) {
    Map<String, String> details = new TreeMap<>();
    details.put("from", rollout.spec().from().toString());
    details.put("to", rollout.spec().to().toString());
    details.put("step", Integer.toString(rollout.status().step() + 1));
    if (!rollout.status().decidedBy().isEmpty()) {
      details.put("decidedBy", String.join(", ", rollout.status().decidedBy()));
    }
    return new AlertCondition(
        event,
        severity,
        rollout.metadata().namespace(),
        rollout.spec().service(),
        rollout.metadata().name(),
        rollout.metadata().name(),
        summary,
        details,
        since);
  }
}
