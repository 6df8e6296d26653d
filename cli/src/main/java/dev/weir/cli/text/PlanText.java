// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.client.ApplyPlan;
import dev.weir.client.ApplyPlan.Change;
import dev.weir.client.ApplyPlan.Field;
import dev.weir.model.codec.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Formats a plan for a terminal, a code review or a program.
public final class PlanText {
  private PlanText() {}

  /// The plan as text; the last line counts the changes.
  public static String text(ApplyPlan plan, Style style) {
    StringBuilder text = new StringBuilder(diff(plan, style));
    for (Change change : plan.changes()) {
      if (change.effect().equals("unchanged")) {
        text.append("= ").append(name(change)).append(" unchanged\n");
      }
    }
    if (!plan.rollouts().isEmpty()) {
      text.append("\nRollouts to start\n");
      plan.rollouts()
          .forEach(release -> {
            text.append("  ").append(ReleaseText.headline(release)).append('\n');
            ReleaseText.details(release)
                .forEach(line -> text.append("    ").append(line).append('\n'));
            ReleaseText.warnings(release)
                .forEach(line -> text.append("    ").append(line).append('\n'));
          });
    }
    plan.warnings()
        .forEach(
            line -> text.append("\nwarning: ").append(TerminalSanitizer.line(line)).append('\n'));
    ApplyPlan.Replicas replicas = plan.replicas();
    text.append("\nReplicas: ").append(replicas.before()).append(" -> ").append(replicas.after());
    text.append(none(replicas) ? " (external endpoints are not counted)" : "");
    return text.append('\n').append(count(plan)).append('\n').toString();
  }

  /// Whether Weir runs no replica of the planned Services: they have external endpoints only.
  private static boolean none(ApplyPlan.Replicas replicas) {
    return replicas.before() == 0 && replicas.after() == 0;
  }

  /// Only the fields that change.
  public static String diff(ApplyPlan plan, Style style) {
    StringBuilder text = new StringBuilder();
    for (Change change : plan.changes()) {
      if (!change.effect().equals("unchanged")) {
        String sign = change.effect().equals("created") ? "+ " : "~ ";
        String head = sign + name(change) + " " + TerminalSanitizer.line(change.effect());
        text.append(style.state(change.effect(), head)).append('\n');
        change.fields().forEach(field -> field(text, field, style));
      }
    }
    return text.toString();
  }

  private static void field(StringBuilder text, Field field, Style style) {
    String path = TerminalSanitizer.line(field.path());
    field
        .before()
        .map(value -> "    - " + path + ": " + TerminalSanitizer.line(value))
        .ifPresent(line -> text.append(style.state("deleted", line)).append('\n'));
    field
        .after()
        .map(value -> "    + " + path + ": " + TerminalSanitizer.line(value))
        .ifPresent(line -> text.append(style.state("created", line)).append('\n'));
  }

  private static String name(Change change) {
    String place = change.namespace().isEmpty() ? "" : change.namespace() + "/";
    return TerminalSanitizer.line(change.kind() + "/" + place + change.name());
  }

  private static String count(ApplyPlan plan) {
    return "Plan: "
        + count(plan, "created")
        + " to create, "
        + count(plan, "changed")
        + " to change, "
        + count(plan, "unchanged")
        + " unchanged.";
  }

  private static long count(ApplyPlan plan, String effect) {
    return plan.changes().stream().filter(change -> change.effect().equals(effect)).count();
  }

  /// The plan as Markdown, for a pull request comment.
  public static String markdown(ApplyPlan plan) {
    StringBuilder text = new StringBuilder("### Weir plan\n\n").append(count(plan)).append("\n");
    if (!plan.hasNoChanges()) {
      text.append("\n| resource | effect | field | before | after |\n");
      text.append("| --- | --- | --- | --- | --- |\n");
      plan.changes().stream()
          .filter(change -> !change.effect().equals("unchanged"))
          .forEach(change -> rows(text, change));
    }
    if (!plan.rollouts().isEmpty()) {
      text.append("\n**Rollouts to start**\n\n");
      plan.rollouts()
          .forEach(release -> {
            text.append("- ").append(markdown(ReleaseText.headline(release))).append('\n');
            ReleaseText.details(release)
                .forEach(line -> text.append("  - ").append(markdown(line)).append('\n'));
            release
                .forecast()
                .forEach(line -> text.append("  - ").append(markdown(line)).append('\n'));
          });
    }
    plan.warnings().forEach(line -> text.append("\nWarning: ").append(markdown(line)).append('\n'));
    ApplyPlan.Replicas replicas = plan.replicas();
    text.append("\nReplicas: ").append(replicas.before()).append(" → ").append(replicas.after());
    return text.append('\n').toString();
  }

  private static void rows(StringBuilder text, Change change) {
    String start = "| " + markdown(name(change)) + " | " + markdown(change.effect()) + " | ";
    if (change.fields().isEmpty()) {
      text.append(start).append(" | | |\n");
    }
    for (Field field : change.fields()) {
      text.append(start).append(code(field.path()));
      text.append(" | ").append(field.before().map(PlanText::code).orElse(""));
      text.append(" | ").append(field.after().map(PlanText::code).orElse("")).append(" |\n");
    }
  }

  private static String code(String text) {
    return "`" + TerminalSanitizer.line(text).replace("`", "'").replace("|", "\\|") + "`";
  }

  private static String markdown(String text) {
    return TerminalSanitizer.line(text).replace("|", "\\|").replace("<", "&lt;");
  }

  /// The control plane's response, with `before` and `after` of fields parsed as JSON.
  public static ObjectNode tree(ApplyPlan plan) {
    ObjectNode tree = Json.tree(plan);
    for (JsonNode change : tree.path("changes")) {
      for (JsonNode field : change.path("fields")) {
        parsed((ObjectNode) field, "before");
        parsed((ObjectNode) field, "after");
      }
    }
    return tree;
  }

  private static void parsed(ObjectNode field, String side) {
    JsonNode value = field.path(side);
    if (value.isString()) {
      field.set(side, JsonMapper.shared().readTree(value.stringValue()));
    }
  }
}
