// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.convergence.ConvergenceAlarm;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.Views;
import dev.weir.model.Rollout;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.Severity;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import dev.weir.model.view.ServiceView.ServingState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Conditions of replicas and gateways, from observations.
final class FleetConditions {
  private FleetConditions() {}

  static List<AlertCondition> of(Views views) {
    List<AlertCondition> conditions = new ArrayList<>(crashing(views.replicas()));
    views.serving().forEach(service -> unready(service).ifPresent(conditions::add));
    return conditions;
  }

  private static List<AlertCondition> crashing(List<ReplicaView> replicas) {
    Map<String, List<ReplicaView>> byVersion = new TreeMap<>();
    replicas.stream()
        .filter(replica ->
            replica.state() == ReplicaState.BACK_OFF || replica.state() == ReplicaState.FAILED)
        .forEach(replica ->
            byVersion
                .computeIfAbsent(
                    replica.namespace() + "/" + replica.service() + " " + replica.version(),
                    key -> new ArrayList<>())
                .add(replica));
    return byVersion.values().stream().map(FleetConditions::crashLoop).toList();
  }

  private static AlertCondition crashLoop(List<ReplicaView> replicas) {
    ReplicaView first = replicas.getFirst();
    String names = replicas.stream().map(ReplicaView::name).collect(Collectors.joining(", "));
    return condition(
        AlertEvent.CRASH_LOOP,
        Severity.ERROR,
        first.namespace(),
        first.service(),
        first.version().toString(),
        "%d replica(s) of %s in service %s/%s crash repeatedly (%s): %s"
            .formatted(
                replicas.size(),
                first.version(),
                first.namespace(),
                first.service(),
                names,
                first.reason()),
        Map.of("replicas", names, "version", first.version().toString()));
  }

  private static Optional<AlertCondition> unready(ServiceView service) {
    boolean down = service.state() == ServingState.DOWN;
    if (!down && service.state() != ServingState.DEGRADED) {
      return Optional.empty();
    }
    return Optional.of(
        condition(
            AlertEvent.REPLICAS_NOT_READY,
            down ? Severity.CRITICAL : Severity.WARNING,
            service.namespace(),
            service.name(),
            down ? "none" : "some",
            "Service %s/%s has %d of %d replicas ready: %s"
                .formatted(
                    service.namespace(),
                    service.name(),
                    service.ready(),
                    service.wanted(),
                    service.reason()),
            Map.of(
                "ready", Integer.toString(service.ready()),
                "wanted", Integer.toString(service.wanted()))));
  }

  private static AlertCondition condition(
      AlertEvent event,
      Severity severity,
      String namespace,
      String service,
      String about,
      String summary,
      Map<String, String> details) {
    return new AlertCondition(
        event, severity, namespace, service, "", about, summary, details, Optional.empty());
  }

  /// The watchdog's alarms.
  static List<AlertCondition> of(List<ConvergenceAlarm> alarms, ResourceSnapshot now) {
    return alarms.stream().map(alarm -> of(alarm, now)).toList();
  }

  private static AlertCondition of(ConvergenceAlarm alarm, ResourceSnapshot now) {
    int slash = alarm.rollout().indexOf('/');
    String namespace = slash < 0 ? "" : alarm.rollout().substring(0, slash);
    String name = alarm.rollout().substring(slash + 1);
    Optional<Rollout> rollout =
        name.isEmpty() ? Optional.<Rollout>empty() : now.rollout(namespace, name);
    String service = rollout.map(about -> about.spec().service()).orElse("");
    return new AlertCondition(
        event(alarm.reason()),
        severity(alarm.reason()),
        namespace,
        service,
        name,
        (name + " " + alarm.gateway() + wrong(alarm)).strip(),
        summary(alarm, name),
        alarm.gateway().isEmpty() ? Map.of() : Map.of("gateway", alarm.gateway()),
        Optional.empty());
  }

  private static AlertEvent event(ConvergenceAlarm.Reason reason) {
    return switch (reason) {
      case REVERT -> AlertEvent.REVERT_LATE;
      case NO_TARGET -> AlertEvent.NO_ROLLBACK_TARGET;
      case BEHIND, WRONG_HASH, OTHER_STORE -> AlertEvent.GATEWAY_BEHIND;
    };
  }

  private static Severity severity(ConvergenceAlarm.Reason reason) {
    return switch (reason) {
      case REVERT, NO_TARGET -> Severity.CRITICAL;
      case WRONG_HASH, OTHER_STORE -> Severity.ERROR;
      case BEHIND -> Severity.WARNING;
    };
  }

  private static String wrong(ConvergenceAlarm alarm) {
    return switch (alarm.reason()) {
      case WRONG_HASH -> " hash";
      case OTHER_STORE -> " store";
      case REVERT, NO_TARGET, BEHIND -> "";
    };
  }

  private static String summary(ConvergenceAlarm alarm, String rollout) {
    return switch (alarm.reason()) {
      case REVERT ->
          "Gateway %s has not acknowledged the rollback of %s within 2 s: it %s."
              .formatted(alarm.gateway(), rollout, alarm.detail());
      case NO_TARGET ->
          "The rollback of %s is decided, but the previous version does not answer: %s."
              .formatted(rollout, alarm.detail());
      case BEHIND, WRONG_HASH, OTHER_STORE ->
          "Gateway %s %s.".formatted(alarm.gateway(), alarm.detail());
    };
  }
}
