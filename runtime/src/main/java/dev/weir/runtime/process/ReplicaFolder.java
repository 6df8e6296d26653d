// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.weir.model.ReplicaName;
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

/// One replica's folder:
///
/// - `launch.json` the record, written (to the disk) before the spawn
/// - `launch` the current launch id; the wrapper of an older launch sees that it is late and ends
/// - `pid.<launch id>` the wrapper's own line of `/proc/<pid>/stat`, written before it becomes the
///   engine
/// - `log`, `log.1` the engine's output
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

  /// Whether a record of any replica, readable or not, is in a Target's folder.
  static boolean anyIn(Path target) throws IOException {
    if (!Files.isDirectory(target)) {
      return false;
    }
    try (DirectoryStream<Path> replicas =
        Files.newDirectoryStream(target, each -> Files.exists(each.resolve(RECORD)))) {
      return replicas.iterator().hasNext();
    }
  }

  /// Readable, and unique whatever the names hold.
  private static String folderName(ReplicaName name) {
    String whole =
        name.namespace() + "/" + name.service() + "/" + name.version() + "/" + name.ordinal();
    String readable = (name.namespace() + "." + name).replaceAll("[^A-Za-z0-9.-]", "_");
    return readable.substring(0, Math.min(100, readable.length())) + "." + hash(whole);
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

  /// As the kernel names it: without symbolic links.
  Path realLog() {
    try {
      return folder.toRealPath().resolve(log().getFileName());
    } catch (IOException e) {
      return log(); // not made yet
    }
  }

  Path fence() {
    return folder.resolve("launch");
  }

  Path pidFile(String launchId) {
    return folder.resolve(PID + launchId);
  }

  /// The record on disk; empty when there is none.
  ///
  /// @throws IllegalArgumentException when it cannot be read as one
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

  /// Makes the record the current one, on the disk, whole or not at all.
  void write(LaunchRecord record) {
    try {
      Files.createDirectories(folder);
      replace(folder.resolve(RECORD), LaunchRecordJson.write(record));
      syncFolder();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the record in " + folder, e);
    }
  }

  /// Makes that launch the only one that may still become an engine.
  void fence(String launchId) {
    try {
      replace(fence(), launchId + "\n");
      syncFolder();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the launch in " + folder, e);
    }
  }

  private static void replace(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel = FileChannel.open(fresh, CREATE, WRITE, TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void syncFolder() throws IOException {
    try (FileChannel channel = FileChannel.open(folder, READ)) {
      channel.force(true);
    }
  }

  /// Who the process of a launch said it is; empty when it did not come so far, or is torn.
  Optional<Entry> process(String launchId) {
    try {
      return begun(launchId)
          ? ProcFs.parse(Files.readString(pidFile(launchId), StandardCharsets.ISO_8859_1))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read which processes run in " + folder, e);
    }
  }

  /// Whether the launch came as far as its pid file, which stands before the engine.
  boolean begun(String launchId) {
    return Files.exists(pidFile(launchId));
  }

  /// All launches of which anything may be left.
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

  /// Forgets every other launch: nothing is left of them.
  void forgetOthers(String launchId) {
    try {
      for (Path file : list(PID + "*")) {
        if (!file.equals(pidFile(launchId))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tidy " + folder, e);
    }
  }

  /// Puts a record that cannot be read out of the way, and keeps it for people to look at.
  void setAside() {
    try {
      Path file = folder.resolve(RECORD);
      Files.move(file, folder.resolve("unreadable.json"), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot set the record in " + folder + " aside", e);
    }
  }

  /// Removes the record and what belongs to it. The logs stay until the same replica is made again:
  /// people ask why something ended after it has.
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
