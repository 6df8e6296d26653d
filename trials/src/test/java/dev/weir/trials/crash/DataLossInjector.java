// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

/// The deliberate bugs: removes data from the folder of a dead control plane, as a program that
/// loses data at its death would.
public final class DataLossInjector {
  /// The newest decision of all is forgotten, as if it had been kept after the transition only.
  public void forgetNewestEvidence(Path data) {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("weir.db"));
        Statement statement = connection.createStatement()) {
      int _ =
          statement.executeUpdate(
              """
              DELETE FROM observation WHERE collection = 'evidence'
              AND rowid = (SELECT max(rowid) FROM observation WHERE collection = 'evidence')\
              """);
    } catch (SQLException e) {
      throw new IllegalStateException("the store cannot be wrecked", e);
    }
  }

  /// Every engine whose working folder lies in the data folder dies with the control plane.
  public void killReplicas(Path data) {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      List<Long> engines =
          processes
              .map(folder -> folder.getFileName().toString())
              .filter(name -> name.chars().allMatch(Character::isDigit))
              .map(Long::valueOf)
              .filter(pid -> runsIn(pid, data))
              .toList();
      engines.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean runsIn(long pid, Path data) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/1"))
          .startsWith(data.toRealPath());
    } catch (IOException e) {
      return false; // not ours to see, or gone
    }
  }
}
