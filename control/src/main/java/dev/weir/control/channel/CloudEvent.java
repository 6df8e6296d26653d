// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.time.Instant;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/// CloudEvents 1.0 in structured JSON. `id` is the same each time that the same is told.
final class CloudEvent {
  static final String CONTENT_TYPE = "application/cloudevents+json";

  private static final String SOURCE = "/weir/control";
  private static final String TYPE = "dev.weir.alert.";

  private CloudEvent() {}

  static String of(Notice notice, Instant now) {
    ObjectNode event =
        Json.object()
            .put("specversion", "1.0")
            .put("id", notice.telling())
            .put("source", SOURCE)
            .put("type", TYPE + notice.event().text().toLowerCase(Locale.ROOT))
            .put("subject", notice.subject())
            .put("time", notice.over().orElse(notice.since()).toString())
            .put("datacontenttype", "application/json");
    ObjectNode data = event.putObject("data");
    data.put("key", notice.key())
        .put("alert", notice.id())
        .put("status", notice.over().isPresent() ? "resolved" : "firing")
        .put("event", notice.event().text())
        .put("severity", notice.severity().text())
        .put("namespace", notice.namespace())
        .put("service", notice.service())
        .put("rollout", notice.rollout())
        .put("summary", notice.summary())
        .put("link", notice.link())
        .put("startsAt", notice.since().toString());
    notice.over().ifPresent(at -> data.put("endsAt", at.toString()));
    data.put("sentAt", now.toString());
    ObjectNode details = data.putObject("details");
    notice.sortedDetails().forEach(details::put);
    return Json.text(event);
  }
}
