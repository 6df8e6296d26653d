// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal.traffic;

import dev.weir.simulator.player.PlayerReport;
import dev.weir.simulator.player.PlayerReport.VersionReport;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Status lines and summaries as text.
public final class TrafficText {
  private TrafficText() {}

  /// One line: requests, failures, and served requests and time to first token by version.
  static String status(PlayerReport report) {
    PlayerReport.Requests requests = report.requests();
    String counts =
        String.format(
            Locale.ROOT,
            "%.0f s: %d requests, %d failed, %d in flight",
            report.seconds(),
            requests.planned(),
            requests.failed() + requests.harmed(),
            requests.inFlight());
    List<VersionReport> serving =
        report.versions().stream().filter(version -> version.served() > 0).toList();
    return serving.isEmpty()
        ? counts + "; nothing served yet"
        : counts
            + "; served by "
            + serving.stream()
                .map(version -> name(version) + " " + version.served() + ttft(version))
                .collect(Collectors.joining(", "));
  }

  private static String ttft(VersionReport version) {
    return version.ttft().count() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            " (TTFT p50 %.0f ms, p95 %.0f ms)",
            version.ttft().p50Millis(),
            version.ttft().p95Millis());
  }

  static String name(VersionReport version) {
    return version.version().isEmpty() ? "unknown version" : version.version();
  }

  /// The final result, one line per count.
  public static String summary(TrafficSummary summary) {
    StringBuilder text = new StringBuilder();
    TrafficSummary.Requests requests = summary.requests();
    row(text, "service", summary.service());
    row(text, "seconds", String.format(Locale.ROOT, "%.1f", summary.seconds()));
    row(text, "requests served", requests.served());
    row(text, "  streamed", requests.streamed());
    row(text, "  resumed on another replica", requests.resumed());
    summary.versions().forEach((version, count) -> row(text, "  by " + version, count));
    row(text, "requests failed", requests.failed());
    summary.failures().forEach((reason, count) -> row(text, "  " + reason, count));
    return text.toString();
  }

  private static void row(StringBuilder text, String left, Object right) {
    text.append(String.format(Locale.ROOT, "%-30s %s\n", left, right));
  }
}
