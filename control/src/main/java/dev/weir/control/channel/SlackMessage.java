// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Formats a notification for an incoming webhook of Slack.
final class SlackMessage {
  private static final int MAX_TEXT = 2_900;
  private static final int MAX_FIELDS = 10;
  private static final int MAX_FIELD = 1_900;

  private SlackMessage() {}

  static String of(Notification notification) {
    ObjectNode message =
        MessageJson.object().put("text", MessageJson.cut(notification.title(), MAX_TEXT));
    ArrayNode blocks = message.putArray("blocks");
    section(blocks, "*" + escaped(notification.title()) + "*\n" + escaped(notification.summary()));
    if (!notification.details().isEmpty()) {
      ArrayNode fields = blocks.addObject().put("type", "section").putArray("fields");
      notification.sortedDetails().entrySet().stream()
          .limit(MAX_FIELDS)
          .forEach(detail ->
              fields
                  .addObject()
                  .put("type", "mrkdwn")
                  .put(
                      "text",
                      "*%s*\n%s"
                          .formatted(
                              escaped(detail.getKey()),
                              MessageJson.cut(escaped(detail.getValue()), MAX_FIELD))));
    }
    if (!notification.link().isEmpty()) {
      section(blocks, "<" + notification.link() + "|Details>");
    }
    return MessageJson.text(message);
  }

  private static void section(ArrayNode blocks, String text) {
    blocks
        .addObject()
        .put("type", "section")
        .putObject("text")
        .put("type", "mrkdwn")
        .put("text", MessageJson.cut(text, MAX_TEXT));
  }

  /// Escapes the three control characters of Slack.
  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
