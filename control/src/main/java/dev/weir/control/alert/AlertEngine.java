// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.channel.DeliveryResult;
import dev.weir.control.convergence.ConvergenceAlarm;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.meter.GaugeTable;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.Views;
import dev.weir.control.reconcile.KeyedQueue;
import dev.weir.model.AlertChannel;
import dev.weir.model.Rollout;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.value.Severity;
import dev.weir.model.view.AlertTest;
import dev.weir.model.view.AlertView;
import dev.weir.model.view.AlertView.DeliveryState;
import dev.weir.model.view.AuditEntry;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import dev.weir.snapshot.metric.Metric;
import dev.weir.store.AuditDraft;
import dev.weir.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Evaluates conditions, stores the alerts and delivers them to channels. Each channel has its own
/// thread, so a slow channel does not delay the others.
public final class AlertEngine implements AlertOperations, AutoCloseable {
  /// The number of channels that are delivered to concurrently; further channels wait.
  private static final int MAX_CHANNELS = 256;

  /// The number of messages to a channel before the delivery is queued again.
  private static final int BATCH_SIZE = 32;

  private static final int MAX_SERIES = 100;

  /// The limit for a Service that no longer exists: practically none.
  private static final Duration DEFAULT_FIRST_TOKEN = Duration.ofHours(1);

  /// Events derived from observed replicas. After a start, not all replicas are observed yet.
  private static final Set<AlertEvent> OBSERVED =
      EnumSet.of(AlertEvent.CRASH_LOOP, AlertEvent.REPLICAS_NOT_READY);

  private final Store store;
  private final ResourceSnapshot.Reader resources;
  private final Views views;
  private final Supplier<List<ConvergenceAlarm>> alarms;
  private final ControlClock clock;
  private final Instant adoptedAt;
  private final AlertStore alertStore;
  private final RolloutConditions rolloutConditions;
  private final RolloutAlerts rolloutAlerts;
  private final SloTracker slos;
  private final AlertDispatcher alertDispatcher;
  private final AlertLinks links;
  private final KeyedQueue<String> deliveries;
  private final Notifier notifier;
  private volatile boolean closed;
  private volatile Optional<GaugeTable> firing = Optional.empty();
  private volatile Optional<GaugeTable> undelivered = Optional.empty();

  /// The inputs of alerts.
  ///
  /// @param adoptedAt before it, a missing replica may only not have been found yet
  /// @param causes finds the cause of the newest decision about a rollout, in words
  public record Inputs(
      Store store,
      ResourceSnapshot.Reader resources,
      Views views,
      Supplier<List<ConvergenceAlarm>> alarms,
      ControlClock clock,
      Instant adoptedAt,
      Function<Rollout, Optional<String>> causes) {}

  /// Where alerts are stored and how they are delivered.
  public record Outputs(
      ObservationStore observations, Notifier notifier, CrashPoints crashPoints) {}

  public AlertEngine(Inputs inputs, Outputs outputs, LongSupplier nanos, RandomGenerator random) {
    this.store = inputs.store();
    this.resources = inputs.resources();
    this.views = inputs.views();
    this.alarms = inputs.alarms();
    this.clock = inputs.clock();
    this.adoptedAt = inputs.adoptedAt();
    this.alertStore = new AlertStore(outputs.observations());
    this.rolloutConditions = new RolloutConditions(new DecisionCauses(inputs.causes()));
    this.rolloutAlerts = new RolloutAlerts(inputs.store(), alertStore, rolloutConditions);
    this.slos = new SloTracker(clock, this::firstTokenWithin);
    this.notifier = outputs.notifier();
    this.links = new AlertLinks(outputs.notifier().base());
    this.alertDispatcher =
        new AlertDispatcher(
            alertStore,
            resources,
            outputs.notifier().formatter(),
            outputs.notifier().transport(),
            links,
            clock,
            random,
            outputs.crashPoints());
    this.deliveries =
        new KeyedQueue<>(
            this::deliver, MAX_CHANNELS, MAX_CHANNELS, Delivery.BACK_OFF, nanos, random);
  }

  /// Starts the deliveries, on threads of their own.
  public void start() {
    deliveries.start();
  }

  /// Registers the gauges of firing alerts and of undelivered messages.
  public void bindTo(MeterRegistry registry) {
    firing = Optional.of(new GaugeTable(registry, Metric.ALERTS_FIRING));
    undelivered = Optional.of(new GaugeTable(registry, Metric.ALERTS_UNDELIVERED));
  }

  /// Adds the counts that gateways report.
  public void recordSlices(List<ReplicaSlice> slices) {
    slos.add(slices);
  }

  /// Evaluates all conditions and wakes the channels that have messages to send.
  public void evaluate() {
    Instant now = clock.now();
    rolloutAlerts.read(now);
    ResourceSnapshot snapshot = resources.current();
    List<AlertCondition> conditions = new ArrayList<>(rolloutConditions.of(snapshot, now));
    conditions.addAll(FleetConditions.of(alarms.get(), snapshot));
    snapshot.services().values().forEach(service -> conditions.addAll(BurnRate.of(service, slos)));
    Set<AlertEvent> evaluated = EnumSet.complementOf(EnumSet.copyOf(OBSERVED));
    if (!now.isBefore(adoptedAt)) {
      conditions.addAll(FleetConditions.of(views));
      evaluated.addAll(OBSERVED);
    }
    alertStore.evaluate(conditions, evaluated, now);
    alertDispatcher.channels().stream().filter(alertDispatcher::busy).forEach(deliveries::wake);
    show();
  }

  /// Sends the messages that are due, on the calling thread.
  public void deliverDue() {
    deliveries.runDue();
  }

  public void runMaintenance() {
    alertStore.sweep(clock.now());
    alertDispatcher.sweep();
    slos.retain(
        resources.current().services().keySet().stream()
            .map(ref -> ref.namespace() + "/" + ref.name())
            .collect(Collectors.toSet()));
  }

  private void deliver(String channel) throws InterruptedException {
    int sent = 0;
    while (!closed && sent < BATCH_SIZE && alertDispatcher.deliver(channel)) {
      sent++;
    }
    if (sent == BATCH_SIZE) {
      deliveries.wake(channel);
    }
  }

  private Duration firstTokenWithin(String id) {
    int slash = id.indexOf('/');
    return resources
        .current()
        .service(id.substring(0, Math.max(0, slash)), id.substring(slash + 1))
        .map(BurnRate::firstTokenWithin)
        .orElse(DEFAULT_FIRST_TOKEN);
  }

  @Override
  public List<AlertView> alerts() {
    return alertStore.all().stream().map(this::view).toList();
  }

  private AlertView view(Alert alert) {
    return alert.view(links.to(alert));
  }

  @Override
  public Optional<AlertView> retry(String id, Actor actor, String reason) {
    Instant now = clock.now();
    if (alertStore.get(id).isEmpty()) {
      return Optional.empty();
    }
    record("alert.retry", "Alert/" + id, actor, reason);
    Optional<Alert> revived =
        alertStore.change(
            id,
            alert -> {
              Map<String, Delivery> next = new TreeMap<>(alert.deliveries());
              next.replaceAll((slot, delivery) ->
                  delivery.state() == DeliveryState.DEAD ? delivery.revived(now) : delivery);
              return alert.with(next);
            });
    alertDispatcher.channels().stream().filter(alertDispatcher::busy).forEach(deliveries::wake);
    return revived.map(this::view);
  }

  @Override
  public Optional<AlertTest> test(String name, Actor actor, String reason)
      throws InterruptedException {
    Optional<AlertChannel> channel = alertDispatcher.channel(name);
    if (channel.isEmpty()) {
      return Optional.empty();
    }
    record("alert.test", channel.get().ref().toString(), actor, reason);
    Alert alert = Alert.of(example(name), clock.now());
    DeliveryResult reply = alertDispatcher.send(channel.get(), alert, Alert.Stage.FIRING);
    boolean accepted = reply instanceof DeliveryResult.Accepted;
    if (accepted && channel.get().spec().resolve()) {
      DeliveryResult _ =
          alertDispatcher.send(channel.get(), alert.ended(clock.now()), Alert.Stage.RESOLVED);
    }
    return Optional.of(new AlertTest(accepted, reply.response()));
  }

  /// Audits the action before it happens, so that a crash does not lose the entry.
  private void record(String action, String subject, Actor actor, String reason) {
    AuditEntry _ =
        store.record(
            new AuditDraft(
                actor.principal(),
                actor.sourceAddress(),
                actor.requestId(),
                action,
                subject,
                "allowed",
                reason));
  }

  private static AlertCondition example(String channel) {
    return new AlertCondition(
        AlertEvent.TEST,
        Severity.INFO,
        "",
        "",
        "",
        channel,
        "A test of channel " + channel + " by `weir alert test`: nothing is wrong.",
        Map.of("channel", channel),
        Optional.empty());
  }

  private void show() {
    List<Alert> all = alertStore.all();
    firing.ifPresent(table -> {
      Map<Tags, Integer> series = new HashMap<>();
      all.stream()
          .filter(Alert::firing)
          .forEach(alert ->
              series.merge(
                  Tags.of("event", alert.event().text(), "severity", alert.severity().text()),
                  1,
                  Integer::sum));
      table.show(series);
    });
    undelivered.ifPresent(table -> table.show(undelivered(all)));
  }

  private Map<Tags, Integer> undelivered(List<Alert> all) {
    Map<Tags, Integer> series = new HashMap<>();
    for (String channel : alertDispatcher.channels().stream().sorted().limit(MAX_SERIES).toList()) {
      for (DeliveryState state : EnumSet.of(DeliveryState.WAITING, DeliveryState.DEAD)) {
        series.put(Tags.of("channel", channel, "state", state.text()), 0);
      }
    }
    for (Alert alert : all) {
      alert
          .deliveries()
          .forEach((slot, delivery) ->
              series.computeIfPresent(
                  Tags.of(
                      "channel",
                      slot.substring(0, slot.lastIndexOf('/')),
                      "state",
                      delivery.state().text()),
                  (tags, count) -> count + 1));
    }
    return series;
  }

  /// Stops all deliveries; the next process sends the remaining messages.
  @Override
  public void close() {
    closed = true;
    notifier.transport().close();
    deliveries.close();
  }
}
