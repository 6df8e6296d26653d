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
import dev.weir.model.AlertEvent;
import dev.weir.model.AlertTest;
import dev.weir.model.AlertView;
import dev.weir.model.AlertView.DeliveryState;
import dev.weir.model.AuditEntry;
import dev.weir.model.Severity;
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
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Evaluates conditions, stores the alerts and delivers them to channels. Each channel has its own
/// thread, so that one that hangs delays no other.
public final class AlertEngine implements AlertOperations, AutoCloseable {
  /// Channels that are told side by side; more wait for one of these.
  private static final int MOST_CHANNELS = 256;

  /// Messages to a channel before what else it is to be told is looked at anew.
  private static final int AT_ONCE = 32;

  private static final int MOST_ROWS = 100;

  /// A Service that is gone promises nothing.
  private static final Duration FIRST_TOKEN_OF_STRANGERS = Duration.ofHours(1);

  /// Judged by replicas as they are seen: a control plane that has just begun has not seen all.
  private static final Set<AlertEvent> SEEN =
      EnumSet.of(AlertEvent.CRASH_LOOP, AlertEvent.REPLICAS_NOT_READY);

  private final Store store;
  private final ResourceSnapshot.Reader resources;
  private final Views views;
  private final Supplier<List<ConvergenceAlarm>> alarms;
  private final ControlClock clock;
  private final Instant adoptedAt;
  private final AlertStore alertStore;
  private final RolloutAlerts news;
  private final SloTracker slos;
  private final AlertDispatcher alertDispatcher;
  private final AlertLinks links;
  private final KeyedQueue<String> deliveries;
  private final Notifier notifier;
  private volatile boolean closed;
  private volatile Optional<GaugeTable> firing = Optional.empty();
  private volatile Optional<GaugeTable> undelivered = Optional.empty();

  /// What alerts are made from.
  ///
  /// @param adoptedAt until then a replica that is not seen may only not have been found yet
  public record Inputs(
      Store store,
      ResourceSnapshot.Reader catalogue,
      Views views,
      Supplier<List<ConvergenceAlarm>> alarms,
      ControlClock clock,
      Instant adoptedAt) {}

  /// What alerts are stored and delivered with.
  public record Outputs(ObservationStore notes, Notifier outlet, CrashPoints crashPoints) {}

  public AlertEngine(Inputs eyes, Outputs hands, LongSupplier nanos, RandomGenerator random) {
    this.store = eyes.store();
    this.resources = eyes.catalogue();
    this.views = eyes.views();
    this.alarms = eyes.alarms();
    this.clock = eyes.clock();
    this.adoptedAt = eyes.adoptedAt();
    this.alertStore = new AlertStore(hands.notes());
    this.news = new RolloutAlerts(eyes.store(), alertStore);
    this.slos = new SloTracker(clock, this::firstTokenWithin);
    this.notifier = hands.outlet();
    this.links = new AlertLinks(hands.outlet().base());
    this.alertDispatcher =
        new AlertDispatcher(
            alertStore,
            resources,
            hands.outlet().writing(),
            hands.outlet().transport(),
            links,
            clock,
            random,
            hands.crashPoints());
    this.deliveries =
        new KeyedQueue<>(
            this::deliver, MOST_CHANNELS, MOST_CHANNELS, Delivery.BACK_OFF, nanos, random);
  }

  /// Starts telling channels, on threads of their own.
  public void start() {
    deliveries.start();
  }

  /// Shows what is firing, and what could not be delivered.
  public void bindTo(MeterRegistry registry) {
    firing = Optional.of(new GaugeTable(registry, Metric.ALERTS_FIRING));
    undelivered = Optional.of(new GaugeTable(registry, Metric.ALERTS_UNDELIVERED));
  }

  /// What gateways counted.
  public void recordSlices(List<ReplicaSlice> slices) {
    slos.add(slices);
  }

  /// Looks at everything anew, and wakes the channels that have something coming.
  public void look() {
    Instant now = clock.now();
    news.read(now);
    ResourceSnapshot known = resources.current();
    List<AlertCondition> so = new ArrayList<>(RolloutConditions.of(known, now));
    so.addAll(FleetConditions.of(alarms.get(), known));
    known.services().values().forEach(service -> so.addAll(BurnRate.of(service, slos)));
    Set<AlertEvent> judged = EnumSet.complementOf(EnumSet.copyOf(SEEN));
    if (!now.isBefore(adoptedAt)) {
      so.addAll(FleetConditions.of(views));
      judged.addAll(SEEN);
    }
    alertStore.look(so, judged, now);
    alertDispatcher.channels().stream().filter(alertDispatcher::busy).forEach(deliveries::wake);
    show();
  }

  /// Tells channels what is due, on the calling thread.
  public void deliverDue() {
    deliveries.runDue();
  }

  public void runMaintenance() {
    alertStore.sweep(clock.now());
    alertDispatcher.sweep();
    slos.keep(
        resources.current().services().keySet().stream()
            .map(ref -> ref.namespace() + "/" + ref.name())
            .collect(Collectors.toSet()));
  }

  private void deliver(String channel) throws InterruptedException {
    int sent = 0;
    while (!closed && sent < AT_ONCE && alertDispatcher.deliver(channel)) {
      sent++;
    }
    if (sent == AT_ONCE) {
      deliveries.wake(channel);
    }
  }

  private Duration firstTokenWithin(String id) {
    int slash = id.indexOf('/');
    return resources
        .current()
        .service(id.substring(0, Math.max(0, slash)), id.substring(slash + 1))
        .map(BurnRate::firstTokenWithin)
        .orElse(FIRST_TOKEN_OF_STRANGERS);
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
    boolean taken = reply instanceof DeliveryResult.Accepted;
    if (taken && channel.get().spec().resolve()) {
      DeliveryResult _ =
          alertDispatcher.send(channel.get(), alert.ended(clock.now()), Alert.Stage.RESOLVED);
    }
    return Optional.of(new AlertTest(taken, reply.response()));
  }

  /// Before it is done: what somebody had sent is known even when this process dies over it.
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
    for (String channel : alertDispatcher.channels().stream().sorted().limit(MOST_ROWS).toList()) {
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

  /// Tells nobody any more; what is not told is told by the next start.
  @Override
  public void close() {
    closed = true;
    notifier.transport().close();
    deliveries.close();
  }
}
