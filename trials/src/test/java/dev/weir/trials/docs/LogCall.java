// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A log call in a source file, such as `LOG.atInfo().addKeyValue("event", "store.opened").log("The
/// store is open")`.
///
/// @param place file and line, for messages
/// @param steps the chained method calls
record LogCall(String place, List<Step> steps) {
  private static final Pattern LEVEL = Pattern.compile("at(Trace|Debug|Info|Warn|Error|Level)");
  private static final Pattern EVENT = Pattern.compile("[a-z]+(\\.[a-z]+)+");
  private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern LITERALS =
      Pattern.compile(LITERAL.pattern() + "(?:\\s*\\+\\s*" + LITERAL.pattern() + ")*");
  private static final Pattern PAIR = Pattern.compile("\"(\\w+)\"\\s*,\\s*(.*)", Pattern.DOTALL);
  private static final String KEY_VALUE = "addKeyValue";

  /// @param arguments the text between the parentheses
  record Step(String method, String arguments) {}

  LogCall {
    steps = List.copyOf(steps);
  }

  /// Why the call does not follow the rules; empty if it does.
  List<String> problems(Set<String> knownKeys) {
    List<String> problems = new ArrayList<>();
    if (!LEVEL.matcher(steps.getFirst().method()).matches()) {
      problems.add("it must start with LOG.atInfo() or another level");
      return problems;
    }
    if (!steps.getLast().method().equals("log")
        || !LITERALS.matcher(steps.getLast().arguments().strip()).matches()) {
      problems.add("it must end with .log(\"constant message\")");
    }
    if (!keys().stream().limit(1).toList().equals(List.of("event"))) {
      problems.add("the first key must be event");
    } else if (events().isEmpty() || !events().stream().allMatch(this::isEvent)) {
      problems.add("an event must be a constant like noun.verb");
    }
    keys().stream()
        .filter(key -> !knownKeys.contains(key))
        .forEach(key -> problems.add("key " + key + " is not in log-keys.tsv"));
    return problems;
  }

  private boolean isEvent(String event) {
    return EVENT.matcher(event).matches();
  }

  String level() {
    String level = steps.getFirst().method().substring(2).toLowerCase(Locale.ROOT);
    return level.equals("level") ? "by severity" : level;
  }

  /// The names of the event; a call may choose between several.
  List<String> events() {
    return pairs().stream()
        .filter(pair -> pair.group(1).equals("event"))
        .flatMap(pair -> literals(pair.group(2)).stream())
        .toList();
  }

  /// The keys in the order of the call. A key that is no constant has the name `?`.
  List<String> keys() {
    return steps.stream()
        .filter(step -> step.method().equals(KEY_VALUE))
        .map(step -> {
          Matcher pair = PAIR.matcher(step.arguments().strip());
          return pair.matches() ? pair.group(1) : "?";
        })
        .toList();
  }

  /// Whether the call passes an exception, which sets `error`.
  boolean hasCause() {
    return steps.stream().anyMatch(step -> step.method().equals("setCause"));
  }

  String message() {
    return String.join("", literals(steps.getLast().arguments()));
  }

  private List<MatchResult> pairs() {
    return steps.stream()
        .filter(step -> step.method().equals(KEY_VALUE))
        .map(step -> PAIR.matcher(step.arguments().strip()))
        .filter(Matcher::matches)
        .map(Matcher::toMatchResult)
        .toList();
  }

  private static List<String> literals(String code) {
    return LITERAL
        .matcher(code)
        .results()
        .map(literal -> literal.group(1).translateEscapes())
        .toList();
  }
}
