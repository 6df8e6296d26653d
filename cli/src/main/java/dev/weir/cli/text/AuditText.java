// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.view.AuditReport;

/// Formats the result of an audit log verification as one sentence.
public final class AuditText {
  private AuditText() {}

  /// The sentence for a verified log.
  public static String whole(AuditReport report) {
    return "the audit log is unbroken: %d entries; %s"
        .formatted(report.entries(), witnesses(report.witnesses()));
  }

  private static String witnesses(int count) {
    return switch (count) {
      case 0 -> "no gateway has a copy of its head, so only the hash chain was checked";
      case 1 -> "matches the head that 1 witness received";
      default -> "matches the heads that " + count + " witnesses received";
    };
  }

  /// The sentence for a log that failed verification.
  public static String broken(AuditReport report) {
    String where = report.firstBad().map(n -> Long.toString(n)).orElse("?");
    String reason = TerminalSanitizer.line(report.reason());
    return report.contradictions().isEmpty()
        ? "the audit log is broken at entry %s: %s; the %d entries before it are intact"
            .formatted(where, reason, report.entries())
        : "the audit log contradicts its witnesses from entry %s on: %s".formatted(where, reason);
  }
}
