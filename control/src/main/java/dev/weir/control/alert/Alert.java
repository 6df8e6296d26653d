// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.channel.Notification;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.value.Severity;
import dev.weir.model.view.AlertView;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A stored alert with its deliveries to each channel.
///
/// @param over when it ended; empty while it fires, and for one-time events
/// @param deliveries by channel and stage, see [#slot]
record Alert(
    String id,
    String key,
    AlertEvent event,
    Severity severity,
    String namespace,
    String service,
    String rollout,
    String summary,
    Map<String, String> details,
    Instant since,
    Optional<Instant> over,
    Map<String, Delivery> deliveries) {
  private static final int ID_DIGITS = 16;
  private static final int MAX_SUMMARY_CHARS = 2_000;

  /// The part of an alert's life that a message reports.
  enum Stage {
    FIRING("firing"),
    RESOLVED("resolved");

    private final String text;

    Stage(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  Alert {
    details = Map.copyOf(details);
    deliveries = Map.copyOf(deliveries);
  }

  static Alert of(AlertCondition condition, Instant now) {
    Instant since = condition.since().orElse(now);
    String summary = condition.summary();
    return new Alert(
        id(condition.key(), since),
        condition.key(),
        condition.event(),
        condition.severity(),
        condition.namespace(),
        condition.service(),
        condition.rollout(),
        summary.length() > MAX_SUMMARY_CHARS ? summary.substring(0, MAX_SUMMARY_CHARS) : summary,
        condition.details(),
        since,
        Optional.empty(),
        Map.of());
  }

  /// The same condition with the same start is the same alert, in any process.
  private static String id(String key, Instant since) {
    byte[] text = (key + " " + since.toEpochMilli()).getBytes(StandardCharsets.UTF_8);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
      return HexFormat.of().formatHex(digest).substring(0, ID_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// The key of a delivery in [#deliveries].
  static String slot(String channel, Stage stage) {
    return channel + "/" + stage.text();
  }

  boolean firing() {
    return over.isEmpty() && !event.oneTime();
  }

  Alert ended(Instant at) {
    return new Alert(
        id,
        key,
        event,
        severity,
        namespace,
        service,
        rollout,
        summary,
        details,
        since,
        Optional.of(at),
        deliveries);
  }

  Optional<Delivery> delivery(String channel, Stage stage) {
    return Optional.ofNullable(deliveries.get(slot(channel, stage)));
  }

  Alert with(String slot, Delivery delivery) {
    Map<String, Delivery> next = new TreeMap<>(deliveries);
    next.put(slot, delivery);
    return with(next);
  }

  Alert with(Map<String, Delivery> next) {
    return new Alert(
        id, key, event, severity, namespace, service, rollout, summary, details, since, over, next);
  }

  Notification notification(Stage stage, String link) {
    return new Notification(
        id,
        key,
        event,
        severity,
        namespace,
        service,
        rollout,
        summary,
        details,
        link,
        since,
        stage == Stage.RESOLVED ? over : Optional.empty());
  }

  AlertView view(String link) {
    List<AlertView.DeliveryView> shown = new ArrayList<>();
    new TreeMap<>(deliveries)
        .forEach((slot, delivery) -> {
          int slash = slot.lastIndexOf('/');
          shown.add(
              new AlertView.DeliveryView(
                  slot.substring(0, slash),
                  slot.substring(slash + 1),
                  delivery.state(),
                  delivery.attempts(),
                  delivery.state() == AlertView.DeliveryState.WAITING
                      ? Optional.of(delivery.next())
                      : Optional.empty(),
                  delivery.said()));
        });
    return new AlertView(
        id, key, event, severity, namespace, service, rollout, summary, details, link, since, over,
        shown);
  }
}
