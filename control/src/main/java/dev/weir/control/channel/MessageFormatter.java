// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import dev.weir.model.spec.AlertChannelSpec;
import dev.weir.model.spec.AlertEvent;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Formats a notification for the type of its channel.
public final class MessageFormatter {
  private static final URI PAGERDUTY = URI.create("https://events.pagerduty.com/v2/enqueue");
  private static final String JSON = "application/json";

  private final SecretResolver secrets;

  public MessageFormatter(SecretResolver secrets) {
    this.secrets = secrets;
  }

  /// @param now the time of sending
  /// @throws IOException if a secret cannot be read
  public Message write(AlertChannelSpec channel, Notification notification, Instant now)
      throws IOException {
    return switch (channel.type()) {
      case WEBHOOK -> webhook(channel, CloudEvent.of(notification, now));
      case SLACK -> json(secretUrl(channel), SlackMessage.of(notification));
      case PAGERDUTY -> pagerDuty(channel.url().orElse(PAGERDUTY), notification, secret(channel));
      case ALERTMANAGER -> alertmanager(channel, AlertmanagerPost.of(notification, now));
      case EMAIL -> MailText.of(channel.smtp().orElseThrow(), password(channel), notification);
    };
  }

  private static Message json(URI to, String body) {
    return new Message.Post(to, JSON, body, Map.of());
  }

  /// Normal progress becomes a change event, which PagerDuty shows beside incidents.
  private static Message pagerDuty(URI enqueue, Notification notification, String routingKey) {
    return notification.event() == AlertEvent.ROLLOUT_PHASE
        ? json(enqueue.resolve("change/enqueue"), PagerDutyEvent.change(notification, routingKey))
        : json(enqueue, PagerDutyEvent.of(notification, routingKey));
  }

  private Message webhook(AlertChannelSpec channel, String body) throws IOException {
    Map<String, String> headers =
        channel.credential().isPresent()
            ? Map.of(HmacSignature.HEADER, HmacSignature.of(secret(channel), body))
            : Map.of();
    return new Message.Post(channel.url().orElseThrow(), CloudEvent.CONTENT_TYPE, body, headers);
  }

  private Message alertmanager(AlertChannelSpec channel, String body) throws IOException {
    Map<String, String> headers =
        channel.credential().isPresent()
            ? Map.of("Authorization", "Bearer " + secret(channel))
            : Map.of();
    return new Message.Post(
        AlertmanagerPost.under(channel.url().orElseThrow()), JSON, body, headers);
  }

  private Optional<String> password(AlertChannelSpec channel) throws IOException {
    return channel.credential().isPresent() ? Optional.of(secret(channel)) : Optional.empty();
  }

  private String secret(AlertChannelSpec channel) throws IOException {
    String reference = channel.credential().orElseThrow();
    try {
      return secrets.read(reference).strip();
    } catch (IOException e) {
      throw new IOException("the channel's credential " + e.getMessage(), e);
    }
  }

  private URI secretUrl(AlertChannelSpec channel) throws IOException {
    try {
      return new URI(secret(channel));
    } catch (URISyntaxException e) {
      // The message of the cause contains the secret.
      throw new IOException(
          "the channel's credential " + channel.credential().orElse("") + " is not a URL");
    }
  }
}
