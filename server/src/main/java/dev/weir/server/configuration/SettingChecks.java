// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.configuration;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Validation of settings. Each check returns the problem, or empty for a valid value.
public final class SettingChecks {
  /// As browsers send them: lower case, without the default port.
  private static final Pattern ORIGIN =
      Pattern.compile("\\*|[a-z][a-z0-9+.-]*://[a-z0-9.\\[\\]:_-]+");

  private SettingChecks() {}

  /// One check.
  ///
  /// @param allowed the allowed texts, for the reference of settings
  public record Check(String allowed, Function<String, Optional<String>> rule) {
    public Optional<String> problem(String text) {
      return rule.apply(text);
    }
  }

  static final Check FILE = new Check("path of a file", SettingChecks::anything);
  static final Check TEXT = new Check("text", SettingChecks::anything);
  static final Check FOLDER = new Check("path of a folder", SettingChecks::notEmpty);
  static final Check FLAG = oneOf("true", "false");
  static final Check ADDRESS = new Check("`HOST:PORT`", SettingChecks::address);
  static final Check URL =
      new Check("`http://HOST:PORT` or `https://HOST:PORT`", SettingChecks::url);
  static final Check ORIGINS =
      new Check("`SCHEME://HOST[:PORT]`, separated by commas, or `*`", SettingChecks::origins);
  static final Check SHARE = new Check("number from 0 to 1", SettingChecks::share);
  static final Check REFERENCE = new Check("`file:PATH` or `env:NAME`", SettingChecks::reference);

  private static Optional<String> anything(String text) {
    return Optional.empty();
  }

  private static Optional<String> notEmpty(String text) {
    return problemIf(text.isBlank(), "must not be empty");
  }

  public static Check oneOf(String... values) {
    List<String> known = List.of(values);
    return new Check(
        "`" + String.join("`, `", known) + "`",
        text ->
            problemIf(
                !known.contains(text),
                "must be " + String.join(" or ", known) + ", not '" + text + "'"));
  }

  private static Optional<String> address(String text) {
    try {
      Address.parse("it", text);
      return Optional.empty();
    } catch (UsageException e) {
      return Optional.of("is not a valid address: " + e.getMessage());
    }
  }

  /// An empty value means that the setting is not set.
  private static Optional<String> url(String text) {
    if (text.contains("@")) {
      return Optional.of("must not contain a user or password: use a reference to a key");
    }
    boolean valid = text.isEmpty() || text.startsWith("http://") || text.startsWith("https://");
    return problemIf(
        !valid || !parses(text),
        "must be a URL, http://HOST:PORT or https://HOST:PORT, not '" + text + "'");
  }

  private static boolean parses(String text) {
    try {
      return text.isEmpty() || URI.create(text).getHost() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /// An empty value allows no origin.
  private static Optional<String> origins(String text) {
    Optional<String> invalid =
        Stream.of(text.split(",", -1))
            .map(String::strip)
            .filter(origin -> !text.isBlank() && !ORIGIN.matcher(origin).matches())
            .findFirst();
    return invalid.map(origin ->
        "must be a comma-separated list of origins, scheme://host[:port] without a path, or *, not"
            + " '"
            + origin
            + "'");
  }

  private static Optional<String> share(String text) {
    return problemIf(!isShare(text), "must be a number from 0 to 1, not '" + text + "'");
  }

  private static boolean isShare(String text) {
    try {
      double share = Double.parseDouble(text);
      return share >= 0 && share <= 1;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /// The message omits the value, because it may be the secret itself.
  private static Optional<String> reference(String text) {
    boolean valid = text.isEmpty() || text.matches("(file|env):.+");
    return problemIf(!valid, "must be a reference, file:PATH or env:NAME, not the key itself");
  }

  private static Optional<String> problemIf(boolean invalid, String why) {
    return invalid ? Optional.of(why) : Optional.empty();
  }
}
