// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.provider;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The processes of one trial's engines, seen without any help of Weir's: they all have a variable
/// of the trial's in their environment.
public final class Engines {
  private static final int STATE_AT = 2;

  private final String mark;

  /// @param mark `NAME=value`
  public Engines(String mark) {
    this.mark = mark;
  }

  /// A running process.
  ///
  /// @param output what its standard output is; a replica's log lies in that replica's folder
  /// @param wrapper whether it is not yet the engine
  public record Engine(long pid, String output, boolean wrapper) {}

  public List<Engine> all() {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(folder -> folder.getFileName().toString().chars().allMatch(Character::isDigit))
          .flatMap(folder -> engine(folder).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list /proc", e);
    }
  }

  /// How many engines each replica has, by its folder; wrappers are none yet.
  public Map<String, Integer> perReplica() {
    Map<String, Integer> counts = new TreeMap<>();
    all().stream()
        .filter(engine -> !engine.wrapper())
        .forEach(engine -> counts.merge(engine.output(), 1, Integer::sum));
    return counts;
  }

  private Optional<Engine> engine(Path folder) {
    try {
      if (!text(folder.resolve("environ")).contains(mark) || ended(folder)) {
        return Optional.empty();
      }
      return Optional.of(
          new Engine(
              Long.parseLong(folder.getFileName().toString()),
              Files.readSymbolicLink(folder.resolve("fd/1")).toString(),
              text(folder.resolve("cmdline")).contains("weir-launch")));
    } catch (IOException e) {
      return Optional.empty(); // gone meanwhile, or not ours
    }
  }

  private static boolean ended(Path folder) throws IOException {
    String stat = text(folder.resolve("stat"));
    char state = stat.charAt(stat.lastIndexOf(')') + STATE_AT);
    return state == 'Z' || state == 'X';
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }
}
