// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.model.Rollout;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Severity;
import dev.weir.store.CompactedException;
import dev.weir.store.Store;
import dev.weir.store.StoreEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Alerts about rollouts, read from the store's events. Every phase and every rollback causes an
/// alert, however short the phase was. Reading the same events again gives the same alerts.
final class RolloutAlerts {
  private static final int PAGE = 500;
  private static final int MAX_UNSTORED = 1_000;

  /// How long an override in a rollout's status causes an alert. Shorter than the retention of
  /// alerts, so that none is sent again.
  private static final Duration FRESH = Duration.ofDays(1);

  private final Store store;
  private final AlertStore alertStore;
  private final RolloutConditions conditions;

  RolloutAlerts(Store store, AlertStore alertStore, RolloutConditions conditions) {
    this.store = store;
    this.alertStore = alertStore;
    this.conditions = conditions;
  }

  /// Reads the events since the last call. The first call only stores the current position.
  void read(Instant now) {
    Optional<Long> known = alertStore.readTo();
    if (known.isEmpty()) {
      alertStore.addRolloutAlerts(List.of(), store.revision(), now);
      return;
    }
    long newest = store.revision();
    if (newest > known.get()) {
      read(known.get(), newest, now);
    }
  }

  private void read(long after, long newest, Instant now) {
    List<StoreEvent> events = events(after);
    while (!events.isEmpty()) {
      long readTo = events.getLast().revision();
      List<AlertCondition> alerts = new ArrayList<>();
      events.stream()
          .filter(event -> !event.deleted())
          .forEach(event -> alerts.addAll(of((Rollout) event.resource(), now)));
      alertStore.addRolloutAlerts(alerts, readTo, now);
      events = events(readTo);
      after = readTo;
    }
    if (newest - after > MAX_UNSTORED) {
      alertStore.addRolloutAlerts(List.of(), newest, now);
    }
  }

  /// The events after the revision. If they are compacted, the current state of each rollout is
  /// used instead.
  private List<StoreEvent> events(long after) {
    try {
      return store.changes(after, Set.of(Kind.ROLLOUT), PAGE);
    } catch (CompactedException e) {
      return store.list(Kind.ROLLOUT, "").stream()
          .filter(rollout -> rollout.metadata().revision() > after)
          .map(rollout -> new StoreEvent(rollout.metadata().revision(), false, rollout))
          .sorted((a, b) -> Long.compare(a.revision(), b.revision()))
          .toList();
    }
  }

  private List<AlertCondition> of(Rollout rollout, Instant now) {
    List<AlertCondition> alerts = new ArrayList<>();
    RolloutStatus status = rollout.status();
    if (status.phase() != RolloutPhase.PENDING) {
      alerts.add(phase(rollout));
    }
    conditions.reverted(rollout).ifPresent(alerts::add);
    RolloutConditions.forcedAbort(rollout).ifPresent(alerts::add);
    RolloutConditions.overridden(rollout)
        .filter(condition -> condition.since().filter(s -> s.plus(FRESH).isAfter(now)).isPresent())
        .ifPresent(alerts::add);
    return alerts;
  }

  private static AlertCondition phase(Rollout rollout) {
    RolloutStatus status = rollout.status();
    String name = rollout.metadata().name();
    return new AlertCondition(
        AlertEvent.ROLLOUT_PHASE,
        severity(status.phase()),
        rollout.metadata().namespace(),
        rollout.spec().service(),
        name,
        name + " " + status.phase().text(),
        "Rollout %s (%s to %s) is %s: %s"
            .formatted(
                name,
                rollout.spec().from(),
                rollout.spec().to(),
                status.phase().text(),
                message(status)),
        Map.of(
            "from", rollout.spec().from().toString(),
            "to", rollout.spec().to().toString(),
            "phase", status.phase().text(),
            "weight", status.weight() + " %"),
        status.phaseSince());
  }

  /// The message without the phase, which the summary names already.
  private static String message(RolloutStatus status) {
    String phase = status.phase().text() + ": ";
    return status.message().startsWith(phase)
        ? status.message().substring(phase.length())
        : status.message();
  }

  private static Severity severity(RolloutPhase phase) {
    return switch (phase) {
      case PENDING, PROVISIONING, PROGRESSING, PAUSED, PROMOTING, COMPLETED -> Severity.INFO;
      case ROLLING_BACK, ROLLED_BACK, ABORTED, SUPERSEDED -> Severity.INFO;
    };
  }
}
