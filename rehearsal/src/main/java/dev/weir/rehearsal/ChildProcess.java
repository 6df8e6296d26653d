// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A child process of the demo. Its standard error goes to a log file.
final class ChildProcess implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final String name;
  private final Process process;
  private final Path log;

  private ChildProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /// Starts `weir` with arguments.
  ///
  /// @param weir argv that starts this Weir
  /// @param environment added to the child's environment
  static ChildProcess start(
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
            .redirectOutput(ProcessBuilder.Redirect.PIPE);
    builder.environment().putAll(environment);
    return new ChildProcess(name, builder.start(), log);
  }

  /// Starts a thread that passes each line of standard output to `reader` until the process ends.
  Thread readLines(Consumer<String> reader) {
    return Thread.ofVirtual()
        .name(name + "-output")
        .start(() -> {
          try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(reader);
          } catch (IOException | UncheckedIOException e) {
            // The process was stopped; all previous lines were passed on.
          }
        });
  }

  /// Appends standard output to the log, so that the process never blocks on a full pipe.
  void logOutput() {
    readLines(line -> {
      try {
        Files.writeString(log, line + "\n", CREATE, APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  /// Closes standard input.
  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  boolean alive() {
    return process.isAlive();
  }

  /// @throws DemoException with the last lines of its log when it has ended
  void mustLive() {
    if (!process.isAlive()) {
      throw new DemoException(
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

  /// Terminates the process; kills it after a grace period.
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
