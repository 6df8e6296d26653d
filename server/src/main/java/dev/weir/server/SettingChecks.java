// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What the text of a setting must look like. Each answers with what is wrong, or nothing.
final class SettingChecks {
  /// As browsers write them: lower case, and no port that goes without saying.
  private static final Pattern ORIGIN =
      Pattern.compile("\\*|[a-z][a-z0-9+.-]*://[a-z0-9.\\[\\]:_-]+");

  private SettingChecks() {}

  /// One such rule.
  @FunctionalInterface
  interface Check {
    Optional<String> problem(String text);
  }

  static Optional<String> anything(String text) {
    return Optional.empty();
  }

  static Optional<String> notEmpty(String text) {
    return wrong(text.isBlank(), "may not be empty");
  }

  static Optional<String> trueOrFalse(String text) {
    return oneOf("true", "false").problem(text);
  }

  static Check oneOf(String... words) {
    List<String> known = List.of(words);
    return text ->
        wrong(!known.contains(text), "is " + String.join(" or ", known) + ", not '" + text + "'");
  }

  static Optional<String> address(String text) {
    try {
      Address.parse("it", text);
      return Optional.empty();
    } catch (UsageException e) {
      return Optional.of("is no address to listen on: " + e.getMessage());
    }
  }

  /// Empty where a command does without.
  static Optional<String> url(String text) {
    if (text.contains("@")) {
      return Optional.of("has a user or a password in it: keys are given by reference");
    }
    boolean good = text.isEmpty() || text.startsWith("http://") || text.startsWith("https://");
    return wrong(
        !good || !parses(text),
        "is a URL, http://HOST:PORT or https://HOST:PORT, not '" + text + "'");
  }

  private static boolean parses(String text) {
    try {
      return text.isEmpty() || URI.create(text).getHost() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /// Empty for none.
  static Optional<String> origins(String text) {
    Optional<String> bad =
        Stream.of(text.split(",", -1))
            .map(String::strip)
            .filter(origin -> !text.isBlank() && !ORIGIN.matcher(origin).matches())
            .findFirst();
    return bad.map(origin ->
        "is a list of origins, scheme://host[:port] without a path, or *, separated by commas; not"
            + " '"
            + origin
            + "'");
  }

  static Optional<String> share(String text) {
    return wrong(!isShare(text), "is a number from 0 to 1, not '" + text + "'");
  }

  private static boolean isShare(String text) {
    try {
      double share = Double.parseDouble(text);
      return share >= 0 && share <= 1;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /// What is there instead may be the secret itself, so it is not said back.
  static Optional<String> reference(String text) {
    boolean good = text.isEmpty() || text.matches("(file|env):.+");
    return wrong(!good, "is a reference, file:PATH or env:NAME, never the key itself");
  }

  private static Optional<String> wrong(boolean so, String why) {
    return so ? Optional.of(why) : Optional.empty();
  }
}
