// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.view.RequestTrace;
import dev.weir.model.view.RequestTrace.Attempt;
import dev.weir.model.view.RequestTrace.End;

/// Formats the trace of one request.
public final class TraceText {
  private TraceText() {}

  public static String of(RequestTrace trace, Style style) {
    StringBuilder text = new StringBuilder();
    text.append("request ").append(TerminalSanitizer.line(trace.id())).append(": ");
    text.append(style.state(state(trace))).append('\n');
    line(text, "arrived", NumberFormats.time(trace.arrivedAt()) + " at gateway " + trace.gateway());
    line(
        text,
        "request",
        trace.path() + (trace.stream() ? ", streamed" : "") + ", by " + trace.principal());
    line(text, "route", trace.model() + " -> service " + trace.service());
    line(text, "version", version(trace));
    if (trace.waitedMillis() > 0) {
      line(text, "queued", millis(trace.waitedMillis()) + " in the admission queue");
    }
    Table table =
        new Table("#", "WHY", "REPLICA", "VERSION", "ENDED", "FIRST TOKEN", "TOKENS", "OUTCOME")
            .right(0);
    trace.attempts().forEach(attempt -> row(table, attempt));
    text.append(table.isEmpty() ? "" : table.render(style, "  "));
    if (!trace.mirror().isEmpty()) {
      line(text, "mirror", "copy to service " + trace.mirror() + ": " + trace.mirrorResult());
    }
    trace.end().ifPresent(end -> line(text, "client", end(end)));
    return text.toString();
  }

  private static String state(RequestTrace trace) {
    return trace
        .end()
        .map(end -> end.status() < 400 && end.failure().isEmpty() ? "answered" : "failed")
        .orElse("running");
  }

  private static String version(RequestTrace trace) {
    String why = trace.canary() ? ", the canary" : "";
    String during = trace.rollout().isEmpty() ? "" : ", during rollout " + trace.rollout();
    return trace.version() + why + during + " (snapshot " + trace.snapshot() + ")";
  }

  private static void row(Table table, Attempt attempt) {
    table.row(
        Integer.toString(attempt.number()),
        attempt.why(),
        attempt.replica(),
        attempt.version(),
        "+" + millis(attempt.endedAfterMillis()),
        attempt.ttftMillis() < 0 ? "" : millis(attempt.ttftMillis()),
        tokens(attempt.promptTokens(), attempt.outputTokens()),
        attempt.outcome()
            + (attempt.truncated() ? ", truncated" : "")
            + (attempt.failure().isEmpty() ? "" : ": " + attempt.failure())
            + injected(attempt));
  }

  private static String injected(Attempt attempt) {
    boolean reported =
        attempt.injected().isEmpty() || attempt.failure().contains(attempt.injected());
    return reported ? "" : " (" + attempt.injected() + ")";
  }

  private static String end(End end) {
    return end.status()
        + " after "
        + millis(end.tookMillis())
        + (end.ttftMillis() < 0 ? "" : ", first token after " + millis(end.ttftMillis()))
        + ", "
        + tokens(end.promptTokens(), end.outputTokens())
        + (end.resumes() == 0 ? "" : ", resumed " + end.resumes() + " times")
        + (end.fellBack() ? ", the stable version responded" : "")
        + (end.fallback().isEmpty()
            ? ""
            : ", at service " + end.service() + " because: " + end.fallback())
        + (end.failure().isEmpty() ? "" : "; " + end.failure());
  }

  /// A dash stands for an unknown count.
  private static String tokens(long prompt, long output) {
    return (prompt < 0 ? "-" : prompt) + " in, " + (output < 0 ? "-" : output) + " out";
  }

  private static String millis(double millis) {
    return NumberFormats.seconds(millis / 1000);
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("  ").append(name).append(" ".repeat(9 - name.length()));
    text.append(TerminalSanitizer.line(value)).append('\n');
  }
}
