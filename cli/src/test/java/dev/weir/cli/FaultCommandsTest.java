// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.CliFixture.Ended;
import dev.weir.cli.session.ExitStatus;
import dev.weir.client.FakeControl;
import dev.weir.client.FakeControl.Request;
import dev.weir.model.codec.Json;
import dev.weir.model.status.Fault;
import dev.weir.model.status.Fault.FaultKind;
import dev.weir.model.status.Fault.ProbeResult;
import dev.weir.model.value.Percentage;
import dev.weir.model.view.FaultAnswer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

public class FaultCommandsTest {
  private static final String FAULTS = FleetFixture.SPACE + "faults";

  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    shell.close();
  }

  /// A fault that cuts a fifth of the attempts at one replica; 90 seconds are left.
  public static Fault fault() {
    return new Fault(
        "chat-flt-41",
        "chat",
        FaultKind.CUT,
        Optional.of("chat-2-1"),
        Optional.empty(),
        Percentage.of(20),
        500,
        Duration.ZERO,
        10,
        ProbeResult.READY,
        false,
        CliFixture.NOW.minusSeconds(30),
        CliFixture.NOW.plusSeconds(90),
        "ada",
        "game day");
  }

  private void answers(String call, String message) {
    control.on(call, json(Json.write(new FaultAnswer(message, List.of(fault())))));
  }

  @Test
  void a_fault_is_injected_as_specified() {
    answers("POST " + FAULTS, "chat-flt-41: cut after 10 events");
    Ended ended =
        shell.run(
            "fault",
            "inject",
            "chat",
            "--kind",
            "cut",
            "--after",
            "10",
            "--share",
            "20%",
            "--for",
            "2m",
            "--version",
            "2",
            "--reason",
            "game day");
    assertThat(ended).isEqualTo(new Ended(ExitStatus.OK, "chat-flt-41: cut after 10 events\n", ""));
    Request request = control.requests().getFirst();
    assertThat(request).hasToString("POST " + FAULTS + "?reason=game%20day");
    assertThat(JsonMapper.shared().readTree(request.body()))
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"target": "chat", "kind": "cut", "version": "2", "share": "20%", "after": 10,
                     "duration": "2m", "acknowledgeRealTraffic": false}\
                    """));
  }

  @Test
  void omitted_options_are_left_to_the_control_plane() {
    answers("POST " + FAULTS, "done");
    shell.run(
        "fault",
        "inject",
        "chat-2-1",
        "--kind",
        "health",
        "--probe-result",
        "unready",
        "--acknowledge-real-traffic");
    assertThat(JsonMapper.shared().readTree(control.requests().getFirst().body()))
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"target": "chat-2-1", "kind": "health", "probeResult": "unready", "duration": "1m",
                     "acknowledgeRealTraffic": true}\
                    """));
  }

  @Test
  void options_under_their_old_names_work_and_warn() {
    answers("POST " + FAULTS, "done");
    Ended ended =
        shell.run(
            "fault", "inject", "chat-2-1", "--kind", "health", "--says=unready", "--yes-real");
    assertThat(JsonMapper.shared().readTree(control.requests().getFirst().body()))
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"target": "chat-2-1", "kind": "health", "probeResult": "unready", "duration": "1m",
                     "acknowledgeRealTraffic": true}\
                    """));
    assertThat(ended.err())
        .contains(
            "warning: --says is a retired name: write --probe-result;",
            "warning: --yes-real is a retired name: write --acknowledge-real-traffic;");
  }

  @Test
  void both_names_of_an_option_together_are_wrong_usage() {
    Ended ended =
        shell.run(
            "fault",
            "inject",
            "chat",
            "--kind",
            "health",
            "--says",
            "ready",
            "--probe-result",
            "ready");
    assertThat(ended.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(control.requests()).isEmpty();
  }

  @Test
  void the_old_name_is_not_an_option_of_another_command() {
    Ended ended = shell.run("fault", "list", "--yes-real");
    assertThat(ended.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(ended.err()).contains("--yes-real").doesNotContain("retired");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chat",
        "chat --kind explode",
        "chat --kind cut --share 20",
        "chat --kind cut --for soon",
        "chat --kind delay --delay much",
        "chat --kind cut --after few",
        "chat --kind health --probe-result maybe",
        "--kind cut"
      })
  void invalid_options_inject_nothing(String options) {
    Ended ended = shell.run(("fault inject " + options).split(" ", -1));
    assertThat(ended.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(control.requests()).isEmpty();
  }

  @Test
  void a_refusal_names_field_and_remedy() {
    control.on(
        "POST " + FAULTS,
        problem(
            422,
            "\"title\":\"x\",\"detail\":\"d\",\"errors\":[{\"path\":\"acknowledgeRealTraffic\",\"value\":\"false\",\"message\":\"must be true: pass `--acknowledge-real-traffic`\"}]"));
    Ended ended = shell.run("fault", "inject", "chat", "--kind", "error");
    assertThat(ended.status()).isEqualTo(ExitStatus.ERROR);
    assertThat(ended.err()).contains("acknowledgeRealTraffic", "--acknowledge-real-traffic");
  }

  @Test
  void faults_are_listed_with_the_time_that_is_left() {
    control.on("GET " + FAULTS, CliFixture.observed(fault()));
    assertThat(shell.run("fault", "list").out())
        .isEqualTo(
            """
            NAME         WHERE     SHARE  EFFECT               REAL  LEFT   BY   REASON
            chat-flt-41  chat-2-1  20%    cut after 10 events  no    1m30s  ada  game day
            """);
    var document = JsonMapper.shared().readTree(shell.run("fault", "list", "-o", "json").out());
    assertThat(document.at("/items/0/name").asString()).isEqualTo("chat-flt-41");
  }

  @Test
  void without_a_fault_standard_error_reports_that_there_is_none() {
    control.on("GET " + FAULTS, CliFixture.observed());
    assertThat(shell.run("fault", "list"))
        .isEqualTo(new Ended(ExitStatus.OK, "", "no fault is active in namespace default\n"));
  }

  @Test
  void one_fault_or_all_are_cleared_and_never_both_or_none() {
    answers("DELETE " + FAULTS + "/chat-flt-41", "cleared chat-flt-41");
    answers("DELETE " + FAULTS, "cleared all");
    assertThat(shell.run("fault", "clear", "chat-flt-41").out()).isEqualTo("cleared chat-flt-41\n");
    assertThat(shell.run("fault", "clear", "--all", "--reason", "over").out())
        .isEqualTo("cleared all\n");
    assertThat(shell.run("fault", "clear").status()).isEqualTo(ExitStatus.USAGE);
    assertThat(shell.run("fault", "clear", "chat-flt-41", "--all").status())
        .isEqualTo(ExitStatus.USAGE);
    assertThat(control.requests().stream().map(Request::toString))
        .containsExactly("DELETE " + FAULTS + "/chat-flt-41", "DELETE " + FAULTS + "?reason=over");
  }
}
