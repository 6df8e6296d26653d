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

/// One child process of a rehearsal: its errors go to a file, it is stopped by its own pid.
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
  /// @param weir argv that runs this same Weir
  /// @param environment added to the child's
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

  /// Hands each line of its standard output to `reader`, on a thread of its own, until it ends.
  Thread readLines(Consumer<String> reader) {
    return Thread.ofVirtual()
        .name(name + "-output")
        .start(() -> {
          try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(reader);
          } catch (IOException | UncheckedIOException e) {
            // It was stopped while we read; what it said before has been handed over.
          }
        });
  }

  /// Appends its standard output to its log, so that it never waits for a reader.
  void logOutput() {
    readLines(line -> {
      try {
        Files.writeString(log, line + "\n", CREATE, APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  /// Ends its standard input.
  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  boolean alive() {
    return process.isAlive();
  }

  /// @throws DemoException with the end of its log when it is gone
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
