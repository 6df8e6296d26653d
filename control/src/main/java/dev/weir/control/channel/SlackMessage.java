// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What an incoming webhook of Slack takes.
final class SlackMessage {
  private static final int MOST_TEXT = 2_900;
  private static final int MOST_FIELDS = 10;
  private static final int MOST_FIELD = 1_900;

  private SlackMessage() {}

  static String of(Notification notification) {
    ObjectNode message =
        MessageJson.object().put("text", MessageJson.cut(notification.title(), MOST_TEXT));
    ArrayNode blocks = message.putArray("blocks");
    section(blocks, "*" + escaped(notification.title()) + "*\n" + escaped(notification.summary()));
    if (!notification.details().isEmpty()) {
      ArrayNode fields = blocks.addObject().put("type", "section").putArray("fields");
      notification.sortedDetails().entrySet().stream()
          .limit(MOST_FIELDS)
          .forEach(detail ->
              fields
                  .addObject()
                  .put("type", "mrkdwn")
                  .put(
                      "text",
                      "*%s*\n%s"
                          .formatted(
                              escaped(detail.getKey()),
                              MessageJson.cut(escaped(detail.getValue()), MOST_FIELD))));
    }
    if (!notification.link().isEmpty()) {
      section(blocks, "<" + notification.link() + "|Read on>");
    }
    return MessageJson.text(message);
  }

  private static void section(ArrayNode blocks, String text) {
    blocks
        .addObject()
        .put("type", "section")
        .putObject("text")
        .put("type", "mrkdwn")
        .put("text", MessageJson.cut(text, MOST_TEXT));
  }

  /// Three characters mean something to Slack.
  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
