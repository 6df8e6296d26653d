// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Alertmanager's API v2. It forgets an alert that it does not hear of again, so what is still so
/// is sent again every [#AGAIN_AFTER] with an end that lies ahead, as Prometheus does.
public final class AlertmanagerPost {
  public static final Duration AGAIN_AFTER = Duration.ofMinutes(1);

  private static final Duration HOLDS = AGAIN_AFTER.multipliedBy(5);
  private static final String PATH = "/api/v2/alerts";

  private AlertmanagerPost() {}

  static URI under(URI base) {
    String text = base.toString();
    return URI.create((text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + PATH);
  }

  /// The annotations stand in the last telling too: it replaces those of the one before.
  static String of(Notice notice, Instant now) {
    ArrayNode alerts = JsonNodeFactory.instance.arrayNode();
    ObjectNode alert = alerts.addObject();
    ObjectNode labels = alert.putObject("labels");
    labels
        .put("alertname", "Weir" + capital(notice.event().text()))
        .put("severity", notice.severity().text())
        .put("key", notice.key());
    label(labels, "namespace", notice.namespace());
    label(labels, "service", notice.service());
    label(labels, "rollout", notice.rollout());
    ObjectNode annotations = alert.putObject("annotations").put("summary", notice.summary());
    notice.sortedDetails().forEach(annotations::put);
    alert.put("startsAt", notice.since().toString());
    alert.put("endsAt", notice.over().orElse(now.plus(HOLDS)).toString());
    if (!notice.link().isEmpty()) {
      alert.put("generatorURL", notice.link());
    }
    return Json.text(alerts);
  }

  private static void label(ObjectNode labels, String name, String value) {
    if (!value.isEmpty()) {
      labels.put(name, value);
    }
  }

  private static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
