// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.CliFixture.Ended;
import dev.weir.cli.session.ExitStatus;
import dev.weir.client.FakeControl;
import dev.weir.model.codec.Json;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.value.Severity;
import dev.weir.model.view.AlertTest;
import dev.weir.model.view.AlertView;
import dev.weir.model.view.AlertView.DeliveryState;
import dev.weir.model.view.AlertView.DeliveryView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

public class AlertCommandsTest {
  private static final String ID = "0a1b2c3d4e5f6071";

  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    shell.close();
  }

  public static AlertView reverted(DeliveryState state, String answer) {
    return new AlertView(
        ID,
        "rolloutReverted default/chat chat-1",
        AlertEvent.ROLLOUT_REVERTED,
        Severity.ERROR,
        "default",
        "chat",
        "chat-1",
        "chat@2 of service default/chat was reverted; chat@1 serves.",
        Map.of("from", "chat@1"),
        "",
        CliFixture.NOW.minusSeconds(120),
        Optional.empty(),
        List.of(new DeliveryView("hooks", "firing", state, 3, Optional.empty(), answer)));
  }

  private static AlertView informational() {
    return new AlertView(
        "1111111111111111",
        "rolloutPhase default/chat chat-1 Completed",
        AlertEvent.ROLLOUT_PHASE,
        Severity.INFO,
        "default",
        "chat",
        "chat-1",
        "Rollout chat-1 is Completed.",
        Map.of(),
        "",
        CliFixture.NOW,
        Optional.empty(),
        List.of());
  }

  @Test
  void firing_alerts_are_listed_with_their_notified_channels() {
    control.on(
        "GET /api/v1/alerts",
        CliFixture.observed(reverted(DeliveryState.DELIVERED, "204"), informational()));
    Ended ended = shell.run("alert", "list");
    assertThat(ended.status()).isEqualTo(ExitStatus.OK);
    assertThat(ended.out())
        .contains(ID)
        .contains("Firing")
        .contains("rolloutReverted")
        .contains("hooks:delivered")
        .doesNotContain("Event");
    assertThat(shell.run("alert", "list", "--all").out()).contains("Event");
    assertThat(shell.run("alert", "list", "-o", "json").out())
        .contains("\"key\"")
        .doesNotContain("rolloutPhase");
  }

  @Test
  void without_a_firing_alert_the_output_reports_it() {
    control.on("GET /api/v1/alerts", CliFixture.observed());
    assertThat(shell.run("alert", "list").err()).contains("no alert is firing");
    assertThat(shell.run("alert", "list", "--dead").err())
        .isEqualTo("no delivery has failed permanently\n");
    assertThat(control.requests())
        .extracting(Object::toString)
        .contains("GET /api/v1/alerts?dead=true");
  }

  @Test
  void deliveries_that_wait_are_reported_with_their_last_error() {
    control.on(
        "GET /api/v1/alerts",
        CliFixture.observed(),
        CliFixture.observed(
            reverted(DeliveryState.WAITING, "connection refused"), informational()));
    assertThat(shell.run("alert", "list", "--dead").err())
        .isEqualTo(
            """
            no delivery has failed permanently
            1 delivery waits at channel hooks after up to 3 attempts; last error: connection refused
            """);
    assertThat(shell.run("alert", "list", "--dead", "-o", "json").err()).isEmpty();
  }

  @Test
  void a_test_prints_the_response_and_ends_with_1_when_the_channel_rejects_it() {
    String call = "POST /api/v1/alertchannels/hooks/test";
    control.on(call, json(Json.write(new AlertTest(true, "200 ok"))));
    assertThat(shell.run("alert", "test", "hooks"))
        .isEqualTo(new Ended(ExitStatus.OK, "hooks accepted the test alert: 200 ok\n", ""));
    control.on(call, json(Json.write(new AlertTest(false, "403 invalid_token"))));
    assertThat(shell.run("alert", "test", "hooks"))
        .isEqualTo(
            new Ended(
                ExitStatus.ERROR, "hooks did not accept the test alert: 403 invalid_token\n", ""));
  }

  @Test
  void abandoned_notifications_are_sent_again() {
    control.on(
        "POST /api/v1/alerts/" + ID + "/retry",
        json(Json.write(reverted(DeliveryState.WAITING, "404"))));
    assertThat(shell.run("alert", "retry", ID).out())
        .isEqualTo("retrying " + ID + ": rolloutReverted default/chat chat-1\n");
    control.on(
        "POST /api/v1/alerts/none/retry", problem(404, "\"detail\": \"there is no alert none\""));
    Ended ended = shell.run("alert", "retry", "none");
    assertThat(ended.status()).isNotEqualTo(ExitStatus.OK);
    assertThat(ended.err()).contains("there is no alert none");
  }
}
