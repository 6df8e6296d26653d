// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The completion script for the fish shell: one `complete` line for each command, option and
/// value.
final class FishCompletion {
  private FishCompletion() {}

  static String script(CommandSpec root) {
    StringBuilder text = new StringBuilder("# fish completion of weir\n");
    text.append("complete -c weir -f\n");
    commands(text, root, "__fish_use_subcommand");
    for (OptionSpec option : root.options()) {
      option(text, option, "");
    }
    for (CommandSpec command : visibleSubcommands(root)) {
      String condition = "__fish_seen_subcommand_from " + command.name();
      command.options().stream()
          .filter(option -> !root.optionsMap().containsKey(option.longestName()))
          .forEach(option -> option(text, option, condition));
      candidates(text, command, condition);
      nested(text, command, condition);
    }
    return text.toString();
  }

  /// The second level, such as `rollout status`.
  private static void nested(StringBuilder text, CommandSpec command, String condition) {
    List<CommandSpec> children = visibleSubcommands(command);
    if (!children.isEmpty()) {
      String names = String.join(" ", children.stream().map(CommandSpec::name).toList());
      commands(text, command, condition + "; and not __fish_seen_subcommand_from " + names);
    }
    for (CommandSpec child : children) {
      String childCondition = condition + "; and __fish_seen_subcommand_from " + child.name();
      child.options().stream()
          .filter(option -> !command.optionsMap().containsKey(option.longestName()))
          .forEach(option -> option(text, option, childCondition));
    }
  }

  private static List<CommandSpec> visibleSubcommands(CommandSpec command) {
    return command.subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .filter(spec -> !spec.usageMessage().hidden())
        .toList();
  }

  private static void commands(StringBuilder text, CommandSpec parent, String condition) {
    for (CommandSpec command : visibleSubcommands(parent)) {
      line(text, condition);
      text.append(" -a ").append(quoted(command.name()));
      describe(text, command.usageMessage().description());
    }
  }

  private static void option(StringBuilder text, OptionSpec option, String condition) {
    line(text, condition);
    for (String name : option.names()) {
      text.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    if (option.arity().max() > 0) {
      // The value may be a file name.
      text.append(option.paramLabel().matches(".*(FILE|DIR).*") ? " -r -F" : " -x");
    }
    describe(text, option.description());
  }

  private static void candidates(StringBuilder text, CommandSpec command, String condition) {
    for (PositionalParamSpec positional : command.positionalParameters()) {
      Iterable<String> candidates = positional.completionCandidates();
      if (candidates != null) {
        line(text, condition);
        text.append(" -a ").append(quoted(String.join(" ", candidates))).append('\n');
      }
    }
  }

  private static void line(StringBuilder text, String condition) {
    text.append("complete -c weir");
    if (!condition.isEmpty()) {
      text.append(" -n ").append(quoted(condition));
    }
  }

  private static void describe(StringBuilder text, String[] description) {
    text.append(description.length == 0 ? "" : " -d " + quoted(description[0])).append('\n');
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
