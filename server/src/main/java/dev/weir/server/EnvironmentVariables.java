// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.model.codec.Suggestions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Environment variables that look like Weir's.
///
/// One that is nearly a setting's is a slip of the pen and refused, because what it was to say
/// would not be. Any other may be somebody's own, a credential that a Target refers to for
/// instance, and is only named.
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

  /// One sentence each.
  static List<String> misspelt(Map<String, String> environment) {
    return unknown(environment)
        .filter(name -> !hint(name).isEmpty())
        .map(name -> "there is no variable " + name + hint(name))
        .toList();
  }

  /// Names that mean nothing to Weir.
  static List<String> unrecognised(Map<String, String> environment) {
    return unknown(environment).filter(name -> hint(name).isEmpty()).toList();
  }

  /// Compared without the prefix, which would make everything look alike.
  private static String hint(String name) {
    List<String> bare = settings().stream().map(known -> known.substring(PREFIX.length())).toList();
    return Suggestions.to(name.substring(PREFIX.length()), bare)
        .map(near -> "; did you mean " + PREFIX + near + "?")
        .orElse("");
  }
}
