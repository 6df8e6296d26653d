// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Finds the log calls in Java sources.
final class LogCallScanner {
  private static final Pattern LOGGER =
      Pattern.compile("\\bLogger\\s+(\\w+)\\s*=\\s*LoggerFactory\\b");
  private static final Pattern CALL = Pattern.compile("\\bLOG\\s*(?=\\.)");

  private final String text;
  private int at;

  private LogCallScanner(String text, int at) {
    this.text = text;
    this.at = at;
  }

  /// All log calls of the main sources.
  static List<LogCall> mainCalls(Checkout checkout) {
    return mainFiles(checkout)
        .flatMap(file -> calls(place(checkout, file), Checkout.text(file)).stream())
        .toList();
  }

  /// Loggers of the main sources that are not named `LOG`, so that this class does not find their
  /// calls.
  static List<String> otherLoggers(Checkout checkout) {
    return mainFiles(checkout)
        .flatMap(file ->
            LOGGER
                .matcher(Checkout.text(file))
                .results()
                .map(logger -> logger.group(1))
                .filter(name -> !name.equals("LOG"))
                .map(name -> place(checkout, file) + ": " + name))
        .toList();
  }

  static List<LogCall> calls(String file, String text) {
    return CALL.matcher(text).results().map(call -> call(file, text, call)).toList();
  }

  private static Stream<Path> mainFiles(Checkout checkout) {
    String main = File.separator + Path.of("src", "main", "java") + File.separator;
    return checkout.javaFiles().stream().filter(file -> file.toString().contains(main));
  }

  private static String place(Checkout checkout, Path file) {
    return checkout.root().relativize(file).toString();
  }

  private static LogCall call(String file, String text, MatchResult start) {
    long line = text.substring(0, start.start()).lines().count();
    return new LogCall(file + ":" + line, new LogCallScanner(text, start.end()).steps());
  }

  private List<LogCall.Step> steps() {
    List<LogCall.Step> steps = new ArrayList<>();
    while (text.charAt(at) == '.') {
      int name = at + 1;
      int open = text.indexOf('(', name);
      at = open + 1;
      skipArguments();
      steps.add(new LogCall.Step(text.substring(name, open).strip(), text.substring(open + 1, at)));
      at++;
      while (Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }
    return steps;
  }

  /// Moves to the parenthesis that ends the arguments.
  private void skipArguments() {
    for (int depth = 0; depth > 0 || text.charAt(at) != ')'; at++) {
      switch (text.charAt(at)) {
        case '(' -> depth++;
        case ')' -> depth--;
        case '"', '\'' -> skipLiteral();
        default -> {}
      }
    }
  }

  /// Moves to the quote that ends the literal.
  private void skipLiteral() {
    char quote = text.charAt(at);
    for (at++; text.charAt(at) != quote; at++) {
      if (text.charAt(at) == '\\') {
        at++;
      }
    }
  }
}
