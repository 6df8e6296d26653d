// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// The output of a process until it was killed. It is complete, because data in the pipe survives
/// the death of the writer.
///
/// @param lines whole lines only
/// @param byItself it had ended already
public record KilledWriterLog(List<String> lines, boolean byItself) {
  private static final int MOST_SPINS = 400_000;

  public KilledWriterLog {
    lines = List.copyOf(lines);
  }

  /// Starts a [StoreWriter], lets it say so many lines, waits for a random moment and kills it with
  /// `kill -9`.
  public static KilledWriterLog afterLines(
      int count, RandomGenerator random, Path errors, String... args)
      throws IOException, InterruptedException {
    Process process = start(errors, args);
    List<String> lines = new ArrayList<>();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = "";
      while (lines.size() < count && line != null) {
        line = said.readLine();
        if (line != null) {
          lines.add(line);
        }
      }
      for (int spins = random.nextInt(MOST_SPINS); spins > 0; spins--) {
        Thread.onSpinWait();
      }
      process.toHandle().destroyForcibly(); // Process::destroyForcibly would close the pipe as well
      for (line = said.readLine(); line != null; line = said.readLine()) {
        lines.add(line);
      }
    } finally {
      process.destroyForcibly();
    }
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IOException("a killed process does not end: " + process.pid());
    }
    boolean killed = process.exitValue() == 128 + 9;
    if (!killed && process.exitValue() != 0) {
      throw new IOException("the writer failed: " + Files.readString(errors));
    }
    return new KilledWriterLog(lines, !killed);
  }

  private static Process start(Path errors, String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StoreWriter.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.to(errors.toFile()))
        .start();
  }

  /// The rest of each line that starts with this word.
  public List<String> after(String word) {
    return lines.stream()
        .filter(line -> line.startsWith(word + " "))
        .map(line -> line.substring(word.length() + 1))
        .toList();
  }
}
