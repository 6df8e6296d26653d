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

/// The environment of a child: three variables of Weir, its launch id, its replica's folder, and
/// the variables of the engine spec with resolved secrets. Messages never contain values.
sealed interface ChildEnvironment {
  /// Variable with the launch id.
  String LAUNCH_ID = "WEIR_LAUNCH_ID";

  /// Variable with the replica's folder. It identifies the data folder of a process even if its
  /// output is redirected.
  String LAUNCH_FOLDER = "WEIR_LAUNCH_FOLDER";

  /// Variables that are passed on from Weir's environment.
  List<String> INHERITED = List.of("PATH", "HOME", "LANG");

  /// Variables that would inject code into the allowed program.
  Set<String> FORBIDDEN = Set.of("LD_PRELOAD", "LD_AUDIT");

  /// A version can reference any file that Weir can read. This pattern protects Weir's own keys.
  Pattern WEIR_KEY = Pattern.compile("weir_[A-Za-z0-9_-]{43}");

  record Resolved(Map<String, String> variables) implements ChildEnvironment {
    /// Omits the values.
    @Override
    public String toString() {
      return "Resolved" + variables.keySet();
    }
  }

  record Unresolved(String reason) implements ChildEnvironment {}

  /// @param folder the replica's folder
  static ChildEnvironment of(
      Map<String, String> wanted, Map<String, String> own, String launchId, Path folder) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String name : INHERITED) {
      Optional.ofNullable(own.get(name)).ifPresent(value -> variables.put(name, value));
    }
    for (Map.Entry<String, String> each : wanted.entrySet()) {
      String name = each.getKey();
      if (name.isEmpty()
          || name.contains("=")
          || FORBIDDEN.contains(name)
          || name.startsWith("WEIR_")) {
        return new Unresolved("the engine's variable " + name + " is not allowed");
      }
      try {
        String value = resolve(each.getValue(), own);
        if (WEIR_KEY.matcher(value).find()) {
          return new Unresolved(
              "the engine's variable "
                  + name
                  + " contains a key of Weir, which engines must not receive");
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
