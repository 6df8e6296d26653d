// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutSpec.Room;
import dev.weir.model.RolloutSpec.Scale;
import dev.weir.model.RolloutStatus;
import dev.weir.model.release.Stages;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How far a rollout has come.
public final class RolloutText {
  private RolloutText() {}

  /// `chat-2: chat@1 -> chat@2, RolledBack (decided by ttft)`.
  public static String headline(Rollout rollout, Style style) {
    List<String> by = rollout.status().decidedBy();
    return rollout.metadata().name()
        + ": "
        + rollout.spec().from()
        + " -> "
        + rollout.spec().to()
        + ", "
        + style.state(rollout.status().phase().text())
        + (by.isEmpty()
            ? ""
            : " (decided by " + TerminalSanitizer.line(String.join(", ", by)) + ")");
  }

  /// `step 2 of 4`, or `before the first step`.
  static String step(int index, int steps) {
    return index < 0 ? "before the first step" : "step " + (index + 1) + " of " + steps;
  }

  /// All that a person asks first, some lines.
  public static String status(Rollout rollout, Instant now, Style style) {
    RolloutStatus status = rollout.status();
    StringBuilder text = new StringBuilder(headline(rollout, style)).append('\n');
    line(text, "step", where(rollout));
    line(text, "room", room(rollout));
    line(text, "started", since(status.startedAt(), now));
    line(text, "phase", since(status.phaseSince(), now));
    line(text, "took", took(status));
    line(text, "revert", revert(status));
    line(text, "override", overridden(status, now));
    line(text, "message", TerminalSanitizer.line(status.message()));
    next(text, rollout);
    return text.toString();
  }

  /// A pause waits for a person, who should not have to look up what there is to say.
  private static void next(StringBuilder text, Rollout rollout) {
    if (rollout.status().phase() == RolloutPhase.PAUSED) {
      String service = rollout.spec().service();
      boolean gate = rollout.status().passedAt().isPresent();
      line(
          text,
          "next",
          "weir rollout resume " + service + (gate ? ": go on" : ": resume; the step starts over"));
      line(text, "or", "weir rollout promote " + service + ": take the step without proof");
      line(
          text, "or", "weir rollout abort " + service + ": put " + rollout.spec().from() + " back");
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

  private static String since(Optional<Instant> at, Instant now) {
    return at.map(then -> NumberFormats.time(then) + " (" + NumberFormats.age(then, now) + " ago)")
        .orElse("");
  }

  private static String took(RolloutStatus status) {
    return status
        .startedAt()
        .flatMap(from -> status.finishedAt().map(to -> Duration.between(from, to)))
        .map(NumberFormats::span)
        .orElse("");
  }

  /// How fast the routing was back.
  private static String revert(RolloutStatus status) {
    return status
        .revertDecidedAt()
        .flatMap(from -> status.revertedAt().map(to -> Duration.between(from, to)))
        .map(took -> "routing was back after " + NumberFormats.seconds(took.toMillis() / 1000.0))
        .orElse("");
  }

  /// Where the new replicas stand, unless that is beside the old ones without anybody's help.
  private static String room(Rollout rollout) {
    Scale scale = rollout.spec().scale();
    if (scale.room() == Room.IN_PLACE) {
      return "in place: new replicas take the places of old ones";
    }
    return scale.loans().stream()
        .map(loan -> "%d of %s on %s".formatted(loan.replicas(), loan.service(), loan.target()))
        .map(TerminalSanitizer::line)
        .reduce((one, other) -> one + ", " + other)
        .map(loans -> "borrowed until it ends: " + loans)
        .orElse("");
  }

  private static String overridden(RolloutStatus status, Instant now) {
    return status
        .overridden()
        .map(how ->
            TerminalSanitizer.line(
                "guard rails, by %s%s%s: %s"
                    .formatted(
                        how.by(),
                        how.until().map(end -> " until " + NumberFormats.time(end)).orElse(""),
                        how.inForce(now) ? "" : " (over)",
                        how.reason())))
        .orElse("");
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append("  ").append(name).append(" ".repeat(9 - name.length()));
      text.append(value).append('\n');
    }
  }

  /// One line without times, which changes only when something happened.
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

  /// An end says its phase first, which stands before it here already.
  private static String latestMessage(RolloutStatus status) {
    String message = TerminalSanitizer.line(status.message());
    String said = status.phase().text() + ": ";
    return message.startsWith(said) ? message.substring(said.length()) : message;
  }

  /// Rollouts, one a row.
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
          status.message());
    }
    return table;
  }
}
