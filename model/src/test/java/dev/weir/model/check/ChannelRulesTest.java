// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.AlertChannel;
import dev.weir.model.codec.Manifests;
import dev.weir.model.codec.ParsedManifests;
import dev.weir.model.spec.AlertChannelSpec;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Problem;
import dev.weir.model.value.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelRulesTest {
  private static final String HEAD =
      "{apiVersion: weir.dev/v1, kind: AlertChannel, metadata: {name: pager}, spec: ";

  private static List<String> problems(String spec) {
    ParsedManifests parsed = Manifests.read(HEAD + spec + "}");
    List<Problem> problems =
        parsed.ok() ? ResourceChecks.of(parsed.resources().getFirst()) : parsed.problems();
    return problems.stream().map(Problem::toString).toList();
  }

  private static AlertChannelSpec spec(String spec) {
    return ((AlertChannel) Manifests.read(HEAD + spec + "}").resources().getFirst()).spec();
  }

  @Test
  void each_type_says_where_it_leads() {
    assertThat(problems("{type: webhook}"))
        .containsExactly("spec.url: must be given: the URL that receives events");
    assertThat(problems("{type: alertmanager}")).hasSize(1);
    assertThat(problems("{type: pagerduty}"))
        .containsExactly(
            "spec.credential: must be given: env:NAME or file:PATH of the routing key");
    assertThat(problems("{type: email}"))
        .containsExactly("spec.smtp: must be given: host, port, from and to");
    assertThat(problems("{type: webhook, url: 'http://hooks:8000/in?room=7'}")).isEmpty();
    assertThat(problems("{type: pagerduty, credential: env:PD_KEY}")).isEmpty();
  }

  @Test
  void the_url_of_a_slack_webhook_is_a_secret() {
    assertThat(problems("{type: slack, url: 'https://hooks.slack.com/services/T0/B0/x'}"))
        .containsExactly(
            "spec.url: must be left out: the webhook URL is a secret: set credential instead",
            "spec.credential: must be given: env:NAME or file:PATH of the webhook's URL");
    assertThat(problems("{type: slack, credential: 'https://hooks.slack.com/services/T0/B0/x'}"))
        .singleElement()
        .asString()
        .startsWith("spec.credential: must be a reference to a secret")
        .doesNotContain("T0");
  }

  @Test
  void what_must_never_be_called_is_refused() {
    assertThat(problems("{type: webhook, url: 'http://169.254.169.254/latest'}"))
        .singleElement()
        .asString()
        .contains("link-local");
    assertThat(problems("{type: webhook, url: 'http://0xa9fea9fe/latest'}")).hasSize(1);
    assertThat(problems("{type: webhook, url: 'https://hooks/../in'}")).hasSize(1);
    assertThat(
            problems("{type: email, smtp: {host: '0xa9fea9fe', from: a@b.example, to: [c@d.e]}}"))
        .hasSize(1);
    assertThat(problems("{type: webhook, url: 'ftp://hooks/in'}")).hasSize(1);
    assertThat(problems("{type: webhook, url: 'https://u:secretword@hooks/in'}"))
        .singleElement()
        .asString()
        .doesNotContain("secretword");
    assertThat(
            problems(
                "{type: email, smtp: {host: 169.254.169.254, from: a@b.example, to: [c@d.e]}}"))
        .hasSize(1);
  }

  @Test
  void a_password_goes_with_a_user_and_never_in_the_clear() {
    String smtp = "smtp: {host: mail, from: a@b.example, to: [c@d.example], ";
    assertThat(problems("{type: email, credential: env:PW, " + smtp + "username: weir}}"))
        .isEmpty();
    assertThat(problems("{type: email, " + smtp + "username: weir}}")).hasSize(1);
    assertThat(
            problems(
                "{type: email, credential: env:PW, " + smtp + "username: w, startTls: false}}"))
        .containsExactly(
            "spec.smtp.startTls = false: must be true with a username: Weir never sends a password"
                + " unencrypted");
  }

  @Test
  void a_channel_wants_what_it_names_and_no_more() {
    AlertChannelSpec narrow =
        spec(
            "{type: webhook, url: 'http://h', events: [crashLoop], namespaces: [search], services:"
                + " [chat], minSeverity: error}");
    assertThat(narrow.matches(AlertEvent.CRASH_LOOP, Severity.ERROR, "search", "chat")).isTrue();
    assertThat(narrow.matches(AlertEvent.CRASH_LOOP, Severity.WARNING, "search", "chat")).isFalse();
    assertThat(narrow.matches(AlertEvent.CRASH_LOOP, Severity.ERROR, "other", "chat")).isFalse();
    assertThat(narrow.matches(AlertEvent.CRASH_LOOP, Severity.ERROR, "search", "other")).isFalse();
    assertThat(narrow.matches(AlertEvent.REVERT_LATE, Severity.ERROR, "search", "chat")).isFalse();
    assertThat(narrow.matches(AlertEvent.CRASH_LOOP, Severity.CRITICAL, "", "")).isTrue();

    AlertChannelSpec wide = spec("{type: webhook, url: 'http://h'}");
    assertThat(wide.matches(AlertEvent.ROLLOUT_PHASE, Severity.INFO, "a", "b")).isFalse();
    assertThat(wide.matches(AlertEvent.SLO_AVAILABILITY, Severity.WARNING, "a", "b")).isTrue();
    assertThat(Kind.ALERT_CHANNEL.namespaced()).isFalse();
  }
}
