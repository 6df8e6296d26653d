// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.secret.SecretReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The variables a child gets: three of Weir's own, its launch id and its replica's folder, and
/// what its engine spec says, with secrets resolved now. Values appear in no message.
sealed interface ChildEnvironment {
  /// Its name in the child's environment.
  String LAUNCH_ID = "WEIR_LAUNCH_ID";

  /// Names the replica's folder in the child's environment: by it one can find out which data
  /// folder owns a process, also when its output goes elsewhere.
  String LAUNCH_FOLDER = "WEIR_LAUNCH_FOLDER";

  /// What is handed on from Weir's own environment.
  List<String> HANDED_ON = List.of("PATH", "HOME", "LANG");

  /// Variables that would put other code into the allowed program.
  Set<String> NEVER = Set.of("LD_PRELOAD", "LD_AUDIT");

  /// Whoever may write a version names any file that Weir can read: not those that open Weir
  /// itself.
  Pattern WEIR_KEY = Pattern.compile("weir_[A-Za-z0-9_-]{43}");

  record Resolved(Map<String, String> variables) implements ChildEnvironment {
    /// Shows no values.
    @Override
    public String toString() {
      return "Resolved" + variables.keySet();
    }
  }

  record Unresolved(String reason) implements ChildEnvironment {}

  /// @param folder the replica's
  static ChildEnvironment of(
      Map<String, String> wanted, Map<String, String> own, String launchId, Path folder) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String name : HANDED_ON) {
      Optional.ofNullable(own.get(name)).ifPresent(value -> variables.put(name, value));
    }
    for (Map.Entry<String, String> each : wanted.entrySet()) {
      String name = each.getKey();
      if (name.isEmpty()
          || name.contains("=")
          || NEVER.contains(name)
          || name.startsWith("WEIR_")) {
        return new Unresolved("the engine's variable " + name + " may not be set");
      }
      try {
        String value = resolve(each.getValue(), own);
        if (WEIR_KEY.matcher(value).find()) {
          return new Unresolved(
              "the engine's variable "
                  + name
                  + " would hold a key of Weir's own, which no engine is given");
        }
        variables.put(name, value);
      } catch (IOException e) {
        return new Unresolved("the engine's variable " + name + ": " + e.getMessage());
      }
    }
    variables.put(LAUNCH_ID, launchId);
    variables.put(LAUNCH_FOLDER, folder.toAbsolutePath().toString());
    return new Resolved(Map.copyOf(variables));
  }

  private static String resolve(String value, Map<String, String> own) throws IOException {
    return SecretReader.isReference(value) ? SecretReader.read(value, own) : value;
  }
}
