// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import dev.weir.model.AlertChannelSpec.SmtpSpec;
import java.util.Map;
import java.util.Optional;

/// An alert as a mail in plain text. Mails about one alert are one thread.
final class MailText {
  private MailText() {}

  static Message.Mail of(SmtpSpec smtp, Optional<String> password, Notice notice) {
    StringBuilder text = new StringBuilder(notice.summary()).append("\n\n");
    line(text, "event", notice.event().text());
    line(text, "severity", notice.severity().text());
    line(text, "about", notice.subject());
    line(text, "rollout", notice.rollout());
    line(text, "since", notice.since().toString());
    line(text, "over", notice.over().map(Object::toString).orElse(""));
    notice.sortedDetails().forEach((name, value) -> line(text, name, value));
    line(text, "read on", notice.link());
    line(text, "alert", notice.id());
    return new Message.Mail(
        smtp.host(),
        smtp.port(),
        smtp.startTls(),
        smtp.username(),
        password,
        smtp.from(),
        smtp.to(),
        notice.title(),
        text.toString(),
        Map.of(
            "Message-ID", "<" + notice.telling() + "@weir>",
            "References", "<" + notice.id() + "@weir>",
            "X-Weir-Key", notice.key().replaceAll("[^ -~]", "?")));
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(name).append(": ").append(value.replaceAll("\\s+", " ")).append('\n');
    }
  }
}
