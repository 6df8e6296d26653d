// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.json.JsonMapper;

/// The rows of a bench as JSON and as a page, with what they promise checked.
///
/// @param alpha what false reverts may be
/// @param seed of the whole bench
/// @param rows in order
/// @param nearer rollouts that are nearer to life
record Report(double alpha, long seed, List<Row> rows, List<RealisticRow> nearer) {

  Report {
    rows = List.copyOf(rows);
    nearer = List.copyOf(nearer);
  }

  /// What does not hold; empty when all does.
  List<String> failures() {
    List<String> failures = new ArrayList<>();
    for (Row row : rows) {
      if (isHealthy(row) && row.revertedUpperPercent() > 100 * alpha) {
        failures.add(
            "%s: 95 %% upper limit of false reverts is %s %%, alpha is %s %%"
                .formatted(name(row), show(row.revertedUpperPercent()), show(100 * alpha)));
      }
      Specified.of(row.of())
          .filter(s -> !s.agrees(row))
          .ifPresent(s ->
              failures.add(
                  "%s: %s %% detected, median %s s; specified %s"
                      .formatted(
                          name(row),
                          show(row.revertedPercent()),
                          show(row.medianSeconds()),
                          s.describe())));
    }
    nearer.forEach(row -> row.failure(alpha).ifPresent(failures::add));
    return failures;
  }

  String json() {
    List<Map<String, Object>> aa = new ArrayList<>();
    List<Map<String, Object>> detect = new ArrayList<>();
    for (Row row : rows) {
      if (isHealthy(row) && !row.of().zeroTolerance()) {
        aa.add(healthy(row));
      } else if (!isHealthy(row)) {
        detect.add(regression(row));
      }
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("aa", aa);
    all.put("detect", detect);
    return JsonMapper.shared().writeValueAsString(all);
  }

  private static Map<String, Object> healthy(Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("reqPerSecond", row.of().requestsPerSecond());
    json.put("weight", row.of().weight());
    json.put("runs", row.runs());
    json.put("falseRollbackPercent", row.revertedPercent());
    json.put("advancedPercent", row.advancedPercent());
    return json;
  }

  private static Map<String, Object> regression(Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("regression", row.of().scenario().name());
    json.put("reqPerSecond", row.of().requestsPerSecond());
    json.put("weight", row.of().weight());
    json.put("runs", row.runs());
    json.put("detectedPercent", row.revertedPercent());
    OptionalDouble median = row.medianSeconds();
    json.put(
        "medianSeconds", median.isPresent() ? Optional.of(median.getAsDouble()) : Optional.empty());
    json.put("medianBadAnswers", row.medianBadAnswers());
    return json;
  }

  String page(Origin origin) {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # How often the canary engine is wrong, and how fast it is right

        Written by `./dev bench canary --report docs/trials/canary.md`; do not edit by hand.

        Commit %s · seed %d · %s · %s s

        Every run plays 5 minutes of baseline traffic and a 30-minute rollout in one step through the
        real engine (`dev.weir.analysis.CanaryAnalysis`, whole cohorts of request records, a look
        every 5 s). Both arms share load, drift and bursts; outcomes are known at the end of their
        slice, so add the metric's horizon and the router's reaction to every time; so are the grades
        that a fifth of the answers get (each at 1 req/s). The plan is the one that was specified: all
        metrics, errors in one of weight .20; what says nothing of made-up answers (refusals, JSON,
        loops) has nothing to judge. The last table has the defaults, without grades. alpha = %s,
        beta = .05, dispersion = 1: noise private to the canary's pod is *not* part of this traffic and
        not covered by these figures.

        """
            .formatted(origin.commit(), seed, origin.machine(), origin.seconds(), show(alpha)));
    page.append("## Healthy canaries: false reverts\n\n");
    page.append(
        "| req/s | weight | tolerance | runs | reverted | 95 % upper limit | advanced | median s to"
            + " advance |\n");
    page.append("|---|---|---|---|---|---|---|---|\n");
    rows.stream().filter(Report::isHealthy).map(Report::healthyLine).forEach(page::append);
    page.append(
        """

        "Tolerance 0" is the exact null: the hardest traffic on which alpha still has to hold.
        The limit is Clopper and Pearson's, one-sided. At 1 req/s proof within 30 minutes is rare:
        such a rollout nearly always ends inconclusive, and is never promoted without proof.

        ## Regressions: time to revert

        | regression | req/s | weight | runs | detected | median s | specified | bad answers | specified | by | advanced first |
        |---|---|---|---|---|---|---|---|---|---|---|
        """);
    rows.stream().filter(r -> !isHealthy(r)).map(Report::regressionLine).forEach(page::append);
    page.append(
        """

        "Specified" is the table of the design's own simulation (an independent C program, 100 to
        200 runs a row, 400 at 1 req/s, all eleven metrics); medians must agree within 15 % or one half
        look, and where few runs detect, their share (in brackets), up to three standard deviations. Bad
        answers: failed canary requests for failures, all canary requests for the others, median
        over runs up to the revert.

        The specified medians come from 100 to 200 runs and move in looks of 5 s, so they are uncertain by
        a look themselves. Two rows of full runs differ by one, on the fast side (TTFT x2 at 1 %, TTFT
        x1.25 at 25 %): the design's program gives 15 s and 20 s there with 500 and 300 runs (seed 21).

        """);
    nearerTable(page);
    page.append("\n## Verdict\n\n");
    List<String> failures = failures();
    page.append(failures.isEmpty() ? "Everything holds.\n" : "");
    failures.forEach(f -> page.append("- Does not hold: ").append(f).append('\n'));
    return page.toString();
  }

  private void nearerTable(StringBuilder page) {
    page.append(
        """
        ## Nearer to life

        200 req/s, the defaults. "Outcomes when requests end": a request is pending until then, so
        metrics wait for their horizons, which are part of the times. Ladders go on when a step is passed
        and end with the last; dispersion is 1, and once the 15 that is assumed where nothing is known of
        noise: then half an hour does not prove a step of 1 %. Private noise is an AR(1) process of each
        pod's log-TTFT with that standard deviation (30 s; .25: 60 s), of the canary's one and the
        baseline's four; its divisors are measured on four such pods for half an hour.

        The outage begins anywhere in a half second, one to two minutes into a healthy rollout of 5 %.
        `fast_error` hears of each half second 1.1 to 1.2 s after its end, and half a second passes until
        gateways route away. Failed: canary requests, the median and (95 % of the runs); at most 40 in
        95 % of the runs.

        The requests of a session of five fail together or not at all, and share a log-TTFT of standard
        deviation .6. As one unit each they keep alpha with nothing tolerated; counted apart, as if they
        were independent, they do not, which is shown here and used nowhere. Dispersion is 1 in these rows,
        and sessions are waited for, 30 s.

        | case | runs | reverted | passed | median s to revert | median s to pass | failed (95 %) | by |
        |---|---|---|---|---|---|---|---|
        """);
    nearer.forEach(row -> page.append(row.line()));
  }

  /// Where figures come from.
  record Origin(String commit, String machine, long seconds) {}

  private static String healthyLine(Row row) {
    return "| %s | %s %% | %s | %d | %s %% (%d) | %s %% | %s %% | %s |\n"
        .formatted(
            show(row.of().requestsPerSecond()),
            show(100 * row.of().weight()),
            row.of().zeroTolerance() ? "0" : "default",
            row.runs(),
            show(row.revertedPercent()),
            row.reverted(),
            show(row.revertedUpperPercent()),
            show(row.advancedPercent()),
            show(row.medianAdvancedSeconds()));
  }

  private static String regressionLine(Row row) {
    Optional<Specified> specified = Specified.of(row.of());
    return "| %s | %s | %s %% | %d | %s %% | %s | %s | %s | %s | %s | %s %% |\n"
        .formatted(
            row.of().scenario().name(),
            show(row.of().requestsPerSecond()),
            show(100 * row.of().weight()),
            row.runs(),
            show(row.revertedPercent()),
            show(row.medianSeconds()),
            specified.map(Specified::describe).orElse("-"),
            show(row.medianBadAnswers()),
            specified.map(s -> show(s.badAnswers())).orElse("-"),
            row.revertedBy(),
            show(row.advancedPercent()));
  }

  static String name(Row row) {
    return "%s, %s req/s, %s %%%s"
        .formatted(
            row.of().scenario().name(),
            show(row.of().requestsPerSecond()),
            show(100 * row.of().weight()),
            row.of().zeroTolerance() ? ", tolerance 0" : "");
  }

  private static boolean isHealthy(Row row) {
    return row.of().scenario().equals(CanaryScenario.HEALTHY);
  }

  private static String show(OptionalDouble value) {
    return value.isPresent() ? show(value.getAsDouble()) : "-";
  }

  static String show(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.endsWith(".00") ? text.substring(0, text.length() - 3) : text;
  }
}
