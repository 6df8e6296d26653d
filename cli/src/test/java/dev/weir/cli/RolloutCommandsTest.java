// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static dev.weir.client.FakeControl.broken;
import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.session.ExitStatus;
import dev.weir.client.FakeControl;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.codec.Json;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.MetricWords;
import dev.weir.model.view.SummaryView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RolloutCommandsTest {
  private static final String ROLLOUT = "GET " + FleetFixture.SPACE + "rollouts/chat-2";

  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    shell.close();
  }

  private void live() {
    FleetFixture.service(control, FleetFixture.service("chat@2", "chat@1", "chat-2", 2, ""));
  }

  private CliFixture.Ended endWaitFor(RolloutPhase ending) {
    live();
    FleetFixture.rollout(
        control,
        FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, "step 2/4 at 5 %"),
        FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, "step 2/4 at 5 %"),
        FleetFixture.rollout(ending, 1, 5, "so it ended"));
    return shell.run("rollout", "status", "chat", "--wait");
  }

  @Test
  void a_wait_ends_with_the_status_of_the_phase_it_ended_in() {
    assertThat(endWaitFor(RolloutPhase.COMPLETED).status()).isZero();
    assertThat(endWaitFor(RolloutPhase.ROLLED_BACK).status()).isEqualTo(3);
    assertThat(endWaitFor(RolloutPhase.ABORTED).status()).isEqualTo(3);
    assertThat(endWaitFor(RolloutPhase.SUPERSEDED).status()).isEqualTo(3);
    assertThat(endWaitFor(RolloutPhase.PAUSED).status()).isEqualTo(4);
  }

  @Test
  void a_wait_is_for_the_expected_release_however_late_it_begins() {
    Service due = FleetFixture.service("chat@3", "chat@2", "", 2, "");
    List<Service> states = new ArrayList<>(Collections.nCopies(40, due));
    states.add(FleetFixture.service("chat@3", "chat@2", "chat-3", 3, ""));
    FleetFixture.service(control, states.toArray(Service[]::new));
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.COMPLETED, 3, 100, "earlier"));
    FleetFixture.rollout(
        control,
        FleetFixture.rollout(3, RolloutPhase.ROLLED_BACK, 0, 0, List.of("error"), "worse"));
    assertThat(shell.run("rollout", "status", "chat", "--wait").status()).isEqualTo(3);
  }

  @Test
  void the_final_line_has_the_phase_once() {
    live();
    FleetFixture.rollout(
        control, FleetFixture.rollout(RolloutPhase.ROLLED_BACK, 1, 0, "RolledBack: chat@1 serves"));
    assertThat(shell.run("rollout", "status", "chat", "--wait").err())
        .isEqualTo("chat-2 chat@2 RolledBack: chat@1 serves\n");
  }

  @Test
  void a_wait_prints_progress_on_standard_error_once_for_each_change() {
    var ended = endWaitFor(RolloutPhase.COMPLETED);
    assertThat(ended.err())
        .isEqualTo(
            """
            chat-2 chat@2 Progressing, step 2 of 4, weight 5%: step 2/4 at 5 %
            chat-2 chat@2 Completed: so it ended
            """);
    assertThat(ended.out())
        .isEqualTo(
            """
            chat-2: chat@1 -> chat@2, Completed
              started  2026-01-01 00:01:00Z (9m1s ago)
              phase    2026-01-01 00:08:30Z (1m31s ago)
              took     8m5s
              message  so it ended
            """);
  }

  @Test
  void without_wait_the_phase_does_not_fail_the_command() {
    live();
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.ROLLED_BACK, 1, 0, "worse"));
    assertThat(shell.run("rollout", "status", "chat").status()).isZero();
  }

  @Test
  void watching_ends_with_4_when_an_operator_must_decide_and_names_the_options() {
    live();
    FleetFixture.rollout(
        control,
        FleetFixture.rollout(RolloutPhase.PAUSED, 1, 5, "manually"),
        FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, ""),
        FleetFixture.rollout(RolloutPhase.ROLLED_BACK, 1, 0, "worse"));
    var ended = shell.run("rollout", "watch", "chat");
    assertThat(ended.status()).isEqualTo(4);
    assertThat(ended.out())
        .contains("Paused, step 2 of 4, weight 5%: manually\n")
        .contains("weir rollout resume chat")
        .contains("weir rollout promote chat")
        .contains("weir rollout abort chat: roll back to chat@1");
  }

  private static SummaryView summary(String text, double progress) {
    return new SummaryView(
        text,
        List.of("Weir raises the share to 25 %.", "`weir rollout abort chat` returns to chat@1."),
        List.of(
            new MetricWords(
                "error",
                "failed requests",
                "1 of 200 (0.5 %)",
                "4 of 800 (0.5 %)",
                MetricWords.Finding.OPEN,
                ""),
            new MetricWords(
                "length_up",
                "longer answers",
                "half above 18 tokens",
                "half above 25 tokens",
                MetricWords.Finding.WATCHED,
                "")),
        List.of(
            new SummaryView.Share(CliFixture.NOW.minusSeconds(60), 0),
            new SummaryView.Share(CliFixture.NOW.minusSeconds(30), 5)),
        progress,
        Optional.of(CliFixture.NOW.plusSeconds(120)),
        Optional.empty());
  }

  private static FakeControl.Reply explanation(SummaryView summary) {
    return json("{\"summary\":" + Json.write(summary) + ",\"items\":[]}");
  }

  @Test
  void on_a_terminal_watch_draws_the_release_in_words_in_the_same_place() {
    live();
    FleetFixture.rollout(
        control,
        FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, "error 1.2/3.0"),
        FleetFixture.rollout(RolloutPhase.COMPLETED, 3, 100, ""));
    control.on(
        ROLLOUT + "/evidence",
        explanation(summary("chat@2 gets 5 % of the requests.", .375)),
        explanation(summary("chat@2 is promoted.", 1)));
    control.on(
        "GET /api/v1/replicas",
        CliFixture.observed(FleetFixture.replica("2", 0, ReplicaState.READY, "")));
    shell.terminal = true;
    shell.env.put("NO_COLOR", "1");
    var ended = shell.run("rollout", "watch", "chat");
    assertThat(ended.status()).isZero();
    String first =
        """
        chat-2: chat@1 -> chat@2, Progressing

        chat@2 gets 5 % of the requests.

          share     █▏······················  0 -> 5%
          progress  █████████···············  38%, expected end 2026-01-01 00:12:00Z (in 2m)
          replicas  chat@2  1 Ready
                    chat@1  none

        Next: Weir raises the share to 25 %.
              `weir rollout abort chat` returns to chat@1.

          METRIC           chat@2            chat@1            RESULT
          failed requests  1 of 200 (0.5 %)  4 of 800 (0.5 %)  not decided
        """;
    assertThat(ended.out())
        .startsWith("\u001b[?7l\u001b[J" + first + "\u001b[?7h\u001b[?7l\u001b[14A\r\u001b[J")
        .contains("chat@2 is promoted.")
        .doesNotContain("longer answers")
        .endsWith("not decided\n\u001b[?7h");
  }

  @Test
  void elsewhere_watch_prints_a_sentence_for_each_change_of_the_share_and_no_statistics() {
    live();
    FleetFixture.rollout(
        control,
        FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, "error 1.2/3.0"),
        FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, "error 1.9/3.0"),
        FleetFixture.rollout(RolloutPhase.PROGRESSING, 2, 25, "error 2.2/3.0"),
        FleetFixture.rollout(RolloutPhase.PAUSED, 2, 25, "manually"));
    control.on(
        ROLLOUT + "/evidence",
        explanation(summary("chat@2 gets 5 % of the requests.", .2)),
        explanation(summary("chat@2 gets 25 % of the requests.", .4)),
        explanation(summary("chat@2 is paused.", .4)));
    assertThat(shell.run("rollout", "watch", "chat").out())
        .startsWith(
            """
            2026-01-01 00:10:00Z chat-2 Progressing at 5 %: chat@2 gets 5 % of the requests.
            2026-01-01 00:10:01Z chat-2 Progressing at 25 %: chat@2 gets 25 % of the requests.
            2026-01-01 00:10:01Z chat-2 Paused at 25 %: chat@2 is paused.
            """)
        .doesNotContain("error 1")
        .contains("Paused\n  chat@2 is paused.\n")
        .contains(
            "  next     Weir raises the share to 25 %.\n           `weir rollout abort chat`");
    assertThat(
            JsonMapper.shared()
                .readTree(shell.run("rollout", "status", "chat", "-o", "json").out())
                .at("/summary/text")
                .stringValue())
        .isEqualTo("chat@2 is paused.");
  }

  @Test
  void explain_describes_a_release_that_is_in_progress() {
    live();
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, ""));
    control.on(ROLLOUT + "/evidence", explanation(summary("chat@2 gets 5 % of the requests.", .4)));
    assertThat(shell.run("rollout", "explain", "chat").out())
        .contains("\n\nchat@2 gets 5 % of the requests.\nNext: Weir raises the share to 25 %.\n")
        .contains("failed requests  1 of 200 (0.5 %)")
        .endsWith("No decisions yet.\n");
  }

  @Test
  void a_wait_survives_a_restart_of_the_control_plane() {
    live();
    control.on(
        ROLLOUT,
        CliFixture.json(FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, "")),
        broken(),
        problem(503, "\"title\":\"Starting\""),
        CliFixture.json(FleetFixture.rollout(RolloutPhase.COMPLETED, 3, 100, "")));
    assertThat(shell.run("rollout", "status", "chat", "--wait").status()).isZero();
  }

  @Test
  void a_wait_ends_at_its_timeout_and_names_what_it_waited_for() {
    live();
    FleetFixture.rollout(
        control, FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, "few requests"));
    var ended = shell.run("rollout", "status", "chat", "--wait", "--timeout", "90s");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .endsWith(
            "weir: timed out after 90s: chat-2 chat@2 Progressing, step 2 of 4, weight 5%: few"
                + " requests; use --timeout to wait longer\n");
    assertThat(shell.clock.instant()).isEqualTo(CliFixture.NOW.plusSeconds(90));
  }

  @Test
  void a_wait_right_after_apply_waits_for_the_rollout_to_begin() {
    FleetFixture.service(
        control,
        FleetFixture.service("chat@2", "chat@1", "", 1, ""),
        FleetFixture.service("chat@2", "chat@1", "chat-2", 2, ""));
    FleetFixture.rollout(
        control, FleetFixture.rollout(1, RolloutPhase.ROLLED_BACK, 0, 0, List.of("error"), "old"));
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.COMPLETED, 3, 100, ""));
    var ended = shell.run("rollout", "status", "chat", "--wait");
    assertThat(ended.status()).isZero();
    assertThat(ended.err()).startsWith("service chat waits for the rollout of chat@2\n");
  }

  @Test
  void for_a_service_without_a_rollout_the_message_names_how_to_start_one() {
    FleetFixture.service(control, FleetFixture.service("chat@1", "chat@1", "", 0, ""));
    var ended = shell.run("rollout", "status", "chat", "--wait");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .isEqualTo("weir: service chat has had no rollout: change its spec.version and apply it\n");
    assertThat(shell.run("rollout", "status", "none").err())
        .isEqualTo("weir: there is no " + FleetFixture.SPACE + "services/none\n");
  }

  @Test
  void wait_is_refused_for_an_earlier_rollout() {
    assertThat(shell.run("rollout", "status", "chat", "--wait", "--number", "1").status())
        .isEqualTo(64);
    assertThat(control.requests()).isEmpty();
  }

  @Test
  void status_of_a_live_rollout_shows_its_progress() {
    live();
    FleetFixture.rollout(
        control,
        FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, "step 2/4 at 5 %: error 1.2/3.0"));
    assertThat(shell.run("rollout", "status", "chat").out())
        .isEqualTo(
            """
            chat-2: chat@1 -> chat@2, Progressing
              step     step 2 of 4, weight 5%
              started  2026-01-01 00:01:00Z (9m ago)
              phase    2026-01-01 00:08:30Z (1m30s ago)
              message  step 2/4 at 5 %: error 1.2/3.0
            """);
  }

  @Test
  void status_of_a_reverted_rollout_shows_how_fast_and_by_which_metric() {
    live();
    FleetFixture.rollout(
        control,
        FleetFixture.rollout(
            2,
            RolloutPhase.ROLLED_BACK,
            1,
            0,
            List.of("ttft", "error"),
            "no gateway routes to it"));
    assertThat(shell.run("rollout", "status", "chat").out())
        .isEqualTo(
            """
            chat-2: chat@1 -> chat@2, RolledBack (decided by ttft, error)
              started  2026-01-01 00:01:00Z (9m ago)
              phase    2026-01-01 00:08:30Z (1m30s ago)
              took     8m5s
              revert   routing restored after 412ms
              message  no gateway routes to it
            """);
  }

  @Test
  void states_have_colours_only_on_a_terminal_and_not_when_disabled() {
    live();
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.ROLLED_BACK, 1, 0, ""));
    shell.terminal = true;
    assertThat(shell.run("rollout", "status", "chat").out()).contains("\u001b[31mRolledBack\u001b");
    shell.env.put("NO_COLOR", "1");
    assertThat(shell.run("rollout", "status", "chat").out()).doesNotContain("\u001b");
  }

  @Test
  void history_lists_the_rollouts_of_the_service_in_order_within_the_terminal_width() {
    live();
    String most = "no gateway routes to chat@10 any more; gateways that were not heard: gw-4, gw-9";
    control.on(
        "GET " + FleetFixture.SPACE + "rollouts",
        CliFixture.items(
            20,
            FleetFixture.rollout(10, RolloutPhase.ROLLED_BACK, 1, 0, List.of("error"), most),
            FleetFixture.rollout(RolloutPhase.COMPLETED, 3, 100, "chat@2 is the stable version")));
    shell.terminal = true;
    shell.env.put("NO_COLOR", "1");
    var ended = shell.run("rollout", "history", "chat");
    assertThat(ended.out())
        .isEqualTo(
            """
            NAME     FROM    TO       OUTCOME     DECIDED BY  STARTED               TOOK  MESSAGE
            chat-2   chat@1  chat@2   Completed   -           2026-01-01 00:01:00Z  8m5s  chat@2 is the stable …
            chat-10  chat@9  chat@10  RolledBack  error       2026-01-01 00:01:00Z  8m5s  no gateway routes to …
            """);
    assertThat(ended.out().lines()).allMatch(line -> line.length() <= 100);
  }

  @Test
  void history_says_what_a_release_waits_for_without_statistics() {
    live();
    control.on(
        "GET " + FleetFixture.SPACE + "rollouts",
        CliFixture.items(
            20,
            FleetFixture.rollout(
                RolloutPhase.PROGRESSING,
                1,
                10,
                "step 4/8 (ramp) at 10 %: error 0.2/3.0, ttft p50 -0.0/3.0; waiting for time")));
    assertThat(shell.run("rollout", "history", "chat").out())
        .contains("step 4/8 (ramp) at 10 %: waiting for time")
        .doesNotContain("/3.0");
  }

  @Test
  void explain_shows_the_decisions_and_as_json_the_evidence() {
    live();
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.PROGRESSING, 0, 1, ""));
    Evidence evidence =
        new Evidence(
            "chat-2",
            1,
            Instant.parse("2026-01-01T00:03:00Z"),
            0,
            1,
            "Promote",
            "all is well",
            List.of("error"),
            List.of(),
            List.of(),
            "{\"plan\":1}");
    control.on(ROLLOUT + "/evidence", CliFixture.observed(evidence));
    assertThat(shell.run("rollout", "explain", "chat").out())
        .contains("#1  2026-01-01 00:03:00Z  step 1 of 4, weight 1%  Promote\n    all is well\n");
    JsonNode document =
        JsonMapper.shared().readTree(shell.run("rollout", "explain", "chat", "-o", "json").out());
    assertThat(document.at("/items/0/replay").stringValue()).isEqualTo("{\"plan\":1}");
  }

  @Test
  void explain_without_a_decision_reports_it() {
    live();
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.PENDING, -1, 0, ""));
    control.on(ROLLOUT + "/evidence", CliFixture.observed());
    assertThat(shell.run("rollout", "explain", "chat").out())
        .isEqualTo(
            """
            chat-2: chat@1 -> chat@2, Pending

            No decisions yet.
            """);
  }

  @Test
  void commands_go_to_the_live_rollout_with_their_reason() {
    live();
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.PROGRESSING, 1, 5, ""));
    control.on(
        "POST " + FleetFixture.SPACE + "rollouts/chat-2/abort",
        json("{\"message\":\"going back\"}"));
    var ended = shell.run("rollout", "abort", "chat", "--reason", "bad answers");
    assertThat(ended.out()).isEqualTo("chat-2: going back\n");
    assertThat(control.last().query()).isEqualTo("reason=bad%20answers");
    control.on(
        "POST " + FleetFixture.SPACE + "rollouts/chat-2/promote",
        problem(409, "\"title\":\"Not now\",\"detail\":\"chat-2 is RollingBack\""));
    var refused = shell.run("rollout", "promote", "chat");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err()).isEqualTo("weir: chat-2 is RollingBack\n");
  }

  @Test
  void an_override_and_a_break_glass_need_a_reason() {
    live();
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.PENDING, -1, 0, ""));
    control.on(
        "POST " + FleetFixture.SPACE + "rollouts/chat-2/override",
        json("{\"message\":\"goes on\"}"));
    control.on(
        "POST " + FleetFixture.SPACE + "rollouts/chat-2/abort",
        json("{\"message\":\"going back\"}"));
    assertThat(
            shell.run("rollout", "override", "chat", "--reason", "hot fix", "--until", "2h").out())
        .isEqualTo("chat-2: goes on\n");
    assertThat(control.last().query()).isEqualTo("reason=hot%20fix&until=2h");
    assertThat(shell.run("rollout", "abort", "chat", "--now", "--reason", "leaks").out())
        .isEqualTo("chat-2: going back\n");
    assertThat(control.last().query()).isEqualTo("now=true&reason=leaks");
    int requestsBefore = control.requests().size();
    for (String[] invalid :
        List.of(
            new String[] {"rollout", "override", "chat"},
            new String[] {"rollout", "override", "chat", "--reason", " "},
            new String[] {"rollout", "abort", "chat", "--now"},
            new String[] {"rollout", "override", "chat", "--reason", "r", "--until", "soon"})) {
      assertThat(shell.run(invalid).status()).isEqualTo(ExitStatus.USAGE);
    }
    assertThat(control.requests()).hasSize(requestsBefore);
  }

  @Test
  void status_shows_the_user_that_overrode_the_guard_rails() {
    live();
    Rollout rollout = FleetFixture.rollout(RolloutPhase.PENDING, -1, 0, "frozen");
    RolloutStatus old = rollout.status();
    FleetFixture.rollout(
        control,
        rollout.withStatus(
            Resources.overridden(
                old,
                new RolloutStatus.Overridden(
                    "ada",
                    "hot fix",
                    CliFixture.NOW.minusSeconds(60),
                    Optional.of(CliFixture.NOW)))));
    assertThat(shell.run("rollout", "status", "chat").out())
        .containsPattern("override +guard rails bypassed by ada until .* \\(expired\\): hot fix");
  }

  @Test
  void undo_goes_to_the_service() {
    control.on(
        "POST " + FleetFixture.SPACE + "services/chat/rollback", json("{\"message\":\"to 1\"}"));
    assertThat(shell.run("rollout", "undo", "chat").out()).isEqualTo("chat: to 1\n");
  }
}
