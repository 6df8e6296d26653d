// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.vocabulary;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The turns and names that texts of this repository do not use, each with what to write instead.
final class Vocabulary {
  private final List<Rule> turns;
  private final Map<String, String> retired;
  private final Pattern names;

  /// @param turns rules for prose
  /// @param retired names that no text and no code has, by the names to use instead
  Vocabulary(List<Rule> turns, Map<String, String> retired) {
    this.turns = List.copyOf(turns);
    this.retired = Map.copyOf(retired);
    this.names =
        Pattern.compile(
            retired.keySet().stream()
                .map(Pattern::quote)
                .collect(Collectors.joining("|", "(?<![A-Za-z0-9_])(?:", ")(?![A-Za-z0-9_])")));
  }

  /// @param instead what to write, and why
  /// @param wrong a sample that the rule finds
  /// @param right a sample that it does not find
  record Rule(Pattern pattern, String instead, String wrong, String right) {}

  /// @param file relative to the root of the repository
  record Finding(String file, int line, String turn, String instead) {
    @Override
    public String toString() {
      return "%s:%d: `%s`: write %s".formatted(file, line, turn, instead);
    }
  }

  /// Reads tab-separated lines: regular expression, what to write, a sample that has the turn, a
  /// sample that has it not.
  static List<Rule> parse(String text) {
    return text.lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(Vocabulary::rule)
        .toList();
  }

  private static Rule rule(String line) {
    String[] columns = line.split("\t", -1);
    if (columns.length != 4) {
      throw new IllegalArgumentException("a rule has 4 columns: " + line);
    }
    return new Rule(
        Pattern.compile(columns[0], Pattern.CASE_INSENSITIVE), columns[1], columns[2], columns[3]);
  }

  /// Everything that the rules find in a file.
  List<Finding> findings(String file, String text) {
    List<Finding> found = new ArrayList<>();
    for (SourceLine line : SourceText.lines(file, text)) {
      addTurns(file, line, found);
      addNames(file, line, found);
    }
    return found;
  }

  private void addTurns(String file, SourceLine line, List<Finding> found) {
    if (line.prose().isBlank()) {
      return;
    }
    for (Rule rule : turns) {
      Matcher matcher = rule.pattern().matcher(line.prose());
      while (matcher.find()) {
        found.add(new Finding(file, line.number(), matcher.group().strip(), rule.instead()));
      }
    }
  }

  private void addNames(String file, SourceLine line, List<Finding> found) {
    if (retired.isEmpty()) {
      return;
    }
    Matcher matcher = names.matcher(line.names());
    while (matcher.find()) {
      String name = matcher.group();
      found.add(new Finding(file, line.number(), name, retired.getOrDefault(name, "")));
    }
  }
}
