// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.process.ProcessTable.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The folder of one replica:
///
/// - `launch.json`: the record, synced to disk before the spawn
/// - `launch`: the current launch id (the fence); the wrapper of an older launch detects it and
///   exits
/// - `pid.<launch id>`: the wrapper's line of `/proc/<pid>/stat`, written before it becomes the
///   engine
/// - `log`, `log.1`: the engine's output
final class ReplicaFolder {
  private static final String RECORD = "launch.json";
  private static final String PID = "pid.";

  private final Path folder;

  private ReplicaFolder(Path folder) {
    this.folder = folder;
  }

  static ReplicaFolder of(Path root, ReplicaName name) {
    return new ReplicaFolder(root.resolve(folderName(name)));
  }

  static ReplicaFolder at(Path folder) {
    return new ReplicaFolder(folder);
  }

  /// Whether a Target's folder contains a record of any replica, readable or not.
  static boolean anyIn(Path target) throws IOException {
    if (!Files.isDirectory(target)) {
      return false;
    }
    try (DirectoryStream<Path> replicas =
        Files.newDirectoryStream(target, each -> Files.exists(each.resolve(RECORD)))) {
      return replicas.iterator().hasNext();
    }
  }

  /// A readable and unique folder name for any replica name.
  private static String folderName(ReplicaName name) {
    String unique =
        name.namespace() + "/" + name.service() + "/" + name.version() + "/" + name.ordinal();
    String readable = (name.namespace() + "." + name).replaceAll("[^A-Za-z0-9.-]", "_");
    return readable.substring(0, Math.min(100, readable.length())) + "." + hash(unique);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  Path folder() {
    return folder;
  }

  Path log() {
    return folder.resolve("log");
  }

  /// The path without symbolic links, as the kernel reports it.
  Path realLog() {
    try {
      return folder.toRealPath().resolve(log().getFileName());
    } catch (IOException e) {
      return log(); // the folder does not exist yet
    }
  }

  Path fence() {
    return folder.resolve("launch");
  }

  Path pidFile(String launchId) {
    return folder.resolve(PID + launchId);
  }

  /// The record on disk; empty if there is none.
  ///
  /// @throws IllegalArgumentException when it is not a valid record
  Optional<LaunchRecord> read() {
    try {
      Path file = folder.resolve(RECORD);
      return Files.exists(file)
          ? Optional.of(
              LaunchRecordJson.read(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the record in " + folder, e);
    }
  }

  /// Replaces the record on disk atomically and durably.
  void write(LaunchRecord record) {
    try {
      Files.createDirectories(folder);
      replace(folder.resolve(RECORD), LaunchRecordJson.write(record));
      syncFolder();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the record in " + folder, e);
    }
  }

  /// Fences all other launches: only this one can still become an engine.
  void fence(String launchId) {
    try {
      replace(fence(), launchId + "\n");
      syncFolder();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the launch in " + folder, e);
    }
  }

  private static void replace(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel = FileChannel.open(temporary, CREATE, WRITE, TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void syncFolder() throws IOException {
    try (FileChannel channel = FileChannel.open(folder, READ)) {
      channel.force(true);
    }
  }

  /// The process in a launch's pid file; empty if the file does not exist or is incomplete.
  Optional<Entry> process(String launchId) {
    try {
      return begun(launchId)
          ? ProcFs.parse(Files.readString(pidFile(launchId), StandardCharsets.ISO_8859_1))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read which processes run in " + folder, e);
    }
  }

  /// Whether the launch has written its pid file, the last step before the engine.
  boolean begun(String launchId) {
    return Files.exists(pidFile(launchId));
  }

  /// All launches that may have running processes.
  Set<String> launches() {
    Set<String> ids = new HashSet<>();
    try {
      if (Files.exists(fence())) {
        ids.add(Files.readString(fence(), StandardCharsets.ISO_8859_1).strip());
      }
      for (Path file : list(PID + "*")) {
        ids.add(file.getFileName().toString().substring(PID.length()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read which processes run in " + folder, e);
    }
    ids.remove("");
    return ids;
  }

  private List<Path> list(String glob) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, glob)) {
      files.forEach(found::add);
    }
    return found;
  }

  /// Removes the pid files of all other launches, whose processes have ended.
  void forgetOthers(String launchId) {
    try {
      for (Path file : list(PID + "*")) {
        if (!file.equals(pidFile(launchId))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove old pid files in " + folder, e);
    }
  }

  /// Renames an unreadable record, so that operators can inspect it.
  void setAside() {
    try {
      Path file = folder.resolve(RECORD);
      Files.move(file, folder.resolve("unreadable.json"), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot rename the unreadable record in " + folder, e);
    }
  }

  /// Removes the record, the fence and the pid files. Retains the logs until the replica is created
  /// again, so that operators can find out why it ended.
  void remove() {
    try {
      Files.deleteIfExists(folder.resolve(RECORD));
      for (Path file : list("{launch*,pid.*}")) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove the record in " + folder, e);
    }
  }
}
