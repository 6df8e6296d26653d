// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.configuration;

import dev.weir.model.codec.Suggestions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// Checks environment variables with the prefix `WEIR_`.
///
/// A name that is close to a setting's variable is probably misspelt: Weir rejects it, because it
/// would ignore the value. Any other name may belong to the user, for example a credential of a
/// Target, and only causes a warning.
public final class EnvironmentVariables {
  private static final String PREFIX = "WEIR_";
  private static final SequencedMap<String, String> OTHERS = others();

  private EnvironmentVariables() {}

  /// The variables that are not settings, each with its meaning.
  public static SequencedMap<String, String> others() {
    SequencedMap<String, String> others = new LinkedHashMap<>();
    others.put("WEIR_SERVER", "CLI: URL of the control plane; default `http://127.0.0.1:9090`");
    others.put("WEIR_KEY", "CLI: API key; read from a context's key file when not set");
    others.put("WEIR_NAMESPACE", "CLI: namespace of resources that name none; default `default`");
    others.put("WEIR_CONTEXT", "CLI: name of the context; default: the current context");
    others.put("WEIR_CONFIG_DIR", "CLI: folder of the contexts file; default `~/.config/weir`");
    others.put("WEIR_NO_BUILD", "launcher `./weir`: `1` starts the current build without a check");
    others.put("WEIR_JAVA_OPTS", "launcher `./weir`: more options for the Java runtime");
    others.put("WEIR_LAUNCHER", "trials: path of the launcher under test");
    others.put("WEIR_LAUNCH_ID", "set by Weir for each engine process: id of its start");
    others.put("WEIR_LAUNCH_FOLDER", "set by Weir for each engine process: folder of its replica");
    return others;
  }

  private static List<String> settings() {
    return Stream.of(Setting.values()).map(Setting::variable).toList();
  }

  private static Stream<String> unknown(Map<String, String> environment) {
    return environment.keySet().stream()
        .filter(name -> name.startsWith(PREFIX))
        .filter(name -> !settings().contains(name) && !OTHERS.containsKey(name))
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
  public static List<String> unrecognised(Map<String, String> environment) {
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
