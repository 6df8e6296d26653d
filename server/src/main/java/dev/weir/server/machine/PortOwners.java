// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Finds the process that listens on a port in `/proc` (proc_pid_net(5)). Unreadable processes stay
/// unknown.
///
/// @param proc `/proc`, or a substitute
public record PortOwners(Path proc) {
  private static final String LISTENING = "0A";
  private static final int LOCAL_ADDRESS = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  public static PortOwners ofThisMachine() {
    return new PortOwners(Path.of("/proc"));
  }

  /// The first process that listens on the port, on any address.
  Optional<Long> listener(int port) {
    Set<String> sockets = new HashSet<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      lines(proc.resolve(table)).forEach(line -> inode(line, port).ifPresent(sockets::add));
    }
    return sockets.isEmpty() ? Optional.empty() : owner(sockets);
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  /// The name of a line's socket in `/proc/PID/fd`, if it listens on the port.
  private static Optional<String> inode(String line, int port) {
    String[] fields = line.strip().split("\\s+", -1);
    boolean listens =
        fields.length > INODE
            && fields[STATE].equals(LISTENING)
            && fields[LOCAL_ADDRESS].endsWith(String.format(Locale.ROOT, ":%04X", port));
    return listens ? Optional.of("socket:[" + fields[INODE] + "]") : Optional.empty();
  }

  private Optional<Long> owner(Set<String> sockets) {
    try (Stream<Path> processes = Files.list(proc)) {
      return processes
          .filter(folder -> folder.getFileName().toString().matches("\\d+"))
          .filter(folder -> hasSocket(folder.resolve("fd"), sockets))
          .map(folder -> Long.parseLong(folder.getFileName().toString()))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean hasSocket(Path descriptors, Set<String> sockets) {
    try (Stream<Path> all = Files.list(descriptors)) {
      return all.anyMatch(descriptor -> sockets.contains(target(descriptor)));
    } catch (IOException e) {
      return false;
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }
}
