// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The machine's processes, as `/proc` shows them (proc_pid_stat(5)).
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final int MAX_ENVIRONMENT_BYTES = 1 << 20;

  private ProcessTable() {}

  /// @param startTicks when it started, in clock ticks since boot: with the pid it names one
  ///   process of this boot
  record Identity(long pid, long startTicks) {}

  /// @param group its process group
  /// @param zombie ended, and not yet waited for by its parent
  record Entry(Identity identity, long group, boolean zombie) {}

  static boolean present() {
    return Files.isReadable(PROC.resolve("self/stat"));
  }

  static Optional<Entry> find(long pid) {
    try {
      return parse(Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty(); // gone, perhaps while we looked
    }
  }

  /// Whether that very process runs; a zombie does not.
  static boolean alive(Identity identity) {
    return find(identity.pid())
        .map(entry -> entry.identity().equals(identity) && !entry.zombie())
        .orElse(false);
  }

  /// Reads a line of `/proc/<pid>/stat`; empty when it is torn. The name in parentheses may hold
  /// anything, so what counts is its last parenthesis: state, parent, group, ... and as 20th the
  /// start time.
  static Optional<Entry> parse(String stat) {
    int open = stat.indexOf('(');
    int close = stat.lastIndexOf(')');
    if (open < 1 || close < open) {
      return Optional.empty();
    }
    List<String> fields = List.of(stat.substring(close + 1).strip().split(" ", -1));
    if (fields.size() < 20) {
      return Optional.empty();
    }
    try {
      long pid = Long.parseLong(stat.substring(0, open).strip());
      Identity identity = new Identity(pid, Long.parseLong(fields.get(19)));
      boolean zombie = fields.getFirst().equals("Z") || fields.getFirst().equals("X");
      return Optional.of(new Entry(identity, Long.parseLong(fields.get(2)), zombie));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// The living members of a process group.
  static List<Entry> group(long group) {
    return all().stream().filter(entry -> entry.group() == group && !entry.zombie()).toList();
  }

  /// Living processes that were started with the variable set so.
  static List<Entry> withVariable(String name, String value) {
    return all().stream()
        .filter(entry -> !entry.zombie() && hasVariable(entry.identity().pid(), name, value))
        .toList();
  }

  static boolean hasVariable(long pid, String name, String value) {
    try (InputStream in = Files.newInputStream(PROC.resolve(pid + "/environ"))) {
      String all = new String(in.readNBytes(MAX_ENVIRONMENT_BYTES), StandardCharsets.UTF_8);
      return List.of(all.split("\0", -1)).contains(name + "=" + value);
    } catch (IOException e) {
      return false; // gone, or somebody else's
    }
  }

  /// Names this boot of the machine: pids and ticks of another mean nothing.
  static String bootId() {
    try {
      return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static List<Entry> all() {
    List<Entry> found = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path folder : folders) {
        find(Long.parseLong(folder.getFileName().toString())).ifPresent(found::add);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("cannot list /proc", e);
    }
    return found;
  }
}
