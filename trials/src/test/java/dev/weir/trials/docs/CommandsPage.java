// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// `docs/reference/commands.md`.
final class CommandsPage {
  private static final Pattern DEFAULT = Pattern.compile(" \\(default:? ([^)]+)\\)");

  private final ReferencePage page =
      new ReferencePage("Commands", "the commands of `weir`, which also print `--help`");
  private final CommandSpec root;
  private final Set<Object> global;
  private final String simHelp;
  private final String playerHelp;

  private CommandsPage(CommandSpec root, String simHelp, String playerHelp) {
    this.root = root;
    this.simHelp = simHelp;
    this.playerHelp = playerHelp;
    this.global =
        root.options().stream()
            .filter(option -> !option.usageHelp())
            .map(OptionSpec::setter)
            .collect(Collectors.toSet());
  }

  static String text(CommandLine root, String simHelp, String playerHelp) {
    return new CommandsPage(root.getCommandSpec(), simHelp, playerHelp).text();
  }

  private String text() {
    page.paragraph(
        "An option that sets a [setting](settings.md) has the default of that setting. All other"
            + " options without a default are optional. `--help` prints the usage of any command.");
    page.section("Global options").paragraph("Every command accepts these options.");
    options(root.options().stream().filter(option -> !option.usageHelp()));
    page.section("Exit status").paragraph("A command with other statuses names them.");
    exitStatus(root);
    new TreeMap<>(root.subcommands())
        .values()
        .forEach(line -> command(line.getCommandSpec(), true));
    return page.text();
  }

  private void command(CommandSpec spec, boolean top) {
    if (spec.usageMessage().hidden()) {
      return;
    }
    var _ = top ? page.section(spec.qualifiedName()) : page.subsection(spec.qualifiedName());
    page.paragraph(ReferencePage.sentence(String.join(" ", spec.usageMessage().description())));
    page.code("", synopsis(spec));
    arguments(spec);
    options(
        spec.options().stream()
            .filter(option -> !option.usageHelp() && !option.versionHelp() && !option.hidden())
            .filter(option -> !option.longestName().equals("--help"))
            .filter(option -> !global.contains(option.setter())));
    ownHelp(spec.name());
    exitStatus(spec);
    new TreeMap<>(spec.subcommands())
        .values()
        .forEach(line -> command(line.getCommandSpec(), false));
  }

  private void ownHelp(String name) {
    switch (name) {
      case "sim" -> page.code("", simHelp);
      case "player" -> page.code("", playerHelp);
      default -> {}
    }
  }

  private static String synopsis(CommandSpec spec) {
    Help help = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF));
    return help.abbreviatedSynopsis().strip();
  }

  private void arguments(CommandSpec spec) {
    page.table(
        List.of("argument", "required", "default", "description"),
        spec.positionalParameters().stream()
            .map(argument ->
                List.of(
                    ReferencePage.code(argument.paramLabel()),
                    argument.arity().min() > 0 ? "yes" : "no",
                    fallback(argument),
                    description(argument))));
  }

  private void options(Stream<OptionSpec> options) {
    page.table(
        List.of("option", "required", "default", "description"),
        options.map(option ->
            List.of(
                ReferencePage.code(names(option)),
                option.required() ? "yes" : "no",
                fallback(option),
                description(option))));
  }

  private static String names(OptionSpec option) {
    String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
    return String.join(", ", option.names()) + label;
  }

  /// The declared default, or the one that the description names.
  private static String fallback(ArgSpec argument) {
    String value = Objects.requireNonNullElse(argument.defaultValue(), "");
    Matcher described = DEFAULT.matcher(String.join(" ", argument.description()));
    String text = value.isEmpty() && described.find() ? described.group(1) : value;
    return text.isEmpty() || text.contains(" ") ? text : ReferencePage.code(text);
  }

  private static String description(ArgSpec argument) {
    String text = DEFAULT.matcher(String.join(" ", argument.description())).replaceAll("");
    return text.isEmpty() ? "" : ReferencePage.sentence(text);
  }

  private void exitStatus(CommandSpec spec) {
    page.table(
        List.of("status", "meaning"),
        spec.usageMessage().exitCodeList().entrySet().stream()
            .map(entry -> List.of(entry.getKey(), ReferencePage.sentence(entry.getValue()))));
  }
}
