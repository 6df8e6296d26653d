// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import dev.weir.model.value.VersionRef;
import dev.weir.model.view.Evidence.MetricEvidence;
import dev.weir.model.view.MetricWords;
import dev.weir.model.view.MetricWords.Finding;
import java.util.List;
import java.util.Map;

/// Describes the numbers of the metrics of a release.
///
/// @param to the new version, the canary
/// @param from the version that it replaces, the baseline
public record MetricSentences(VersionRef to, VersionRef from) {
  private static final String SCORE = "score";
  private static final String LATENCY = "latency";
  private static final String LENGTH = "length";

  /// Share of the evidence for a rollback from which a metric looks worse.
  private static final double SUSPICIOUS = .5;

  /// Medians that differ by less do not show why a latency is worse.
  private static final double VISIBLE = 1.05;

  /// How the bad results of a rate are described.
  ///
  /// @param what a heading
  /// @param counted what is counted
  /// @param link between the counted and the version: `requests to chat@3`
  /// @param verb what is wrong with them
  private record Rate(String what, String counted, String link, String verb) {}

  /// How a latency or length is described.
  ///
  /// @param counted what is measured
  /// @param verb what a half of them did, with the value
  private record Size(String what, String counted, String verb) {}

  private static final Rate UNKNOWN_RATE = new Rate("", "results", "of", "were bad");
  private static final Size UNKNOWN_SIZE = new Size("", "answers", "took more than");

  private static final Map<String, Rate> RATES =
      Map.of(
          "error", new Rate("failed requests", "requests", "to", "failed"),
          "fast_error", new Rate("failed within 1 s", "requests", "to", "failed within a second"),
          "truncated", new Rate("cut streams", "streams", "of", "were cut"),
          "empty", new Rate("empty answers", "answers", "of", "were empty"),
          "refusal", new Rate("refusals", "answers", "of", "were refusals"),
          "invalid_json", new Rate("invalid JSON", "answers", "of", "were not valid JSON"),
          "repetition", new Rate("answers in a loop", "answers", "of", "ended in a loop"));

  private static final Map<String, Size> SIZES =
      Map.of(
          "ttft", new Size("first token", "answers", "took more than"),
          "itl", new Size("time between tokens", "streams", "took more than"),
          "e2e_per_token", new Size("time per token", "answers", "took more than"),
          "length_up", new Size("longer answers", "answers", "had more than"),
          "length_down", new Size("shorter answers", "answers", "had more than"));

  /// Describes all metrics.
  public List<MetricWords> all(List<MetricEvidence> metrics) {
    return metrics.stream().map(this::words).toList();
  }

  MetricWords words(MetricEvidence metric) {
    return new MetricWords(
        metric.metric(),
        what(metric),
        side(metric, metric.canaryCount(), metric.canaryBad(), metric.canaryValue()),
        side(metric, metric.baselineCount(), metric.baselineBad(), metric.baselineValue()),
        finding(metric),
        sentence(metric));
  }

  /// Both versions in one sentence without a full stop; empty before the first result.
  String sentence(MetricEvidence metric) {
    if (metric.canaryCount() == 0) {
      return "";
    }
    return switch (metric.kind()) {
      case SCORE ->
          "average grade: %s of 1 for %s, %s for %s"
              .formatted(
                  Words.number(metric.canaryValue()),
                  to,
                  Words.number(metric.baselineValue()),
                  from);
      case LATENCY, LENGTH -> size(metric);
      default -> rate(metric);
    };
  }

  private String rate(MetricEvidence metric) {
    Rate rate = RATES.getOrDefault(metric.metric(), UNKNOWN_RATE);
    String sentence =
        "%d of %d %s %s %s %s%s"
            .formatted(
                metric.canaryBad(),
                metric.canaryCount(),
                rate.counted(),
                rate.link(),
                to,
                rate.verb(),
                Words.inPercent(metric.canaryBad(), metric.canaryCount()));
    return metric.baselineCount() == 0
        ? sentence
        : "%s, %d of %d %s %s%s"
            .formatted(
                sentence,
                metric.baselineBad(),
                metric.baselineCount(),
                rate.link(),
                from,
                Words.inPercent(metric.baselineBad(), metric.baselineCount()));
  }

  private String size(MetricEvidence metric) {
    Size size = SIZES.getOrDefault(metric.metric(), UNKNOWN_SIZE);
    String start = what(metric) + ": ";
    if (medians(metric)) {
      return "%shalf of the %s of %s %s %s, of %s %s"
          .formatted(
              start,
              size.counted(),
              to,
              size.verb(),
              value(metric, metric.canaryValue()),
              from,
              value(metric, metric.baselineValue()));
    }
    return "%s%s %s of %s exceed the limit, %s of %s"
        .formatted(
            start,
            Words.part(metric.canaryBad(), metric.canaryCount()),
            size.counted(),
            to,
            Words.part(metric.baselineBad(), metric.baselineCount()),
            from);
  }

  /// Whether the medians describe the metric. They do not if the slowest answers made it worse.
  private static boolean medians(MetricEvidence metric) {
    boolean known = metric.canaryValue() > 0 && metric.baselineValue() > 0;
    boolean worse = suspicion(metric) >= SUSPICIOUS;
    double low = Math.min(metric.canaryValue(), metric.baselineValue());
    double high = Math.max(metric.canaryValue(), metric.baselineValue());
    return known && !(worse && high < VISIBLE * low);
  }

  private static String side(MetricEvidence metric, long count, long bad, double value) {
    if (count == 0) {
      return "";
    }
    return switch (metric.kind()) {
      case SCORE -> Words.number(value) + " of 1";
      case LATENCY, LENGTH ->
          medians(metric) ? "half above " + value(metric, value) : Words.part(bad, count);
      default -> Words.part(bad, count);
    };
  }

  private static String value(MetricEvidence metric, double value) {
    return metric.kind().equals(LATENCY) ? Words.seconds(value) : Words.number(value) + " tokens";
  }

  private static String what(MetricEvidence metric) {
    String known =
        switch (metric.kind()) {
          case SCORE -> "average grade";
          case LATENCY, LENGTH -> SIZES.getOrDefault(metric.metric(), UNKNOWN_SIZE).what();
          default -> RATES.getOrDefault(metric.metric(), UNKNOWN_RATE).what();
        };
    return known.isEmpty() ? metric.metric() : known;
  }

  private static Finding finding(MetricEvidence metric) {
    boolean decides = !metric.dryRun() && !metric.action().equals("warn");
    if (suspicion(metric) >= 1) {
      return decides ? Finding.WORSE : Finding.WARNING;
    }
    if (suspicious(metric)) {
      return Finding.SUSPICIOUS;
    }
    if (!metric.gating()) {
      return Finding.WATCHED;
    }
    boolean safe = metric.safeThreshold() > 0 && metric.safeLogE() >= metric.safeThreshold();
    return safe ? Finding.FINE : Finding.OPEN;
  }

  /// Whether at least half of the evidence for a rollback exists.
  static boolean suspicious(MetricEvidence metric) {
    boolean decides = !metric.dryRun() && !metric.action().equals("warn");
    return decides && suspicion(metric) >= SUSPICIOUS;
  }

  private static double suspicion(MetricEvidence metric) {
    return metric.harmThreshold() <= 0 ? 0 : metric.harmLogE() / metric.harmThreshold();
  }
}
