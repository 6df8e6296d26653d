// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.alert.Alert.Stage;
import dev.weir.control.channel.AlertmanagerPost;
import dev.weir.control.channel.Reply;
import dev.weir.control.channel.Transport;
import dev.weir.control.channel.Writing;
import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.LookClock;
import dev.weir.model.AlertChannel;
import dev.weir.model.AlertChannelSpec.ChannelType;
import dev.weir.model.AlertView.DeliveryState;
import dev.weir.model.Kind;
import dev.weir.model.ResourceRef;
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

/// Brings alerts to channels, one message at a time for each channel: first that something is so,
/// then that it is over. What was sent and not noted is sent again by whoever takes over, under the
/// same name.
final class Courier {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  private final AlertBook book;
  private final Catalogue.Reader catalogue;
  private final Writing writing;
  private final Transport transport;
  private final Links links;
  private final LookClock clock;
  private final RandomGenerator random;
  private final CrashPoints crashPoints;

  /// Until when a channel asked to be left alone.
  private final Map<String, Instant> heldUntil = new ConcurrentHashMap<>();

  /// When a channel that forgets was last told what is still so, by channel and alert.
  private final Map<String, Instant> toldAt = new ConcurrentHashMap<>();

  /// Something that a channel is to be told now.
  ///
  /// @param again it was told before, and is about to be forgotten there
  private record Due(Alert alert, Stage stage, boolean again) {}

  Courier(
      AlertBook book,
      Catalogue.Reader catalogue,
      Writing writing,
      Transport transport,
      Links links,
      LookClock clock,
      RandomGenerator random,
      CrashPoints crashPoints) {
    this.book = book;
    this.catalogue = catalogue;
    this.writing = writing;
    this.transport = transport;
    this.links = links;
    this.clock = clock;
    this.random = random;
    this.crashPoints = crashPoints;
  }

  List<String> channels() {
    return catalogue.current().channels().keySet().stream().map(ResourceRef::name).toList();
  }

  Optional<AlertChannel> channel(String name) {
    return Optional.ofNullable(
        catalogue.current().channels().get(ResourceRef.of(Kind.ALERT_CHANNEL, "", name)));
  }

  /// Whether there is something to send now.
  boolean busy(String name) {
    return channel(name).flatMap(this::next).isPresent();
  }

  /// Sends what is due first.
  ///
  /// @return whether there was anything
  boolean deliver(String name) throws InterruptedException {
    Optional<AlertChannel> channel = channel(name);
    Optional<Due> next = channel.flatMap(this::next);
    if (channel.isEmpty() || next.isEmpty()) {
      return false;
    }
    deliver(channel.get(), next.get());
    return true;
  }

  private void deliver(AlertChannel channel, Due due) throws InterruptedException {
    String name = channel.metadata().name();
    Reply reply = send(channel, due.alert(), due.stage());
    crashPoints.pass(CrashPoint.ALERT_SENT);
    Instant now = clock.now();
    if (reply instanceof Reply.Later later) {
      later.after().ifPresent(wait -> heldUntil.put(name, now.plus(wait)));
    }
    toldAt.put(name + "/" + due.alert().id(), now);
    if (due.again()) {
      return;
    }
    Optional<Alert> noted =
        book.change(
            due.alert().id(),
            alert -> {
              Delivery before = alert.delivery(name, due.stage()).orElse(Delivery.fresh(now));
              return alert.with(Alert.slot(name, due.stage()), before.after(reply, now, random));
            });
    noted
        .flatMap(alert -> alert.delivery(name, due.stage()))
        .filter(delivery -> delivery.state() != DeliveryState.DELIVERED)
        .ifPresent(delivery ->
            LOG.warn(
                "event=alert.undelivered channel={} alert={} stage={} state={} attempts={} said=\"{}\"",
                name,
                due.alert().id(),
                due.stage().text(),
                delivery.state().text(),
                delivery.attempts(),
                delivery.said()));
  }

  /// Sends at once, whatever else is to be sent, and notes nothing.
  Reply send(AlertChannel channel, Alert alert, Stage stage) throws InterruptedException {
    try {
      return transport.send(
          writing.write(channel.spec(), alert.notice(stage, links.to(alert)), clock.now()));
    } catch (IOException e) {
      return new Reply.Later(String.valueOf(e.getMessage()), Optional.empty());
    }
  }

  private Optional<Due> next(AlertChannel channel) {
    Instant now = clock.now();
    String name = channel.metadata().name();
    if (heldUntil.getOrDefault(name, Instant.MIN).isAfter(now)) {
      return Optional.empty();
    }
    return book.all().stream()
        .filter(alert -> meant(channel, alert))
        .flatMap(alert -> due(channel, alert, now).stream())
        .findFirst();
  }

  /// What was over before there was the channel is none of its business.
  private static boolean meant(AlertChannel channel, Alert alert) {
    Instant since = channel.metadata().createdAt().orElse(Instant.MIN);
    boolean inTime =
        alert.event().news()
            ? !alert.since().isBefore(since)
            : alert.over().map(over -> over.isAfter(since)).orElse(true);
    return inTime
        && channel
            .spec()
            .wants(alert.event(), alert.severity(), alert.namespace(), alert.service());
  }

  private Optional<Due> due(AlertChannel channel, Alert alert, Instant now) {
    String name = channel.metadata().name();
    Delivery firing = alert.delivery(name, Stage.FIRING).orElse(Delivery.fresh(now));
    if (firing.state() == DeliveryState.WAITING) {
      return firing.due(now) || untried(name, alert)
          ? Optional.of(new Due(alert, Stage.FIRING, false))
          : Optional.empty();
    }
    if (firing.state() == DeliveryState.DEAD) {
      return Optional.empty();
    }
    if (alert.over().isPresent()) {
      Delivery resolved = alert.delivery(name, Stage.RESOLVED).orElse(Delivery.fresh(now));
      return channel.spec().resolve() && resolved.due(now)
          ? Optional.of(new Due(alert, Stage.RESOLVED, false))
          : Optional.empty();
    }
    return forgotten(channel, alert, now)
        ? Optional.of(new Due(alert, Stage.FIRING, true))
        : Optional.empty();
  }

  /// Whether this control plane has not tried yet: one that has just begun does not wait for what
  /// another one met.
  private boolean untried(String channel, Alert alert) {
    return !toldAt.containsKey(channel + "/" + alert.id());
  }

  private boolean forgotten(AlertChannel channel, Alert alert, Instant now) {
    return channel.spec().type() == ChannelType.ALERTMANAGER
        && alert.firing()
        && !toldAt
            .getOrDefault(channel.metadata().name() + "/" + alert.id(), Instant.EPOCH)
            .plus(AlertmanagerPost.AGAIN_AFTER)
            .isAfter(now);
  }

  /// Forgets what is known of channels and alerts that are gone.
  void sweep() {
    heldUntil.keySet().retainAll(channels());
    Set<String> known = book.all().stream().map(Alert::id).collect(Collectors.toSet());
    toldAt.keySet().removeIf(key -> !known.contains(key.substring(key.lastIndexOf('/') + 1)));
  }
}
