// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import tools.jackson.databind.node.ObjectNode;

/// PagerDuty Events API v2: one incident for each key.
final class PagerDutyEvent {
  private static final int MOST_SUMMARY = 1_024;
  private static final int MOST_KEY = 255;

  private PagerDutyEvent() {}

  static String of(Notice notice, String routingKey) {
    ObjectNode event =
        Json.object()
            .put("routing_key", routingKey)
            .put("event_action", notice.over().isPresent() ? "resolve" : "trigger")
            .put("dedup_key", Json.cut(notice.key(), MOST_KEY));
    ObjectNode payload = event.putObject("payload");
    payload
        .put("summary", Json.cut(notice.title() + ": " + notice.summary(), MOST_SUMMARY))
        .put("source", "weir")
        .put("severity", notice.severity().text())
        .put("timestamp", notice.since().toString())
        .put("component", notice.service())
        .put("group", notice.namespace())
        .put("class", notice.event().text());
    ObjectNode details = payload.putObject("custom_details");
    notice.sortedDetails().forEach(details::put);
    event.put("client", "Weir");
    link(event, notice);
    return Json.text(event);
  }

  /// A change event.
  static String change(Notice notice, String routingKey) {
    ObjectNode event = Json.object().put("routing_key", routingKey);
    ObjectNode payload =
        event
            .putObject("payload")
            .put("summary", Json.cut(notice.summary(), MOST_SUMMARY))
            .put("source", "weir")
            .put("timestamp", notice.since().toString());
    ObjectNode details = payload.putObject("custom_details").put("key", notice.key());
    notice.sortedDetails().forEach(details::put);
    link(event, notice);
    return Json.text(event);
  }

  private static void link(ObjectNode event, Notice notice) {
    if (!notice.link().isEmpty()) {
      event.putArray("links").addObject().put("href", notice.link()).put("text", "Read on");
    }
  }
}
