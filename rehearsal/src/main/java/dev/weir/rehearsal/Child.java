// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// One child process of a rehearsal: its output goes to a file, it is stopped by its own pid.
final class Child implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final String name;
  private final Process process;
  private final Path log;

  private Child(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /// Starts `weir` with arguments.
  ///
  /// @param weir argv that runs this same Weir
  /// @param environment added to the child's
  static Child start(
      String name,
      List<String> weir,
      List<String> args,
      Path folder,
      Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>(weir);
    command.addAll(args);
    Path log = folder.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    return new Child(name, process, log);
  }

  boolean alive() {
    return process.isAlive();
  }

  /// @throws RehearsalException with the end of its log when it is gone
  void mustLive() {
    if (!process.isAlive()) {
      throw new RehearsalException(
          name + " ended with exit status " + process.exitValue() + ":\n" + lastLines());
    }
  }

  String lastLines() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Asks it to end, and ends it when it doesn't.
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
