// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.time.Instant;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/// CloudEvents 1.0 in structured JSON. A repeated event has the same `id`.
final class CloudEvent {
  static final String CONTENT_TYPE = "application/cloudevents+json";

  private static final String SOURCE = "/weir/control";
  private static final String TYPE = "dev.weir.alert.";

  private CloudEvent() {}

  static String of(Notification notification, Instant now) {
    ObjectNode event =
        MessageJson.object()
            .put("specversion", "1.0")
            .put("id", notification.deliveryId())
            .put("source", SOURCE)
            .put("type", TYPE + notification.event().text().toLowerCase(Locale.ROOT))
            .put("subject", notification.subject())
            .put("time", notification.over().orElse(notification.since()).toString())
            .put("datacontenttype", "application/json");
    ObjectNode data = event.putObject("data");
    data.put("key", notification.key())
        .put("alert", notification.id())
        .put("status", notification.over().isPresent() ? "resolved" : "firing")
        .put("event", notification.event().text())
        .put("severity", notification.severity().text())
        .put("namespace", notification.namespace())
        .put("service", notification.service())
        .put("rollout", notification.rollout())
        .put("summary", notification.summary())
        .put("link", notification.link())
        .put("startsAt", notification.since().toString());
    notification.over().ifPresent(at -> data.put("endsAt", at.toString()));
    data.put("sentAt", now.toString());
    ObjectNode details = data.putObject("details");
    notification.sortedDetails().forEach(details::put);
    return MessageJson.text(event);
  }
}
