// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.Explanation;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Evidence.MetricEvidence;
import dev.weir.model.view.MetricWords;
import dev.weir.model.view.SummaryView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExplainTextTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:03:00Z");

  private static MetricEvidence error(
      long canary, long bad, long baseline, long baselineBad, double harm, double safe) {
    return new MetricEvidence(
            "error",
            true,
            canary,
            bad,
            baseline,
            baselineBad,
            canary == 0 ? 0 : (double) bad / canary,
            baseline == 0 ? 0 : (double) baselineBad / baseline,
            0.001,
            0.02,
            harm,
            6.2,
            safe,
            3.0)
        .withKind("rate");
  }

  private static MetricEvidence ttft(long canary, double median, double harm, double safe) {
    return new MetricEvidence(
            "ttft",
            true,
            canary,
            Math.min(3, canary),
            9_500,
            412,
            median,
            0.214,
            1.1,
            1.25,
            harm,
            6.9,
            safe,
            3.0)
        .withKind("latency");
  }

  private static MetricEvidence watched(long canary) {
    return new MetricEvidence(
            "truncated", false, canary, 0, 9_500, 1, 0, 0.000105, 0.01, 0.02, 0.4, 6.9, 0, 0)
        .withKind("rate");
  }

  private static String explained(
      String verdict, String reason, List<String> by, List<MetricEvidence> metrics) {
    Evidence evidence =
        new Evidence(
            "chat-2",
            2,
            AT,
            1,
            5,
            verdict,
            reason,
            by,
            metrics,
            List.of("dispersion assumed 15"),
            "{}");
    return statistics(evidence);
  }

  private static String statistics(Evidence evidence) {
    return ExplainText.of(
        Resources.rollout("chat", 2, "chat@1", "chat@2"),
        new Explanation(Optional.empty(), List.of(evidence)),
        true,
        Style.plain());
  }

  @Test
  void the_evidence_is_plotted_up_to_the_threshold() {
    List<Evidence.Moment> moments =
        List.of(
            new Evidence.Moment(AT, 0, Map.of("error", -2.0), Map.of("error", 0.0)),
            new Evidence.Moment(AT.plusSeconds(5), 0, Map.of("error", 3.2), Map.of("error", 2.9)),
            new Evidence.Moment(AT.plusSeconds(10), 0, Map.of("error", 6.2), Map.of("error", 9.0)));
    Evidence evidence =
        new Evidence(
            "chat-2",
            2,
            AT,
            1,
            5,
            "Revert",
            "worse",
            List.of("error"),
            List.of(error(500, 40, 9_500, 20, 6.2, 1)),
            List.of(),
            "{}",
            moments);
    String text = statistics(evidence);
    assertThat(text)
        .contains("error  harm \u2581\u2584\u2588")
        .contains("error  safe \u2581\u2587\u2588")
        .contains("\u2588 is the threshold");
    fits(text);
  }

  @Test
  void words_come_first_and_statistics_only_on_request() {
    Evidence decision =
        new Evidence(
                "chat-2",
                1,
                AT,
                1,
                5,
                "Revert",
                "error is worse than tolerated: log e 9.87 of 6.20",
                List.of("error"),
                List.of(error(120, 31, 9_500, 20, 9.87, -4.1)),
                List.of("dispersion assumed 15"),
                "{}")
            .withWords("31 of 120 requests to chat@2 failed (25.8 %): rolled back.", List.of());
    SummaryView summary =
        new SummaryView(
            "31 of 120 requests to chat@2 failed (25.8 %): rolled back. chat@1 serves all requests,"
                + " 412 ms after the decision.",
            List.of("Fix chat@2.", "`weir rollout retry chat` tries chat@2 again."),
            List.of(
                new MetricWords(
                    "error",
                    "failed requests",
                    "31 of 120 (25.8 %)",
                    "20 of 9500 (0.2 %)",
                    MetricWords.Finding.WORSE,
                    "")),
            List.of(),
            1,
            Optional.empty(),
            Optional.of(decision));
    Explanation explanation = new Explanation(Optional.of(summary), List.of(decision));
    Rollout rollout = Resources.rollout("chat", 2, "chat@1", "chat@2");
    String words = ExplainText.of(rollout, explanation, false, Style.plain());
    assertThat(words)
        .isEqualTo(
            """
            chat-2: chat@1 -> chat@2, Pending

            31 of 120 requests to chat@2 failed (25.8 %): rolled back. chat@1 serves all requests, 412 ms after
            the decision.
            Next: Fix chat@2.
                  `weir rollout retry chat` tries chat@2 again.

              METRIC           chat@2              chat@1              RESULT
              failed requests  31 of 120 (25.8 %)  20 of 9500 (0.2 %)  worse

            #1  2026-01-01 00:03:00Z  step 2 of 4, weight 5%  Revert
                31 of 120 requests to chat@2 failed (25.8 %): rolled back.
            """);
    fits(words);
    assertThat(ExplainText.of(rollout, explanation, true, Style.plain()))
        .contains("log e 9.87 of 6.20", "9.9/6.2", "flags: dispersion assumed 15")
        .contains("Latest analysis");
  }

  @Test
  void a_dry_run_and_a_warning_are_named_as_such() {
    MetricEvidence dry =
        new MetricEvidence(
            "length_up",
            false,
            9,
            1,
            90,
            3,
            240,
            200,
            .15,
            .3,
            1,
            6,
            0,
            3,
            "rollback",
            true,
            "length");
    MetricEvidence warning =
        new MetricEvidence(
            "refusal", false, 9, 9, 90, 3, 1, .03, .01, .02, 7, 6, 0, 3, "warn", false, "rate");
    assertThat(explained("Hold", "h", List.of(), List.of(dry, warning)))
        .containsPattern("length_up .* 240 .* dry run")
        .containsPattern("refusal .* 100% .* warning");
  }

  @Test
  void quality_is_shown_as_the_mean_grade_without_a_count_of_poor_answers() {
    MetricEvidence quality =
        new MetricEvidence(
                "quality", true, 80, 11_840, 90, 13_500, .852, .85, .02, .05, 1, 6, 2.5, 3)
            .withKind("score");
    assertThat(explained("Continue", "c", List.of(), List.of(quality)))
        .containsPattern("quality +80 +- +0\\.85 +90 +- +0\\.85 +1\\.0/6\\.0 +2\\.5/3\\.0 +open");
  }

  @Test
  void values_of_an_unknown_kind_have_no_unit() {
    MetricEvidence unknown =
        new MetricEvidence("tool_calls", true, 80, 0, 90, 0, 2, 3, .1, .25, 1, 6, 2.5, 3);
    assertThat(explained("Continue", "c", List.of(), List.of(unknown)))
        .containsPattern("tool_calls +80 +0 +2 +90 +0 +3 +1\\.0/6\\.0");
  }

  private static void fits(String text) {
    assertThat(text.lines()).allMatch(line -> line.length() <= 100);
  }

  @Test
  void a_promotion_shows_what_proved_it_safe() {
    String text =
        explained(
            "Promote",
            "every gating metric has excluded its margin on enough requests of both versions, so"
                + " the next step begins",
            List.of("error", "ttft"),
            List.of(error(500, 1, 9_500, 20, -1.25, 4.31), ttft(500, 0.2, -2, 3.0), watched(500)));
    assertThat(text)
        .isEqualTo(
            """
            chat-2: chat@1 -> chat@2, Pending

            #2  2026-01-01 00:03:00Z  step 2 of 4, weight 5%  Promote
                every gating metric has excluded its margin on enough requests of both versions, so the next
                step begins
                decided by: error, ttft

                METRIC     CANARY N  BAD  VALUE  BASE N  BAD  VALUE      HARM     SAFE  RESULT
                error           500    1   0.2%    9500   20  0.21%  -1.3/6.2  4.3/3.0  pass
                ttft            500    3  200ms    9500  412  214ms  -2.0/6.9  3.0/3.0  pass
                truncated       500    0     0%    9500    1  0.01%   0.4/6.9        -  watched

                error      harm ························   0%  safe ████████████████████████ 100%
                ttft       harm ························   0%  safe ████████████████████████ 100%
                truncated  harm █▍······················   6%

                flags: dispersion assumed 15
            """);
    fits(text);
  }

  @Test
  void a_rollback_shows_which_metric_crossed_its_threshold() {
    String text =
        explained(
            "Revert",
            "error is worse than its tolerance",
            List.of("error"),
            List.of(error(120, 31, 9_500, 20, 9.87, -4.1), ttft(89, 1.25, 3.45, -0.5)));
    assertThat(text)
        .isEqualTo(
            """
            chat-2: chat@1 -> chat@2, Pending

            #2  2026-01-01 00:03:00Z  step 2 of 4, weight 5%  Revert
                error is worse than its tolerance
                decided by: error

                METRIC  CANARY N  BAD   VALUE  BASE N  BAD  VALUE     HARM      SAFE  RESULT
                error        120   31  25.83%    9500   20  0.21%  9.9/6.2  -4.1/3.0  fail
                ttft          89    3   1.25s    9500  412  214ms  3.5/6.9  -0.5/3.0  open

                error  harm ████████████████████████ 100%  safe ························   0%
                ttft   harm ████████████············  50%  safe ························   0%

                flags: dispersion assumed 15
            """);
    fits(text);
  }

  @Test
  void an_arm_without_data_shows_no_value() {
    String text =
        explained(
            "Inconclusive",
            "no request reached the canary within 30m",
            List.of(),
            List.of(error(0, 0, 9_500, 20, 0, 0), ttft(0, 0, 0, 0), watched(0)));
    assertThat(text)
        .isEqualTo(
            """
            chat-2: chat@1 -> chat@2, Pending

            #2  2026-01-01 00:03:00Z  step 2 of 4, weight 5%  Inconclusive
                no request reached the canary within 30m

                METRIC     CANARY N  BAD  VALUE  BASE N  BAD  VALUE     HARM     SAFE  RESULT
                error             0    0      -    9500   20  0.21%  0.0/6.2  0.0/3.0  open
                ttft              0    0      -    9500  412  214ms  0.0/6.9  0.0/3.0  open
                truncated         0    0      -    9500    1  0.01%  0.4/6.9        -  watched

                error      harm ························   0%  safe ························   0%
                ttft       harm ························   0%  safe ························   0%
                truncated  harm █▍······················   6%

                flags: dispersion assumed 15
            """);
    fits(text);
  }

  @Test
  void an_unknown_median_is_not_zero() {
    assertThat(explained("Revert", "slow", List.of("ttft"), List.of(ttft(9, 0, 7, 0))))
        .contains("  ttft           9    3      -    9500  412  214ms  7.0/6.9  0.0/3.0  fail\n");
  }

  @Test
  void foreign_text_cannot_control_the_terminal() {
    assertThat(explained("Hold", "a\u001b[2Jb\nc", List.of("x\u0007"), List.of()))
        .contains("    a?[2Jb c\n")
        .contains("decided by: x?\n");
  }
}
