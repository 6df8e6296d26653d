// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_FOOTER;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST;

import dev.weir.cli.session.GlobalOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Help: a grouped overview for `weir`; each command shows only its own options.
final class HelpText {
  private static final String OVERVIEW = "overview";
  private static final int NAME_COLUMNS = 12;

  private static final SequencedMap<String, List<String>> GROUPS = groups();

  private HelpText() {}

  private static SequencedMap<String, List<String>> groups() {
    SequencedMap<String, List<String>> groups = new LinkedHashMap<>();
    groups.put("Run", List.of("demo", "up", "control", "gateway", "sim", "traffic"));
    groups.put("Change", List.of("apply", "plan", "diff", "delete"));
    groups.put("Inspect", List.of("get", "describe", "history", "explain", "logs", "doctor"));
    groups.put("Releases", List.of("release", "rollout"));
    groups.put("Access", List.of("whoami", "key", "audit", "context"));
    groups.put("Operate", List.of("replica", "backup", "restore", "alert", "fault"));
    groups.put("This program", List.of("version", "config", "completion", "help"));
    return groups;
  }

  /// Sets the help of the root and of all its subcommands.
  static void install(CommandLine root, GlobalOptions options) {
    CommandSpec spec = root.getCommandSpec();
    spec.usageMessage()
        .sectionKeys(List.of(OVERVIEW))
        .sectionMap(Map.of(OVERVIEW, _ -> overview(spec, options)));
    root.getSubcommands().values().forEach(line -> installBelow(line, options));
  }

  private static void installBelow(CommandLine line, GlobalOptions options) {
    line.getHelpSectionMap().put(SECTION_KEY_OPTION_LIST, help -> own(help, options));
    line.getHelpSectionMap().put(SECTION_KEY_FOOTER, _ -> "\n" + GlobalOptions.HINT + "\n");
    line.getCommandSpec().usageMessage().abbreviateSynopsis(true).width(100);
    line.getSubcommands().values().forEach(below -> installBelow(below, options));
  }

  private static String own(Help help, GlobalOptions options) {
    Help.Layout layout = help.createDefaultLayout();
    layout.addAllOptions(
        help.commandSpec().options().stream().filter(option -> !options.owns(option)).toList(),
        help.parameterLabelRenderer());
    return layout.toString();
  }

  private static String overview(CommandSpec root, GlobalOptions options) {
    StringBuilder text = new StringBuilder("Usage: weir [OPTIONS] COMMAND\n\n");
    text.append("Releases, routes and monitors self-hosted models.\n");
    Set<String> rest = new TreeSet<>(root.subcommands().keySet());
    GROUPS.forEach((title, names) -> {
      group(text, root, title, names);
      rest.removeAll(names);
    });
    group(text, root, "More", new ArrayList<>(rest));
    text.append("\nGlobal options\n");
    root.options().stream().filter(options::owns).forEach(option -> option(text, option));
    return text.append("\n`weir COMMAND --help` shows help for one command.\n").toString();
  }

  private static void group(
      StringBuilder text, CommandSpec root, String title, List<String> names) {
    List<CommandSpec> shown =
        names.stream()
            .flatMap(name -> Optional.ofNullable(root.subcommands().get(name)).stream())
            .map(CommandLine::getCommandSpec)
            .filter(spec -> !spec.usageMessage().hidden())
            .toList();
    if (!shown.isEmpty()) {
      text.append('\n').append(title).append('\n');
      shown.forEach(spec -> row(text, NAME_COLUMNS, spec.name(), first(spec)));
    }
  }

  private static String first(CommandSpec spec) {
    String[] description = spec.usageMessage().description();
    return description.length == 0 ? "" : description[0];
  }

  private static void option(StringBuilder text, OptionSpec option) {
    String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
    row(text, 22, String.join(", ", option.names()) + label, option.description()[0]);
  }

  private static void row(StringBuilder text, int columns, String name, String description) {
    text.append("  ").append(name).append(" ".repeat(Math.max(1, columns - name.length())));
    text.append(description).append('\n');
  }
}
