// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads processes from `/proc` (proc_pid_stat(5)).
public final class ProcFs implements ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final int MAX_ENVIRONMENT_BYTES = 2 << 20;

  static boolean present() {
    return Files.isReadable(PROC.resolve("self/stat"));
  }

  @Override
  public Optional<Entry> find(long pid) {
    try {
      return parse(Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty(); // the process has ended
    }
  }

  @Override
  public List<Entry> all() {
    List<Entry> found = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path folder : folders) {
        find(Long.parseLong(folder.getFileName().toString())).ifPresent(found::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list /proc", e);
    }
    return found;
  }

  /// Parses a line of `/proc/<pid>/stat`; empty if it is incomplete. The name in parentheses may
  /// contain parentheses, so the fields follow the last one: state, parent, group, session, ...,
  /// and as the 20th the start time.
  static Optional<Entry> parse(String stat) {
    int open = stat.indexOf('(');
    int close = stat.lastIndexOf(')');
    if (open < 1 || close < open) {
      return Optional.empty();
    }
    List<String> fields = List.of(stat.substring(close + 1).strip().split(" ", -1));
    if (fields.size() < 20 || fields.getFirst().length() != 1) {
      return Optional.empty();
    }
    try {
      long pid = Long.parseLong(stat.substring(0, open).strip());
      return Optional.of(
          new Entry(
              new Identity(pid, Long.parseLong(fields.get(19))),
              Long.parseLong(fields.get(1)),
              Long.parseLong(fields.get(2)),
              Long.parseLong(fields.get(3)),
              fields.getFirst().charAt(0),
              stat.substring(open + 1, close)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  @Override
  public Marks marks(long pid) {
    String environment = environment(pid);
    List<Path> outputs = new ArrayList<>();
    output(pid, 1).ifPresent(outputs::add);
    output(pid, 2).ifPresent(outputs::add);
    return new Marks(
        variable(environment, ChildEnvironment.LAUNCH_ID),
        variable(environment, ChildEnvironment.LAUNCH_FOLDER).flatMap(ProcFs::path),
        outputs);
  }

  /// Variables separated by NUL; empty if the process has ended or belongs to another user.
  private static String environment(long pid) {
    try (InputStream in = Files.newInputStream(PROC.resolve(pid + "/environ"))) {
      return new String(in.readNBytes(MAX_ENVIRONMENT_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static Optional<String> variable(String environment, String name) {
    String mark = name + "=";
    int at = environment.startsWith(mark) ? 0 : environment.indexOf("\0" + mark) + 1;
    if (at == 0 && !environment.startsWith(mark)) {
      return Optional.empty();
    }
    int end = environment.indexOf('\0', at);
    return Optional.of(
        environment.substring(at + mark.length(), end < 0 ? environment.length() : end));
  }

  /// Names are UTF-8; an invalid path does not belong to Weir.
  private static Optional<Path> path(String latin) {
    try {
      byte[] bytes = latin.getBytes(StandardCharsets.ISO_8859_1);
      return Optional.of(Path.of(new String(bytes, StandardCharsets.UTF_8)));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Optional<Path> output(long pid, int descriptor) {
    try {
      return Optional.of(Files.readSymbolicLink(PROC.resolve(pid + "/fd/" + descriptor)));
    } catch (IOException e) {
      return Optional.empty(); // closed, ended, or of another user
    }
  }

  @Override
  public String bootId() {
    try {
      return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
