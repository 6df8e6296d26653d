// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.util.Locale;

/// The result of the demo as a table.
final class DemoTable {
  private DemoTable() {}

  static String render(DemoReport report) {
    StringBuilder text = new StringBuilder();
    row(text, "requests served", report.requests().served() + "");
    row(text, "  streamed", report.requests().streamed() + "");
    row(text, "  resumed on another replica", report.requests().resumed() + "");
    row(text, "requests failed", report.requests().failed() + "");
    report.releases().forEach(release -> release(text, release));
    report
        .faults()
        .forEach(fault ->
            row(
                text,
                fault.what(),
                fault.requestsAffected() + " affected, " + fault.requestsFailed() + " failed"));
    row(
        text,
        "audit log",
        report.audit().entries()
            + " entries, chain "
            + (report.audit().verified() ? "verified" : "BROKEN"));
    return text.toString();
  }

  private static void release(StringBuilder text, DemoReport.Release release) {
    switch (release) {
      case DemoReport.Good good -> {
        row(
            text,
            good.from() + " -> " + good.to(),
            String.format(Locale.ROOT, "%s in %.0f s", good.outcome(), good.seconds()));
        row(text, "  decided by", String.join(", ", good.decidedBy()));
      }
      case DemoReport.Bad bad -> {
        row(
            text,
            bad.from() + " -> " + bad.to(),
            String.format(
                Locale.ROOT,
                "%s, reverted %.1f s after its first answer",
                bad.outcome(),
                bad.secondsToRevert()));
        row(text, "  decided by", String.join(", ", bad.decidedBy()));
        row(
            text,
            "  answers from the bad version",
            bad.answersFromBadVersion() + ", " + bad.badAnswersExposed() + " of them bad");
      }
    }
  }

  private static void row(StringBuilder text, String left, String right) {
    text.append(String.format(Locale.ROOT, "  %-42s %s%n", left, right));
  }
}
