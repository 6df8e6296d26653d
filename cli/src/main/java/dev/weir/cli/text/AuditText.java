// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.AuditReport;

/// Whether the audit log can be believed, in a sentence.
public final class AuditText {
  private AuditText() {}

  /// Of a log that is verified.
  public static String whole(AuditReport report) {
    return "the audit log is unbroken: %d entries; %s"
        .formatted(report.entries(), witnesses(report.witnesses()));
  }

  private static String witnesses(int count) {
    return switch (count) {
      case 0 -> "no gateway has witnessed it, so the log can only vouch for itself";
      case 1 -> "compared with what 1 witness was sent";
      default -> "compared with what " + count + " witnesses were sent";
    };
  }

  /// Of a log that is not.
  public static String broken(AuditReport report) {
    String where = report.firstBad().map(n -> Long.toString(n)).orElse("?");
    String reason = TerminalSanitizer.line(report.reason());
    return report.contradictions().isEmpty()
        ? "the audit log is broken at entry %s: %s; the %d before it are whole"
            .formatted(where, reason, report.entries())
        : "the audit log does not hold what was witnessed, from entry %s on: %s"
            .formatted(where, reason);
  }
}
