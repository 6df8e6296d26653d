// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.observation.ObservationStore;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.value.Severity;
import dev.weir.model.view.AlertView.DeliveryState;
import dev.weir.store.Observations.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// All alerts, firing and past, with their deliveries to each channel. Each change is stored in one
/// transaction. Thread-safe.
///
/// Contains at most [#MAX_ALERTS] alerts; beyond that, the oldest alert that has ended is removed
/// first. An ended alert is removed after [#RETENTION].
final class AlertStore {
  static final int MAX_ALERTS = 1_000;
  static final Duration RETENTION = Duration.ofDays(3);

  private static final Logger LOG = LoggerFactory.getLogger(AlertStore.class);
  private static final String COLLECTION = "alerts";
  private static final String CURSOR = "alerts.read";
  private static final String REVISION = "revision";

  /// The order of delivery.
  private static final Comparator<Alert> ORDER =
      Comparator.comparing(Alert::since).thenComparing(Alert::id);

  private final ObservationStore observationStore;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Alert> byId = new HashMap<>();
  private final Map<String, Instant> startedAt = new HashMap<>();
  private final Map<String, Instant> clearedAt = new HashMap<>();

  AlertStore(ObservationStore observationStore) {
    this.observationStore = observationStore;
    observationStore
        .list(COLLECTION, "", Alert.class)
        .forEach(storedObservation -> byId.put(storedObservation.key(), storedObservation.value()));
  }

  /// All alerts, ordered by start.
  List<Alert> all() {
    lock.lock();
    try {
      return byId.values().stream().sorted(ORDER).toList();
    } finally {
      lock.unlock();
    }
  }

  Optional<Alert> get(String id) {
    lock.lock();
    try {
      return Optional.ofNullable(byId.get(id));
    } finally {
      lock.unlock();
    }
  }

  /// The revision up to which rollout events were read; empty before the first read.
  Optional<Long> readTo() {
    return observationStore.get(CURSOR, REVISION, Long.class);
  }

  /// Stores new alerts and the read position in one transaction.
  void addRolloutAlerts(List<AlertCondition> conditions, long readTo, Instant now) {
    lock.lock();
    try {
      Map<String, Alert> created = new LinkedHashMap<>();
      conditions.forEach(
          condition -> created(condition, now).ifPresent(a -> created.putIfAbsent(a.id(), a)));
      List<Entry> entries = new ArrayList<>(entries(created.values()));
      entries.add(ObservationStore.entry(CURSOR, REVISION, readTo));
      observationStore.putAll(entries);
      take(created);
    } finally {
      lock.unlock();
    }
  }

  /// Compares the current conditions with the firing alerts: starts and ends alerts.
  ///
  /// @param evaluated the events that were evaluated completely; alerts of other events do not end
  void evaluate(List<AlertCondition> conditions, Set<AlertEvent> evaluated, Instant now) {
    lock.lock();
    try {
      Map<String, Alert> changed = new LinkedHashMap<>();
      Set<String> keys = new HashSet<>();
      Map<String, Alert> open = open();
      for (AlertCondition condition : conditions) {
        keys.add(condition.key());
        if (!open.containsKey(condition.key()) && pastDebounce(condition, now)) {
          created(condition, now).ifPresent(alert -> changed.put(alert.id(), alert));
        }
      }
      startedAt.keySet().removeIf(key -> !keys.contains(key));
      clearedAt.keySet().removeIf(keys::contains);
      for (Alert alert : open.values()) {
        if (evaluated.contains(alert.event()) && !keys.contains(alert.key()) && over(alert, now)) {
          changed.put(alert.id(), alert.ended(now));
        }
      }
      save(changed);
    } finally {
      lock.unlock();
    }
  }

  /// @return the changed alert; empty if it no longer exists
  Optional<Alert> change(String id, UnaryOperator<Alert> update) {
    lock.lock();
    try {
      Alert known = byId.get(id);
      if (known == null) {
        return Optional.empty();
      }
      Alert next = update.apply(known);
      save(Map.of(id, next));
      return Optional.of(next);
    } finally {
      lock.unlock();
    }
  }

  /// Removes old alerts. By then each delivery has ended or its channel no longer exists.
  void sweep(Instant now) {
    lock.lock();
    try {
      forget(
          byId.values().stream()
              .filter(alert -> !alert.firing())
              .filter(alert -> alert.over().orElse(alert.since()).plus(RETENTION).isBefore(now))
              .map(Alert::id)
              .toList());
    } finally {
      lock.unlock();
    }
  }

  private static boolean settled(Alert alert) {
    return alert.deliveries().values().stream()
        .allMatch(delivery -> delivery.state() == DeliveryState.DELIVERED);
  }

  private Map<String, Alert> open() {
    Map<String, Alert> open = new HashMap<>();
    byId.values().stream().filter(Alert::firing).forEach(alert -> open.put(alert.key(), alert));
    return open;
  }

  private Optional<Alert> created(AlertCondition condition, Instant now) {
    Alert alert = Alert.of(condition, now);
    return byId.containsKey(alert.id()) ? Optional.empty() : Optional.of(alert);
  }

  /// Whether the condition has been true for long enough.
  private boolean pastDebounce(AlertCondition condition, Instant now) {
    Instant since = startedAt.computeIfAbsent(condition.key(), key -> now);
    return !since.plus(AlertDebounce.toFire(condition.event())).isAfter(now);
  }

  /// Whether the condition has been absent for long enough.
  private boolean over(Alert alert, Instant now) {
    Instant since = clearedAt.computeIfAbsent(alert.key(), key -> now);
    boolean over = !since.plus(AlertDebounce.toResolve(alert.event())).isAfter(now);
    if (over) {
      clearedAt.remove(alert.key());
    }
    return over;
  }

  private void save(Map<String, Alert> changed) {
    if (!changed.isEmpty()) {
      observationStore.putAll(entries(changed.values()));
      take(changed);
    }
  }

  private static List<Entry> entries(Collection<Alert> alerts) {
    return alerts.stream()
        .map(alert -> ObservationStore.entry(COLLECTION, alert.id(), alert))
        .toList();
  }

  private void take(Map<String, Alert> changed) {
    changed.forEach((id, alert) -> {
      Alert before = byId.put(id, alert);
      if (before == null) {
        LOG.atLevel(level(alert.severity()))
            .addKeyValue("event", "alert.begun")
            .addKeyValue("alert", id)
            .addKeyValue("alert_key", alert.key())
            .addKeyValue("summary", alert.summary())
            .log("An alert fires");
      } else if (before.over().isEmpty() && alert.over().isPresent()) {
        LOG.atInfo()
            .addKeyValue("event", "alert.over")
            .addKeyValue("alert", id)
            .addKeyValue("alert_key", alert.key())
            .log("An alert is resolved");
      }
    });
    if (byId.size() > MAX_ALERTS) {
      evict();
    }
  }

  /// Alerts include normal progress, such as the phases of a release.
  private static Level level(Severity severity) {
    return severity.atLeast(Severity.WARNING) ? Level.WARN : Level.INFO;
  }

  private void evict() {
    List<Alert> evicted =
        byId.values().stream()
            .sorted(Comparator.comparing(Alert::firing).thenComparing(ORDER))
            .limit(byId.size() - (long) MAX_ALERTS)
            .toList();
    evicted.stream()
        .filter(alert -> alert.firing() || !settled(alert))
        .forEach(alert ->
            LOG.atError()
                .addKeyValue("event", "alert.lost")
                .addKeyValue("alert", alert.id())
                .addKeyValue("alert_key", alert.key())
                .log("The table of alerts is full; an undelivered alert was dropped"));
    forget(evicted.stream().map(Alert::id).toList());
  }

  private void forget(List<String> ids) {
    observationStore.delete(COLLECTION, ids);
    ids.forEach(byId::remove);
  }
}
