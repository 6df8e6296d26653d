// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import static dev.weir.control.summary.SummaryFixture.NOW;
import static dev.weir.control.summary.SummaryFixture.in;
import static dev.weir.control.summary.SummaryFixture.latency;
import static dev.weir.control.summary.SummaryFixture.quality;
import static dev.weir.control.summary.SummaryFixture.rate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.control.summary.SummaryFixture.Proven;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.view.Evidence.MetricEvidence;
import dev.weir.model.view.MetricWords;
import dev.weir.model.view.SummaryView;
import dev.weir.model.view.SummaryView.Share;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReleaseSummaryTest {
  private static final MetricEvidence FAILS = rate("error", 8, 37, 0, 144, Proven.WORSE);
  private static final MetricEvidence GOOD = rate("error", 1, 200, 4, 800, new Proven(0, .5));

  /// The paragraph, and each next step in a line of its own.
  private static String golden(SummaryView summary) {
    return summary.text() + "\n" + String.join("\n", summary.next()) + "\n";
  }

  // ---- before the first request ----------------------------------------------------------------

  @Test
  void a_release_that_has_not_started_names_what_it_waits_for() {
    assertThat(
            golden(
                in(RolloutPhase.PENDING, -1, 0)
                    .message("waiting: freeze `holidays` until 2027-01-02T00:00:00Z")
                    .summary()))
        .isEqualTo(
            """
            The release of chat@3 has not started: freeze `holidays` until 2027-01-02T00:00:00Z.
            It starts by itself when this is over.
            `weir rollout abort chat` gives it up.
            """);
  }

  @Test
  void a_release_whose_replicas_start_reports_how_many_are_ready() {
    assertThat(
            golden(
                in(RolloutPhase.PROVISIONING, -1, 0)
                    .message("waiting for replicas: 0 of 1 replicas of chat@3 ready")
                    .summary()))
        .isEqualTo(
            """
            chat@3 starts: 0 of 1 replicas of chat@3 ready.
            chat@3 gets requests when its replicas are ready.
            `weir rollout abort chat` returns to chat@2.
            """);
  }

  // ---- while it runs ---------------------------------------------------------------------------

  @Test
  void a_step_without_answers_reports_it() {
    assertThat(in(RolloutPhase.PROGRESSING, 1, 5).summary().text())
        .isEqualTo(
            "Step 2 of 5: chat@3 gets 5 % of the requests. No answer of chat@3 is counted yet.");
  }

  @Test
  void little_data_is_described_as_too_little() {
    MetricEvidence few = rate("error", 0, 12, 1, 230, Proven.NOTHING);
    assertThat(
            golden(
                in(RolloutPhase.PROGRESSING, 1, 5)
                    .measured(Optional.empty(), List.of(), few)
                    .summary()))
        .isEqualTo(
            """
            Step 2 of 5: chat@3 gets 5 % of the requests. 0 of 12 requests to chat@3 failed, 1 of 230 to chat@2 (0.4 %). These are too few answers to decide.
            Weir raises the share to 25 % when enough answers show that chat@3 is not worse than chat@2.
            `weir rollout abort chat` returns to chat@2.
            """);
  }

  @Test
  void on_a_ramp_a_known_bound_and_the_expected_decision_are_stated() {
    assertThat(
            golden(
                in(RolloutPhase.PROGRESSING, 2, 5)
                    .ramps()
                    .measured(Optional.of(.02), List.of(), GOOD)
                    .expected(Duration.ofMinutes(7))
                    .summary()))
        .isEqualTo(
            """
            chat@3 gets 5 % of the requests. 1 of 200 requests to chat@3 failed (0.5 %), 4 of 800 to chat@2 (0.5 %). So far at most 2 more failures in 100 (95 % sure). Expected decision in about 7 minutes.
            Weir raises the share, up to 50 %, when the answers so far allow it.
            `weir rollout abort chat` returns to chat@2.
            """);
  }

  @Test
  void a_bound_of_one_failure_has_a_singular() {
    assertThat(
            in(RolloutPhase.PROGRESSING, 1, 5)
                .measured(Optional.of(.01), List.of(), GOOD)
                .summary()
                .text())
        .endsWith("So far at most 1 more failure in 100 (95 % sure).");
  }

  @Test
  void a_version_that_looks_worse_is_named_with_the_numbers_of_both() {
    MetricEvidence slow = latency("ttft", .34, .18, new Proven(.6, 0));
    assertThat(
            in(RolloutPhase.PROGRESSING, 1, 5)
                .measured(Optional.of(.02), List.of(), GOOD, slow)
                .summary()
                .text())
        .isEqualTo(
            "Step 2 of 5: chat@3 gets 5 % of the requests. 1 of 200 requests to chat@3 failed (0.5 %), 4"
                + " of 800 to chat@2 (0.5 %). First token: half of the answers of chat@3 took more"
                + " than 340 ms, of chat@2 180 ms. chat@3 may be worse; if this continues, Weir"
                + " rolls back to chat@2.");
  }

  @Test
  void a_held_release_names_the_reason() {
    assertThat(
            in(RolloutPhase.PROGRESSING, 1, 5)
                .measured(Optional.of(.02), List.of("no new results arrive"), GOOD)
                .summary()
                .text())
        .endsWith("The release waits: no new results arrive.");
  }

  @Test
  void in_the_last_step_the_evidence_so_far_gives_the_expected_end() {
    SummaryView summary =
        in(RolloutPhase.PROGRESSING, 3, 50)
            .measured(Optional.empty(), List.of(), GOOD)
            .expected(Duration.ofHours(3))
            .summary();
    assertThat(summary.expectedEnd()).contains(NOW.plusSeconds(300));
    assertThat(summary.text()).endsWith("Expected decision in about 5 minutes.");
    assertThat(summary.next().getFirst())
        .isEqualTo(
            "Weir promotes chat@3 when enough answers show that chat@3 is not worse than chat@2.");
  }

  @Test
  void without_enough_evidence_of_a_metric_no_end_is_expected() {
    MetricEvidence slow = latency("ttft", .18, .18, new Proven(0, .05));
    assertThat(
            in(RolloutPhase.PROGRESSING, 3, 50)
                .measured(Optional.empty(), List.of(), GOOD, slow)
                .summary()
                .expectedEnd())
        .isEmpty();
  }

  // ---- pauses ----------------------------------------------------------------------------------

  @Test
  void a_release_that_a_user_paused_names_the_reason_and_the_commands() {
    assertThat(
            golden(
                in(RolloutPhase.PAUSED, 1, 5)
                    .measured(Optional.of(.02), List.of(), GOOD)
                    .decided("Manual", "paused manually: launch today", List.of("manual"))
                    .summary()))
        .isEqualTo(
            """
            1 of 200 requests to chat@3 failed (0.5 %), 4 of 800 to chat@2 (0.5 %). The release was paused by a user: launch today; chat@3 keeps 5 % of the requests.
            `weir rollout resume chat` continues; the step starts again.
            `weir rollout promote chat` continues without proof.
            `weir rollout abort chat` returns to chat@2.
            Without a command, Weir aborts the release at 2026-12-04T10:09:00Z.
            """);
  }

  @Test
  void an_inconclusive_release_names_what_to_do_next() {
    assertThat(
            golden(
                in(RolloutPhase.PAUSED, 1, 5)
                    .decided("Inconclusive", "error 2.1/3.0", List.of("maxStepDuration"), GOOD)
                    .summary()))
        .isEqualTo(
            """
            1 of 200 requests to chat@3 failed (0.5 %), 4 of 800 to chat@2 (0.5 %). This did not decide between chat@3 and chat@2 in time, so the release is paused; chat@3 keeps 5 % of the requests.
            `weir rollout resume chat` collects evidence again for as long as before.
            `weir rollout promote chat` continues without proof.
            `weir rollout abort chat` returns to chat@2.
            Without a command, Weir aborts the release at 2026-12-04T10:09:00Z.
            """);
  }

  @Test
  void a_gate_asks_for_an_approval() {
    SummaryView summary =
        in(RolloutPhase.PAUSED, 1, 5)
            .passed()
            .decided("Promote", "step 2/4 passed", List.of("error"), GOOD)
            .summary();
    assertThat(summary.text())
        .endsWith(
            "Step 2 of 5 passed and waits for an approval; chat@3 keeps 5 % of the requests.");
    assertThat(summary.next()).first().isEqualTo("`weir rollout promote chat` approves the step.");
  }

  @Test
  void a_rollback_without_a_replica_to_return_to_is_an_alarm() {
    SummaryView summary =
        in(RolloutPhase.PAUSED, 3, 50)
            .ending(RolloutPhase.ROLLED_BACK)
            .decided("Revert", "error is worse", List.of("error"), FAILS)
            .summary();
    assertThat(summary.text())
        .isEqualTo(
            "chat@3 must be rolled back, but chat@2 has no ready replica: chat@3 serves until then. 8"
                + " of 37 requests to chat@3 failed (21.6 %), 0 of 144 to chat@2.");
    assertThat(summary.next())
        .containsExactly(
            "Weir rolls back when a replica of chat@2 is ready.",
            "`weir rollout abort chat --now --reason TEXT` rolls back at once.");
  }

  // ---- the end ---------------------------------------------------------------------------------

  @Test
  void a_bake_reports_until_when_it_lasts() {
    assertThat(
            golden(
                in(RolloutPhase.PROMOTING, 4, 95)
                    .measured(Optional.of(.01), List.of(), GOOD)
                    .summary()))
        .isEqualTo(
            """
            chat@3 serves 95 % of the requests until 2026-12-03T10:10:00Z; chat@2 keeps its replicas for a rollback. 1 of 200 requests to chat@3 failed (0.5 %), 4 of 800 to chat@2 (0.5 %).
            Weir completes the release then if chat@3 stays good.
            `weir rollout abort chat` returns to chat@2.
            """);
  }

  @Test
  void a_promoted_version_has_the_last_numbers() {
    assertThat(
            golden(
                in(RolloutPhase.COMPLETED, 4, 0)
                    .decided("Promote", "nothing", List.of("error"), GOOD)
                    .summary()))
        .isEqualTo(
            """
            chat@3 is promoted and serves all requests. 1 of 200 requests to chat@3 failed (0.5 %), 4 of 800 to chat@2 (0.5 %).
            Nothing to do; `weir rollout undo chat` returns to chat@2.
            """);
  }

  @Test
  void a_rollback_by_failures_starts_with_the_counts_of_both_versions() {
    assertThat(
            golden(
                in(RolloutPhase.ROLLED_BACK, 1, 0)
                    .decided("Revert", "error is worse than tolerated", List.of("error"), FAILS)
                    .summary()))
        .isEqualTo(
            """
            8 of 37 requests to chat@3 failed (21.6 %), 0 of 144 to chat@2: rolled back. chat@2 serves all requests, 412 ms after the decision.
            Fix chat@3 and apply it as a new version.
            `weir rollout retry chat` tries chat@3 again.
            `weir rollout explain chat` shows each decision.
            """);
  }

  private static String rolledBackBy(MetricEvidence metric) {
    String text =
        in(RolloutPhase.ROLLED_BACK, 1, 0)
            .decided("Revert", "worse", List.of(metric.metric()), GOOD, metric)
            .summary()
            .text();
    return text.substring(0, text.indexOf(": rolled back"));
  }

  @Test
  void a_rollback_by_latency_or_quality_names_both_versions() {
    assertThat(rolledBackBy(latency("ttft", .34, .18, Proven.WORSE)))
        .isEqualTo(
            "First token: half of the answers of chat@3 took more than 340 ms, of chat@2 180 ms");
    assertThat(rolledBackBy(latency("itl", 1.25, .04, Proven.WORSE)))
        .isEqualTo(
            "Time between tokens: half of the streams of chat@3 took more than 1.3 s, of chat@2 40 ms");
    assertThat(rolledBackBy(quality(.62, .914, Proven.WORSE)))
        .isEqualTo("Average grade: 0.62 of 1 for chat@3, 0.91 for chat@2");
    assertThat(rolledBackBy(rate("truncated", 5, 120, 0, 480, Proven.WORSE)))
        .isEqualTo("5 of 120 streams of chat@3 were cut (4.2 %), 0 of 480 of chat@2");
  }

  @Test
  void equal_medians_do_not_hide_that_the_slowest_answers_are_slower() {
    assertThat(rolledBackBy(latency("ttft", .181, .18, Proven.WORSE)))
        .isEqualTo(
            "First token: 120 of 400 (30 %) answers of chat@3 exceed the limit, 80 of 1600 (5 %) of"
                + " chat@2");
  }

  @Test
  void a_rollback_by_probes_names_the_replica() {
    assertThat(
            in(RolloutPhase.ROLLED_BACK, -1, 0)
                .decided("Guard", "crash loop: chat-3-0: exit status 1", List.of("crash loop"))
                .summary()
                .text())
        .startsWith("Crash loop: chat-3-0: exit status 1: rolled back. chat@2 serves all requests");
  }

  @Test
  void an_aborted_and_a_superseded_release_name_their_cause() {
    assertThat(
            in(RolloutPhase.ABORTED, 1, 0)
                .decided("Manual", "aborted manually: bad answers", List.of("manual"))
                .summary()
                .text())
        .startsWith("Aborted by a user: bad answers: the release was aborted. chat@2 serves");
    SummaryView superseded =
        in(RolloutPhase.SUPERSEDED, 1, 0)
            .decided("Manual", "the spec names chat@4 now", List.of("spec"))
            .summary();
    assertThat(golden(superseded))
        .isEqualTo(
            """
            The spec names chat@4 now: the release ended without a decision. chat@2 serves all requests.
            The version that the spec names now is released by itself.
            """);
  }

  // ---- the rest of the view --------------------------------------------------------------------

  @Test
  void metrics_in_words_have_both_versions_and_what_they_show() {
    List<MetricWords> metrics =
        in(RolloutPhase.PROGRESSING, 1, 5)
            .measured(
                Optional.empty(),
                List.of(),
                FAILS,
                latency("ttft", .34, .18, new Proven(0, 1.2)),
                rate("empty", 0, 0, 0, 0, Proven.NOTHING))
            .summary()
            .metrics();
    assertThat(metrics)
        .extracting(
            m -> "%s|%s|%s|%s".formatted(m.what(), m.canary(), m.baseline(), m.result().text()))
        .containsExactly(
            "failed requests|8 of 37 (21.6 %)|0 of 144|worse",
            "first token|half above 340 ms|half above 180 ms|fine", "empty answers|||not decided");
  }

  @Test
  void the_shares_over_time_follow_from_the_decisions() {
    assertThat(
            in(RolloutPhase.PROGRESSING, 2, 25)
                .decided(NOW.minusSeconds(240), 1, "Promote", "", List.of("error"), GOOD)
                .decided(NOW.minusSeconds(120), 5, "Promote", "", List.of("error"), GOOD)
                .summary()
                .shares())
        .containsExactly(
            new Share(NOW.minusSeconds(600), 0),
            new Share(NOW.minusSeconds(300), 1),
            new Share(NOW.minusSeconds(240), 5),
            new Share(NOW.minusSeconds(120), 25));
  }

  @Test
  void progress_is_the_passed_steps_and_the_part_of_the_running_one() {
    SummaryFixture running =
        in(RolloutPhase.PROGRESSING, 1, 5).measured(Optional.empty(), List.of(), GOOD);
    assertThat(running.summary().progress()).isCloseTo(1.5 / 5, within(1e-9));
    assertThat(running.ramps().summary().progress()).isCloseTo(.45, within(1e-9));
    assertThat(in(RolloutPhase.PROVISIONING, -1, 0).summary().progress()).isZero();
    assertThat(in(RolloutPhase.COMPLETED, 4, 0).summary().progress()).isEqualTo(1);
  }
}
