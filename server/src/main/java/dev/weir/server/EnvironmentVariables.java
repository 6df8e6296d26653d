// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.model.codec.Suggestions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Checks environment variables with the prefix `WEIR_`.
///
/// A name that is close to a setting's variable is probably misspelt: Weir rejects it, because it
/// would ignore the value. Any other name may belong to the user, for example a credential of a
/// Target, and only causes a warning.
final class EnvironmentVariables {
  private static final String PREFIX = "WEIR_";
  private static final List<String> OTHERS =
      List.of(
          "WEIR_SERVER",
          "WEIR_KEY",
          "WEIR_NAMESPACE",
          "WEIR_CONTEXT",
          "WEIR_CONFIG_DIR",
          "WEIR_NO_BUILD",
          "WEIR_JAVA_OPTS",
          "WEIR_LAUNCHER",
          "WEIR_LAUNCH_ID");

  private EnvironmentVariables() {}

  private static List<String> settings() {
    return Stream.of(Setting.values()).map(Setting::variable).toList();
  }

  private static Stream<String> unknown(Map<String, String> environment) {
    return environment.keySet().stream()
        .filter(name -> name.startsWith(PREFIX))
        .filter(name -> !settings().contains(name) && !OTHERS.contains(name))
        .sorted();
  }

  /// One message for each misspelt variable.
  static List<String> misspelt(Map<String, String> environment) {
    return unknown(environment)
        .filter(name -> !hint(name).isEmpty())
        .map(name -> "unknown variable " + name + hint(name))
        .toList();
  }

  /// Names that Weir does not use.
  static List<String> unrecognised(Map<String, String> environment) {
    return unknown(environment).filter(name -> hint(name).isEmpty()).toList();
  }

  /// Compares without the common prefix, which would make all names similar.
  private static String hint(String name) {
    List<String> bare = settings().stream().map(known -> known.substring(PREFIX.length())).toList();
    return Suggestions.to(name.substring(PREFIX.length()), bare)
        .map(near -> "; did you mean " + PREFIX + near + "?")
        .orElse("");
  }
}
