// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.model.spec.AlertChannelSpec;
import dev.weir.model.spec.AlertChannelSpec.ChannelType;
import dev.weir.model.spec.AlertChannelSpec.SmtpSpec;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.value.Severity;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What each type of channel is sent, byte for byte, and against the receivers' own schemas.
class MessageFormatterTest {
  private static final Logger LOG = LoggerFactory.getLogger(MessageFormatterTest.class);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Instant SINCE = Instant.parse("2026-11-26T09:00:00.250Z");
  private static final Instant NOW = Instant.parse("2026-11-26T09:00:01Z");

  private final MessageFormatter messageFormatter =
      new MessageFormatter(reference -> {
        if (reference.equals("env:GONE")) {
          throw new IOException("variable GONE is not set");
        }
        return reference.equals("env:SLACK")
            ? "https://hooks.slack.example/services/T0/B0/secret\n"
            : "0123456789abcdef0123456789abcdef";
      });

  static Notification notification(AlertEvent event, Optional<Instant> over) {
    return new Notification(
        "0a1b2c3d4e5f6071",
        event.text() + " default/chat chat-1",
        event,
        Severity.ERROR,
        "default",
        "chat",
        "chat-1",
        "chat@2 of service default/chat was reverted; chat@1 serves. Decided by <error> & ttft.",
        Map.of("from", "chat@1", "to", "chat@2"),
        "http://weir:7070/api/v1/namespaces/default/rollouts/chat-1/evidence",
        SINCE,
        over);
  }

  private static AlertChannelSpec channel(
      ChannelType type, Optional<String> url, Optional<String> credential) {
    return new AlertChannelSpec(
        type,
        url.map(URI::create),
        credential,
        List.of(),
        List.of(),
        List.of(),
        Severity.INFO,
        true,
        type == ChannelType.EMAIL
            ? Optional.of(
                new SmtpSpec(
                    "mail.example",
                    587,
                    "weir@example.com",
                    List.of("oncall@example.com"),
                    Optional.of("weir"),
                    true))
            : Optional.empty());
  }

  private static AlertChannelSpec channel(ChannelType type) {
    return switch (type) {
      case WEBHOOK ->
          channel(type, Optional.of("https://hooks.example/in"), Optional.of("env:KEY"));
      case ALERTMANAGER -> channel(type, Optional.of("http://am:9093/"), Optional.of("env:KEY"));
      case SLACK -> channel(type, Optional.empty(), Optional.of("env:SLACK"));
      case PAGERDUTY, EMAIL -> channel(type, Optional.empty(), Optional.of("env:KEY"));
    };
  }

  private Message.Post post(ChannelType type, AlertEvent event, Optional<Instant> over)
      throws IOException {
    return (Message.Post) messageFormatter.write(channel(type), notification(event, over), NOW);
  }

  private static JsonNode expected(String name) throws IOException {
    try (InputStream in = MessageFormatterTest.class.getResourceAsStream(name)) {
      return JSON.readTree(
          new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @EnumSource(value = ChannelType.class, names = "EMAIL", mode = EnumSource.Mode.EXCLUDE)
  void each_type_is_sent_what_stands_in_its_file(ChannelType type) throws IOException {
    assertThat(JSON.readTree(post(type, AlertEvent.ROLLOUT_REVERTED, Optional.empty()).body()))
        .isEqualTo(expected(type.text() + "-firing.json"));
    assertThat(
            JSON.readTree(
                post(type, AlertEvent.ROLLOUT_REVERTED, Optional.of(SINCE.plusSeconds(60))).body()))
        .isEqualTo(expected(type.text() + "-resolved.json"));
  }

  @Test
  void each_goes_where_it_belongs_with_what_opens_the_door() throws IOException {
    Message.Post webhook = post(ChannelType.WEBHOOK, AlertEvent.CRASH_LOOP, Optional.empty());
    assertThat(webhook.contentType()).isEqualTo("application/cloudevents+json");
    assertThat(webhook.headers())
        .containsEntry(
            "x-weir-signature",
            HmacSignature.of("0123456789abcdef0123456789abcdef", webhook.body()));
    assertThat(post(ChannelType.SLACK, AlertEvent.CRASH_LOOP, Optional.empty()).to())
        .hasToString("https://hooks.slack.example/services/T0/B0/secret");
    Message.Post alertmanager =
        post(ChannelType.ALERTMANAGER, AlertEvent.CRASH_LOOP, Optional.empty());
    assertThat(alertmanager.to()).hasToString("http://am:9093/api/v2/alerts");
    assertThat(alertmanager.headers())
        .containsEntry("Authorization", "Bearer 0123456789abcdef0123456789abcdef");
    assertThat(post(ChannelType.PAGERDUTY, AlertEvent.CRASH_LOOP, Optional.empty()).to())
        .hasToString("https://events.pagerduty.com/v2/enqueue");
  }

  @Test
  void a_phase_is_a_change_and_no_incident_for_pagerduty() throws IOException {
    Message.Post change = post(ChannelType.PAGERDUTY, AlertEvent.ROLLOUT_PHASE, Optional.empty());
    assertThat(change.to()).hasToString("https://events.pagerduty.com/v2/change/enqueue");
    assertThat(JSON.readTree(change.body())).isEqualTo(expected("pagerduty-change.json"));
  }

  /// RFC 4231, test case 2.
  @Test
  void the_signature_is_the_hmac_of_the_body() {
    assertThat(HmacSignature.of("Jefe", "what do ya want for nothing?"))
        .isEqualTo("sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  }

  @Test
  void a_mail_says_it_in_words_and_is_the_same_mail_when_sent_again() throws IOException {
    Message.Mail mail =
        (Message.Mail)
            messageFormatter.write(
                channel(ChannelType.EMAIL),
                notification(AlertEvent.ROLLOUT_REVERTED, Optional.empty()),
                NOW);
    assertThat(mail.subject()).isEqualTo("[error] rolloutReverted default/chat");
    assertThat(mail.text())
        .startsWith("chat@2 of service default/chat was reverted")
        .contains("from: chat@1\n")
        .contains("since: 2026-11-26T09:00:00.250Z\n");
    assertThat(mail.headers()).containsEntry("Message-ID", "<0a1b2c3d4e5f6071-firing@weir>");
    assertThat(mail.password()).contains("0123456789abcdef0123456789abcdef");
  }

  @Test
  void a_secret_that_is_not_there_is_named_and_one_that_is_no_url_is_not_repeated() {
    assertThatThrownBy(() ->
            messageFormatter.write(
                channel(ChannelType.PAGERDUTY, Optional.empty(), Optional.of("env:GONE")),
                notification(AlertEvent.TEST, Optional.empty()),
                NOW))
        .hasMessage("the channel's credential variable GONE is not set");
    MessageFormatter wrong = new MessageFormatter(reference -> "not a url, but secret");
    assertThatThrownBy(() ->
            wrong.write(
                channel(ChannelType.SLACK), notification(AlertEvent.TEST, Optional.empty()), NOW))
        .hasMessage("the channel's credential env:SLACK is not a URL")
        .hasNoCause();
  }

  @Test
  void long_texts_are_cut_to_what_receivers_take() throws IOException {
    Notification small = notification(AlertEvent.CRASH_LOOP, Optional.empty());
    Notification large =
        new Notification(
            small.id(),
            "k".repeat(400),
            small.event(),
            small.severity(),
            small.namespace(),
            small.service(),
            small.rollout(),
            "😀".repeat(4_000),
            small.details(),
            small.link(),
            SINCE,
            Optional.empty());
    JsonNode page =
        JSON.readTree(
            ((Message.Post) messageFormatter.write(channel(ChannelType.PAGERDUTY), large, NOW))
                .body());
    assertThat(page.path("payload").path("summary").asString().length()).isLessThanOrEqualTo(1_024);
    assertThat(page.path("dedup_key").asString()).hasSize(255);
    JsonNode slack =
        JSON.readTree(
            ((Message.Post) messageFormatter.write(channel(ChannelType.SLACK), large, NOW)).body());
    assertThat(slack.path("blocks").path(0).path("text").path("text").asString().length())
        .isLessThanOrEqualTo(3_000);
  }

  @Test
  void cloud_events_and_pages_and_alerts_are_what_their_own_schemas_allow() throws IOException {
    Optional<Path> specs = specs();
    if (specs.isEmpty()) {
      LOG.warn("SKIPPED: no recorded schemas of receivers (shared/data/specs) above the checkout");
    }
    assumeTrue(specs.isPresent(), "no recorded schemas above the checkout");
    JsonNode cloudEvents = read(specs.get().resolve("cloudevents/cloudevents.json"));
    JsonNode pagerDuty = read(specs.get().resolve("alerting/pagerduty-events-v2-openapi.json"));
    for (AlertEvent event : AlertEvent.values()) {
      for (Optional<Instant> over : List.of(Optional.<Instant>empty(), Optional.of(NOW))) {
        assertThat(
                SchemaCheck.problems(
                    cloudEvents, cloudEvents, body(ChannelType.WEBHOOK, event, over)))
            .isEmpty();
        String path = event == AlertEvent.ROLLOUT_PHASE ? "/change/enqueue" : "/enqueue";
        JsonNode page =
            pagerDuty
                .path("paths")
                .path(path)
                .at("/post/requestBody/content/application~1json/schema");
        assertThat(page.isObject()).as(path).isTrue();
        assertThat(SchemaCheck.problems(pagerDuty, page, body(ChannelType.PAGERDUTY, event, over)))
            .isEmpty();
      }
    }
    ObjectNode broken =
        (ObjectNode) body(ChannelType.WEBHOOK, AlertEvent.CRASH_LOOP, Optional.empty());
    broken.remove("specversion");
    assertThat(SchemaCheck.problems(cloudEvents, cloudEvents, broken)).hasSize(1);
  }

  private JsonNode body(ChannelType type, AlertEvent event, Optional<Instant> over)
      throws IOException {
    return JSON.readTree(post(type, event, over).body());
  }

  private static JsonNode read(Path file) throws IOException {
    return JSON.readTree(Files.readString(file));
  }

  /// Beside the checkout, where there are any.
  private static Optional<Path> specs() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null) {
      Path found = at.resolve("shared/data/specs");
      if (Files.isDirectory(found.resolve("alerting"))) {
        return Optional.of(found);
      }
      at = at.getParent();
    }
    return Optional.empty();
  }
}
