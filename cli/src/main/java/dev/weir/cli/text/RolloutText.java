// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.Rollout;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.RolloutSpec.Room;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.view.SummaryView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Formats the state of rollouts.
public final class RolloutText {
  private static final String INDENT = "  ";

  private RolloutText() {}

  /// `chat-2: chat@1 -> chat@2, RolledBack (decided by ttft)`.
  public static String headline(Rollout rollout, Style style) {
    List<String> metrics = rollout.status().decidedBy();
    return rollout.metadata().name()
        + ": "
        + rollout.spec().from()
        + " -> "
        + rollout.spec().to()
        + ", "
        + style.state(rollout.status().phase().text())
        + (metrics.isEmpty()
            ? ""
            : " (decided by " + TerminalSanitizer.line(String.join(", ", metrics)) + ")");
  }

  /// `step 2 of 4`, or `before the first step`.
  static String step(int index, int steps) {
    return index < 0 ? "before the first step" : "step " + (index + 1) + " of " + steps;
  }

  /// The rollout as a document, with its summary in words.
  public static ObjectNode document(Rollout rollout, Optional<SummaryView> summary) {
    ObjectNode tree = Manifests.toTree(rollout);
    summary.ifPresent(words -> tree.set("summary", Json.tree(words)));
    return tree;
  }

  /// A summary in several lines.
  ///
  /// @param summary in words; empty if the control plane does not report it
  public static String status(
      Rollout rollout, Optional<SummaryView> summary, Instant now, Style style) {
    RolloutStatus status = rollout.status();
    StringBuilder text = new StringBuilder(headline(rollout, style)).append('\n');
    summary.ifPresent(
        words -> text.append(TextWrap.of(TerminalSanitizer.line(words.text()), INDENT)));
    line(text, "step", where(rollout));
    line(text, "capacity", capacity(rollout));
    line(text, "started", since(status.startedAt(), now));
    line(text, "phase", since(status.phaseSince(), now));
    line(text, "took", took(status));
    line(text, "revert", revert(status));
    line(text, "override", overridden(status, now));
    boolean described = summary.isPresent() && status.phase() == RolloutPhase.PROGRESSING;
    line(text, "message", described ? "" : TerminalSanitizer.line(status.message()));
    summary.ifPresentOrElse(words -> next(text, words), () -> next(text, rollout));
    return text.toString();
  }

  private static void next(StringBuilder text, SummaryView summary) {
    summary
        .expectedEnd()
        .ifPresent(end -> line(text, "expected", "end at " + NumberFormats.time(end)));
    text.append(SummaryText.next(summary.next(), INDENT + "next     "));
  }

  /// Lists the commands with which an operator can end a pause.
  private static void next(StringBuilder text, Rollout rollout) {
    if (rollout.status().phase() == RolloutPhase.PAUSED) {
      String service = rollout.spec().service();
      boolean gate = rollout.status().passedAt().isPresent();
      line(
          text,
          "next",
          "weir rollout resume "
              + service
              + (gate ? ": continue" : ": resume and restart the step"));
      line(text, "or", "weir rollout promote " + service + ": advance without analysis");
      line(text, "or", "weir rollout abort " + service + ": roll back to " + rollout.spec().from());
    }
  }

  private static String where(Rollout rollout) {
    if (rollout.status().phase().terminal()) {
      return "";
    }
    return step(rollout.status().step(), Stages.of(rollout.spec()).size())
        + ", weight "
        + NumberFormats.number(rollout.status().weight())
        + "%";
  }

  /// The share of the requests that the new version has, such as `at 10 %`; empty without any.
  public static String share(Rollout rollout) {
    double weight = rollout.status().weight();
    return weight > 0 ? "at %s %%".formatted(NumberFormats.number(weight)) : "";
  }

  private static String since(Optional<Instant> at, Instant now) {
    return at.map(instant ->
            NumberFormats.time(instant) + " (" + NumberFormats.age(instant, now) + " ago)")
        .orElse("");
  }

  private static String took(RolloutStatus status) {
    return status
        .startedAt()
        .flatMap(from -> status.finishedAt().map(to -> Duration.between(from, to)))
        .map(NumberFormats::span)
        .orElse("");
  }

  /// The time from the decision to the restored routing.
  private static String revert(RolloutStatus status) {
    return status
        .revertDecidedAt()
        .flatMap(from -> status.revertedAt().map(to -> Duration.between(from, to)))
        .map(took -> "routing restored after " + NumberFormats.seconds(took.toMillis() / 1000.0))
        .orElse("");
  }

  /// Where the new replicas run; empty when they run beside the old ones in free capacity.
  private static String capacity(Rollout rollout) {
    Scale scale = rollout.spec().scale();
    if (scale.room() == Room.IN_PLACE) {
      return "in place: new replicas replace old ones";
    }
    return scale.loans().stream()
        .map(loan -> "%d of %s on %s".formatted(loan.replicas(), loan.service(), loan.target()))
        .map(TerminalSanitizer::line)
        .reduce((one, other) -> one + ", " + other)
        .map(loans -> "borrowed until the rollout ends: " + loans)
        .orElse("");
  }

  private static String overridden(RolloutStatus status, Instant now) {
    return status
        .overridden()
        .map(override ->
            TerminalSanitizer.line(
                "guard rails bypassed by %s%s%s: %s"
                    .formatted(
                        override.by(),
                        override.until().map(end -> " until " + NumberFormats.time(end)).orElse(""),
                        override.inForce(now) ? "" : " (expired)",
                        override.reason())))
        .orElse("");
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append("  ").append(name).append(" ".repeat(9 - name.length()));
      text.append(value).append('\n');
    }
  }

  /// One line without times, so that it changes only with the state.
  public static String progress(Rollout rollout) {
    RolloutStatus status = rollout.status();
    boolean moving = !status.phase().terminal() && status.phase() != RolloutPhase.PENDING;
    return rollout.metadata().name()
        + " "
        + rollout.spec().to()
        + " "
        + status.phase().text()
        + (moving ? ", " + where(rollout) : "")
        + (status.message().isEmpty() ? "" : ": " + latestMessage(status));
  }

  /// The message without a leading phase, because the line shows the phase already.
  private static String latestMessage(RolloutStatus status) {
    String message = TerminalSanitizer.line(status.message());
    String phasePrefix = status.phase().text() + ": ";
    return message.startsWith(phasePrefix) ? message.substring(phasePrefix.length()) : message;
  }

  /// One row per rollout.
  public static Table table(List<Rollout> rollouts) {
    Table table =
        new Table("NAME", "FROM", "TO", "OUTCOME", "DECIDED BY", "STARTED", "TOOK", "MESSAGE")
            .cut(7);
    for (Rollout rollout : rollouts) {
      RolloutStatus status = rollout.status();
      table.row(
          rollout.metadata().name(),
          rollout.spec().from().toString(),
          rollout.spec().to().toString(),
          status.phase().text(),
          String.join(",", status.decidedBy()),
          status.startedAt().map(NumberFormats::time).orElse(""),
          took(status),
          withoutStatistics(status.message()));
    }
    return table;
  }

  /// `explain --statistics` shows the evidence of each metric.
  private static String withoutStatistics(String message) {
    return message.replaceFirst(": [^;]*; waiting for ", ": waiting for ");
  }
}
