// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.ReplicaIntent;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The command of a replica, if it is allowed.
sealed interface EngineCommand {
  /// @param argv the program as an absolute path, then its arguments
  record Allowed(List<String> argv) implements EngineCommand {
    public Allowed {
      argv = List.copyOf(argv);
    }
  }

  record Refused(String reason) implements EngineCommand {}

  /// Replaces placeholders and locates the program in Weir's `PATH`, so that an engine's variables
  /// cannot select another program.
  ///
  /// @param allowedCommands the Target's allowed commands; the simulator is always allowed
  static EngineCommand of(
      ReplicaIntent intent,
      ProcessProviderOptions options,
      List<String> allowedCommands,
      int port) {
    boolean sim = intent.engine().type().simulated() && intent.engine().command().isEmpty();
    List<String> argv = new ArrayList<>(sim ? options.simCommand() : intent.engine().command());
    if (argv.isEmpty()) {
      return new Refused(
          "the version's engine has no command: set spec.engine.command, or use an external"
              + " target");
    }
    String program = argv.getFirst();
    if (!sim && !allowedCommands.contains(program)) {
      return new Refused(
          "command not allowed on this target: "
              + program
              + "; an administrator can add it to the Target's spec.allowedCommands");
    }
    argv.addAll(intent.engine().args());
    argv.replaceAll(word -> fill(word, intent, port));
    Optional<Path> found = locate(program, options.environment());
    if (found.isEmpty()) {
      return new Refused("program not found in Weir's PATH: " + program);
    }
    Optional<String> problem = problem(program, found.get());
    argv.set(0, found.get().toString());
    return problem.isPresent() ? new Refused(problem.get()) : new Allowed(argv);
  }

  private static String fill(String word, ReplicaIntent intent, int port) {
    return word.replace("{port}", Integer.toString(port))
        .replace("{host}", ProcessHost.ADDRESS)
        .replace("{version}", intent.name().version().version())
        .replace("{model}", intent.servedModel());
  }

  /// The expected path of the program.
  private static Optional<Path> locate(String program, Map<String, String> environment) {
    if (program.contains("/")) {
      return Optional.of(Path.of(program).toAbsolutePath());
    }
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path path = Path.of(folder, program);
      if (!folder.isEmpty() && Files.isRegularFile(path) && Files.isExecutable(path)) {
        return Optional.of(path.toAbsolutePath());
      }
    }
    return Optional.empty();
  }

  /// Why the file is not executable. The kernel checks its content at the start.
  private static Optional<String> problem(String program, Path path) {
    if (!Files.exists(path)) {
      return Optional.of("program not found: " + program);
    }
    if (!Files.isRegularFile(path)) {
      return Optional.of(program + " is not a regular file");
    }
    return Files.isExecutable(path)
        ? Optional.empty()
        : Optional.of(program + " is not executable for Weir's user: chmod +x it");
  }
}
