// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import tools.jackson.databind.node.ObjectNode;

/// PagerDuty Events API v2: one incident for each key.
final class PagerDutyEvent {
  private static final int MAX_SUMMARY = 1_024;
  private static final int MAX_KEY = 255;

  private PagerDutyEvent() {}

  static String of(Notification notification, String routingKey) {
    ObjectNode event =
        MessageJson.object()
            .put("routing_key", routingKey)
            .put("event_action", notification.over().isPresent() ? "resolve" : "trigger")
            .put("dedup_key", MessageJson.cut(notification.key(), MAX_KEY));
    ObjectNode payload = event.putObject("payload");
    payload
        .put(
            "summary",
            MessageJson.cut(notification.title() + ": " + notification.summary(), MAX_SUMMARY))
        .put("source", "weir")
        .put("severity", notification.severity().text())
        .put("timestamp", notification.since().toString())
        .put("component", notification.service())
        .put("group", notification.namespace())
        .put("class", notification.event().text());
    ObjectNode details = payload.putObject("custom_details");
    notification.sortedDetails().forEach(details::put);
    event.put("client", "Weir");
    link(event, notification);
    return MessageJson.text(event);
  }

  /// A change event.
  static String change(Notification notification, String routingKey) {
    ObjectNode event = MessageJson.object().put("routing_key", routingKey);
    ObjectNode payload =
        event
            .putObject("payload")
            .put("summary", MessageJson.cut(notification.summary(), MAX_SUMMARY))
            .put("source", "weir")
            .put("timestamp", notification.since().toString());
    ObjectNode details = payload.putObject("custom_details").put("key", notification.key());
    notification.sortedDetails().forEach(details::put);
    link(event, notification);
    return MessageJson.text(event);
  }

  private static void link(ObjectNode event, Notification notification) {
    if (!notification.link().isEmpty()) {
      event.putArray("links").addObject().put("href", notification.link()).put("text", "Details");
    }
  }
}
