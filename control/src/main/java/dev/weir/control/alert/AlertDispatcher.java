// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.alert.Alert.Stage;
import dev.weir.control.channel.AlertmanagerPost;
import dev.weir.control.channel.DeliveryResult;
import dev.weir.control.channel.MessageFormatter;
import dev.weir.control.channel.MessageTransport;
import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.AlertChannel;
import dev.weir.model.spec.AlertChannelSpec.ChannelType;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AlertView.DeliveryState;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Delivers alerts to channels, one message at a time for each channel: first that the alert fires,
/// then that it is resolved. A message that was sent but not recorded is sent again after a
/// restart, with the same id.
final class AlertDispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(AlertDispatcher.class);

  private final AlertStore alertStore;
  private final ResourceSnapshot.Reader resources;
  private final MessageFormatter messageFormatter;
  private final MessageTransport transport;
  private final AlertLinks links;
  private final ControlClock clock;
  private final RandomGenerator random;
  private final CrashPoints crashPoints;

  /// The end of the pause that a channel has requested, by channel.
  private final Map<String, Instant> pausedUntil = new ConcurrentHashMap<>();

  /// When this process last tried to send an alert, by channel and alert.
  private final Map<String, Instant> sentAt = new ConcurrentHashMap<>();

  /// A message that is due.
  ///
  /// @param again whether it repeats a delivered message, because the receiver forgets alerts
  private record DueMessage(Alert alert, Stage stage, boolean again) {}

  AlertDispatcher(
      AlertStore alertStore,
      ResourceSnapshot.Reader resources,
      MessageFormatter messageFormatter,
      MessageTransport transport,
      AlertLinks links,
      ControlClock clock,
      RandomGenerator random,
      CrashPoints crashPoints) {
    this.alertStore = alertStore;
    this.resources = resources;
    this.messageFormatter = messageFormatter;
    this.transport = transport;
    this.links = links;
    this.clock = clock;
    this.random = random;
    this.crashPoints = crashPoints;
  }

  List<String> channels() {
    return resources.current().channels().keySet().stream().map(ResourceRef::name).toList();
  }

  Optional<AlertChannel> channel(String name) {
    return Optional.ofNullable(
        resources.current().channels().get(ResourceRef.of(Kind.ALERT_CHANNEL, "", name)));
  }

  /// Whether a message to the channel is due.
  boolean busy(String name) {
    return channel(name).flatMap(this::next).isPresent();
  }

  /// Sends the first message that is due.
  ///
  /// @return whether a message was due
  boolean deliver(String name) throws InterruptedException {
    Optional<AlertChannel> channel = channel(name);
    Optional<DueMessage> next = channel.flatMap(this::next);
    if (channel.isEmpty() || next.isEmpty()) {
      return false;
    }
    deliver(channel.get(), next.get());
    return true;
  }

  private void deliver(AlertChannel channel, DueMessage dueMessage) throws InterruptedException {
    String name = channel.metadata().name();
    DeliveryResult reply = send(channel, dueMessage.alert(), dueMessage.stage());
    crashPoints.pass(CrashPoint.ALERT_SENT);
    Instant now = clock.now();
    if (reply instanceof DeliveryResult.Deferred deferred) {
      deferred.after().ifPresent(wait -> pausedUntil.put(name, now.plus(wait)));
    }
    sentAt.put(name + "/" + dueMessage.alert().id(), now);
    if (dueMessage.again()) {
      return;
    }
    Optional<Alert> updated =
        alertStore.change(
            dueMessage.alert().id(),
            alert -> {
              Delivery before =
                  alert.delivery(name, dueMessage.stage()).orElse(Delivery.fresh(now));
              return alert.with(
                  Alert.slot(name, dueMessage.stage()), before.after(reply, now, random));
            });
    updated
        .flatMap(alert -> alert.delivery(name, dueMessage.stage()))
        .filter(delivery -> delivery.state() != DeliveryState.DELIVERED)
        .ifPresent(delivery ->
            LOG.atWarn()
                .addKeyValue("event", "alert.undelivered")
                .addKeyValue("channel", name)
                .addKeyValue("alert", dueMessage.alert().id())
                .addKeyValue("stage", dueMessage.stage().text())
                .addKeyValue("state", delivery.state().text())
                .addKeyValue("attempts", delivery.attempts())
                .addKeyValue("reason", delivery.said())
                .log("A channel did not accept an alert"));
  }

  /// Sends immediately, before all other messages, and records nothing.
  DeliveryResult send(AlertChannel channel, Alert alert, Stage stage) throws InterruptedException {
    try {
      return transport.send(
          messageFormatter.write(
              channel.spec(), alert.notification(stage, links.to(alert)), clock.now()));
    } catch (IOException e) {
      return new DeliveryResult.Deferred(String.valueOf(e.getMessage()), Optional.empty());
    }
  }

  private Optional<DueMessage> next(AlertChannel channel) {
    Instant now = clock.now();
    String name = channel.metadata().name();
    if (pausedUntil.getOrDefault(name, Instant.MIN).isAfter(now)) {
      return Optional.empty();
    }
    return alertStore.all().stream()
        .filter(alert -> wanted(channel, alert))
        .flatMap(alert -> dueMessage(channel, alert, now).stream())
        .findFirst();
  }

  /// A channel gets no alert that ended before the channel was created.
  private static boolean wanted(AlertChannel channel, Alert alert) {
    Instant since = channel.metadata().createdAt().orElse(Instant.MIN);
    boolean inTime =
        alert.event().oneTime()
            ? !alert.since().isBefore(since)
            : alert.over().map(over -> over.isAfter(since)).orElse(true);
    return inTime
        && channel
            .spec()
            .matches(alert.event(), alert.severity(), alert.namespace(), alert.service());
  }

  private Optional<DueMessage> dueMessage(AlertChannel channel, Alert alert, Instant now) {
    String name = channel.metadata().name();
    Delivery firing = alert.delivery(name, Stage.FIRING).orElse(Delivery.fresh(now));
    if (firing.state() == DeliveryState.WAITING) {
      return firing.due(now) || untried(name, alert)
          ? Optional.of(new DueMessage(alert, Stage.FIRING, false))
          : Optional.empty();
    }
    if (firing.state() == DeliveryState.DEAD) {
      return Optional.empty();
    }
    if (alert.over().isPresent()) {
      Delivery resolved = alert.delivery(name, Stage.RESOLVED).orElse(Delivery.fresh(now));
      return channel.spec().resolve() && resolved.due(now)
          ? Optional.of(new DueMessage(alert, Stage.RESOLVED, false))
          : Optional.empty();
    }
    return repeatDue(channel, alert, now)
        ? Optional.of(new DueMessage(alert, Stage.FIRING, true))
        : Optional.empty();
  }

  /// Whether this process has not tried to send it: after a start it does not wait for the backoff
  /// of the previous process.
  private boolean untried(String channel, Alert alert) {
    return !sentAt.containsKey(channel + "/" + alert.id());
  }

  private boolean repeatDue(AlertChannel channel, Alert alert, Instant now) {
    return channel.spec().type() == ChannelType.ALERTMANAGER
        && alert.firing()
        && !sentAt
            .getOrDefault(channel.metadata().name() + "/" + alert.id(), Instant.EPOCH)
            .plus(AlertmanagerPost.AGAIN_AFTER)
            .isAfter(now);
  }

  /// Removes the state of channels and alerts that no longer exist.
  void sweep() {
    pausedUntil.keySet().retainAll(channels());
    Set<String> known = alertStore.all().stream().map(Alert::id).collect(Collectors.toSet());
    sentAt.keySet().removeIf(key -> !known.contains(key.substring(key.lastIndexOf('/') + 1)));
  }
}
