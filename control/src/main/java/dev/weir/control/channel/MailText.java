// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import dev.weir.model.spec.AlertChannelSpec.SmtpSpec;
import java.util.Map;
import java.util.Optional;

/// Formats an alert as a plain-text mail. Mails about one alert form one thread.
final class MailText {
  private MailText() {}

  static Message.Mail of(SmtpSpec smtp, Optional<String> password, Notification notification) {
    StringBuilder text = new StringBuilder(notification.summary()).append("\n\n");
    line(text, "event", notification.event().text());
    line(text, "severity", notification.severity().text());
    line(text, "about", notification.subject());
    line(text, "rollout", notification.rollout());
    line(text, "since", notification.since().toString());
    line(text, "resolved", notification.over().map(Object::toString).orElse(""));
    notification.sortedDetails().forEach((name, value) -> line(text, name, value));
    line(text, "details", notification.link());
    line(text, "alert", notification.id());
    return new Message.Mail(
        smtp.host(),
        smtp.port(),
        smtp.startTls(),
        smtp.username(),
        password,
        smtp.from(),
        smtp.to(),
        notification.title(),
        text.toString(),
        Map.of(
            "Message-ID", "<" + notification.deliveryId() + "@weir>",
            "References", "<" + notification.id() + "@weir>",
            "X-Weir-Key", notification.key().replaceAll("[^ -~]", "?")));
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(name).append(": ").append(value.replaceAll("\\s+", " ")).append('\n');
    }
  }
}
