// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Alertmanager's API v2. Alertmanager forgets an alert that is not repeated, so a firing alert is
/// sent again every [#AGAIN_AFTER] with an end in the future, as Prometheus does.
public final class AlertmanagerPost {
  public static final Duration AGAIN_AFTER = Duration.ofMinutes(1);

  private static final Duration EXPIRES_AFTER = AGAIN_AFTER.multipliedBy(5);
  private static final String PATH = "/api/v2/alerts";

  private AlertmanagerPost() {}

  static URI under(URI base) {
    String text = base.toString();
    return URI.create((text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + PATH);
  }

  /// A resolved alert has the annotations too, because it replaces the earlier ones.
  static String of(Notification notification, Instant now) {
    ArrayNode alerts = JsonNodeFactory.instance.arrayNode();
    ObjectNode alert = alerts.addObject();
    ObjectNode labels = alert.putObject("labels");
    labels
        .put("alertname", "Weir" + capitalized(notification.event().text()))
        .put("severity", notification.severity().text())
        .put("key", notification.key());
    label(labels, "namespace", notification.namespace());
    label(labels, "service", notification.service());
    label(labels, "rollout", notification.rollout());
    ObjectNode annotations = alert.putObject("annotations").put("summary", notification.summary());
    notification.sortedDetails().forEach(annotations::put);
    alert.put("startsAt", notification.since().toString());
    alert.put("endsAt", notification.over().orElse(now.plus(EXPIRES_AFTER)).toString());
    if (!notification.link().isEmpty()) {
      alert.put("generatorURL", notification.link());
    }
    return MessageJson.text(alerts);
  }

  private static void label(ObjectNode labels, String name, String value) {
    if (!value.isEmpty()) {
      labels.put(name, value);
    }
  }

  private static String capitalized(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
