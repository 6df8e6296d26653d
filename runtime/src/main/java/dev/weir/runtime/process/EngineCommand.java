// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.model.EngineType;
import dev.weir.runtime.ReplicaIntent;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which program is run for a replica, if it may be.
sealed interface EngineCommand {
  /// @param argv the program as an absolute path, then its arguments
  record Allowed(List<String> argv) implements EngineCommand {
    public Allowed {
      argv = List.copyOf(argv);
    }
  }

  record Refused(String reason) implements EngineCommand {}

  /// Fills the placeholders in and finds the program in Weir's own `PATH`, so that the variables of
  /// an engine cannot choose another one.
  ///
  /// @param allowedCommands of the Target; the simulator needs no permission
  static EngineCommand of(
      ReplicaIntent intent,
      ProcessProviderOptions options,
      List<String> allowedCommands,
      int port) {
    boolean sim = intent.engine().type() == EngineType.SIM && intent.engine().command().isEmpty();
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
              + "; an administrator may add it to the Target's spec.allowedCommands");
    }
    argv.addAll(intent.engine().args());
    argv.replaceAll(word -> fill(word, intent, port));
    Optional<Path> found = locate(program, options.environment());
    if (found.isEmpty()) {
      return new Refused("no such program in Weir's PATH: " + program);
    }
    Optional<String> wrong = wrong(program, found.get());
    argv.set(0, found.get().toString());
    return wrong.isPresent() ? new Refused(wrong.get()) : new Allowed(argv);
  }

  private static String fill(String word, ReplicaIntent intent, int port) {
    return word.replace("{port}", Integer.toString(port))
        .replace("{host}", ProcessHost.ADDRESS)
        .replace("{version}", intent.name().version().version())
        .replace("{model}", intent.servedModel());
  }

  /// Where the program is, or should be.
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

  /// Why the file cannot be run; whether its contents can be, the kernel says at the start.
  private static Optional<String> wrong(String program, Path path) {
    if (!Files.exists(path)) {
      return Optional.of("no such program: " + program);
    }
    if (!Files.isRegularFile(path)) {
      return Optional.of(program + " is no file that can be run");
    }
    return Files.isExecutable(path)
        ? Optional.empty()
        : Optional.of(program + " may not be run by Weir's user: make it executable (chmod +x)");
  }
}
