// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static dev.weir.client.FakeControl.broken;
import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.CliFixture.Ended;
import dev.weir.cli.session.ExitStatus;
import dev.weir.client.FakeControl;
import dev.weir.client.FakeControl.Request;
import dev.weir.client.ReplicaResponse;
import dev.weir.model.codec.Json;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.view.ReplicaView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

@Timeout(30)
class ReplicaCommandsTest {
  private static final String NAME = "chat-1-0";
  private static final String REPLICAS = "GET /api/v1/replicas";

  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    assertThat(Thread.interrupted()).as("a leftover interrupt").isFalse();
    shell.close();
  }

  private static ReplicaView replica(ReplicaState state, String reason) {
    return FleetFixture.replica("1", 0, state, reason);
  }

  private static ReplicaView replicaWithOrder(ReplicaState state, OrderKind kind, String reason) {
    ReplicaView view = replica(state, reason);
    return new ReplicaView(
        view.name(),
        view.namespace(),
        view.service(),
        view.version(),
        view.target(),
        view.state(),
        view.endpoint(),
        view.pid(),
        view.restarts(),
        view.since(),
        Optional.of(new ReplicaOrder(NAME, kind, CliFixture.NOW, "ada", "", "launch-1")),
        view.reason());
  }

  private void answers(String verb, String message) {
    ReplicaResponse answer =
        new ReplicaResponse(message, Optional.of(replica(ReplicaState.READY, "ready")));
    control.on("POST " + path(verb), json(Json.write(answer)));
  }

  private static String path(String verb) {
    return FleetFixture.SPACE + "replicas/" + NAME + "/" + verb;
  }

  private List<String> calls() {
    return control.requests().stream().map(Request::toString).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cordon", "uncordon"})
  void a_command_that_takes_effect_at_once_is_sent_and_confirmed(String verb) {
    answers(verb, "so be it");
    Ended ended = shell.run("replica", verb, NAME, "--reason", "a new disk");
    assertThat(ended).isEqualTo(new Ended(ExitStatus.OK, "so be it\n", ""));
    assertThat(calls()).containsExactly("POST " + path(verb) + "?reason=a%20new%20disk");
  }

  @Test
  void a_drain_waits_until_the_replica_has_stopped() {
    answers("drain", "draining");
    control.on(
        REPLICAS,
        CliFixture.observed(
            replicaWithOrder(ReplicaState.DRAINING, OrderKind.DRAIN, "2 in flight")),
        CliFixture.observed(
            replicaWithOrder(ReplicaState.DRAINING, OrderKind.DRAIN, "1 in flight")),
        CliFixture.observed(replicaWithOrder(ReplicaState.STOPPED, OrderKind.DRAIN, "drained")));
    Ended ended = shell.run("replica", "drain", NAME);
    assertThat(ended.status()).isEqualTo(ExitStatus.OK);
    assertThat(ended.out()).isEqualTo("draining\nchat-1-0 Stopped: drained\n");
    assertThat(ended.err())
        .isEqualTo(
            """
            chat-1-0 Draining: 2 in flight
            chat-1-0 Draining: 1 in flight
            chat-1-0 Stopped: drained
            """);
  }

  @Test
  void the_wait_ends_when_the_drain_was_cancelled() {
    answers("drain", "draining");
    control.on(REPLICAS, CliFixture.observed(replica(ReplicaState.READY, "ready")));
    assertThat(shell.run("replica", "drain", NAME).out()).contains("chat-1-0 Ready: ready");
  }

  @Test
  void a_restart_is_done_when_the_replica_is_ready_and_the_request_is_cleared() {
    answers("restart", "restarting");
    control.on(
        REPLICAS,
        CliFixture.observed(replicaWithOrder(ReplicaState.READY, OrderKind.RESTART_NOW, "ready")),
        CliFixture.observed(),
        broken(),
        CliFixture.observed(replica(ReplicaState.STARTING, "loading")),
        CliFixture.observed(replica(ReplicaState.READY, "ready")));
    Ended ended = shell.run("replica", "restart", NAME, "--now", "--force");
    assertThat(ended.status()).isEqualTo(ExitStatus.OK);
    assertThat(ended.out()).isEqualTo("restarting\nchat-1-0 Ready: ready\n");
    assertThat(calls()).startsWith("POST " + path("restart") + "?now=true&force=true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"drain", "restart"})
  void without_a_wait_the_replica_is_not_polled(String verb) {
    answers(verb, "it goes on");
    assertThat(shell.run("replica", verb, NAME, "--no-wait").out()).isEqualTo("it goes on\n");
    assertThat(calls()).containsExactly("POST " + path(verb));
  }

  @Test
  void a_wait_ends_at_its_timeout_and_names_what_it_waited_for() {
    answers("restart", "restarting");
    control.on(REPLICAS, CliFixture.observed(replica(ReplicaState.STARTING, "loading")));
    Ended ended = shell.run("replica", "restart", NAME, "--timeout", "90s");
    assertThat(ended.status()).isEqualTo(ExitStatus.ERROR);
    assertThat(ended.err())
        .endsWith(
            "weir: timed out after 90s: chat-1-0 is not done yet; use --timeout to wait longer\n");
    assertThat(Duration.between(CliFixture.NOW, shell.clock.instant()))
        .isBetween(Duration.ofSeconds(90), Duration.ofSeconds(91));
  }

  @Test
  void an_interrupted_wait_reports_it_briefly_and_ends_as_shells_expect() {
    answers("drain", "draining");
    control.on(REPLICAS, CliFixture.observed(replica(ReplicaState.DRAINING, "2 in flight")));
    control.on(
        REPLICAS,
        CliFixture.observed(
            replicaWithOrder(ReplicaState.DRAINING, OrderKind.DRAIN, "2 in flight")));
    shell.pause =
        _ -> {
          throw new InterruptedException();
        };
    Ended ended = shell.run("replica", "drain", NAME);
    assertThat(ended.status()).isEqualTo(ExitStatus.INTERRUPTED);
    assertThat(ended.err()).endsWith("weir: interrupted\n").doesNotContain("\tat ");
  }

  @Test
  void a_refusal_is_printed_with_the_remedy() {
    control.on(
        "POST " + path("cordon"),
        problem(
            409,
            "\"title\":\"Not as things are\",\"detail\":\"chat-1-0 is the last that serves; --force\""));
    Ended ended = shell.run("replica", "cordon", NAME);
    assertThat(ended)
        .isEqualTo(
            new Ended(ExitStatus.ERROR, "", "weir: chat-1-0 is the last that serves; --force\n"));
  }

  @Test
  void the_json_output_is_one_document_with_the_final_replica() {
    answers("drain", "draining");
    control.on(
        REPLICAS,
        CliFixture.observed(replicaWithOrder(ReplicaState.STOPPED, OrderKind.DRAIN, "drained")));
    var document =
        JsonMapper.shared().readTree(shell.run("replica", "drain", NAME, "-o", "json").out());
    assertThat(document.path("message").asString()).isEqualTo("draining");
    assertThat(document.path("replica").path("state").asString()).isEqualTo("Stopped");
  }

  @ParameterizedTest
  @CsvSource({
    "cordon, --now",
    "cordon, --no-wait",
    "cordon, --timeout=1m",
    "uncordon, --force",
    "uncordon, --now",
    "uncordon, --no-wait",
    "drain, --now",
    "drain, --timeout=soon",
    "restart, --timeout=-1s"
  })
  void an_invalid_option_sends_no_command(String verb, String option) {
    answers(verb, "done");
    assertThat(shell.run("replica", verb, NAME, option).status()).isEqualTo(ExitStatus.USAGE);
    assertThat(control.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "cordon, Stop routing new requests",
    "uncordon, Cancel cordon",
    "drain, Cordon a replica",
    "restart, Drain a replica"
  })
  void each_command_has_its_own_help(String verb, String about) {
    String help = shell.run("replica", verb, "--help").out();
    assertThat(help).contains("weir replica " + verb).contains(about).contains("--reason");
    assertThat(help.contains("--timeout"))
        .isEqualTo(verb.equals("drain") || verb.equals("restart"));
  }
}
