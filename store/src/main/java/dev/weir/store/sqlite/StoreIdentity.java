// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.Opening;
import dev.weir.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/// The identity of a folder's store. Both the database (table `identity`) and the file `store.id`
/// contain it, so that a lost or replaced database is detected before a new one is created.
final class StoreIdentity {
  static final String FILE = "store.id";

  /// The first schema version with the table.
  static final int SINCE = 3;

  private static final int BYTES = 16;
  private static final int MAX_FILE_BYTES = 256;
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

  private final Path database;
  private final Path folder;
  private final Path file;
  private final Opening opening;

  /// @param database the store's file
  StoreIdentity(Path database, Opening opening) {
    this.database = database;
    this.folder = PrivateFile.folderOf(database);
    this.file = folder.resolve(FILE);
    this.opening = opening;
  }

  static String draw(RandomGenerator random) {
    byte[] drawn = new byte[BYTES];
    random.nextBytes(drawn);
    return HexFormat.of().formatHex(drawn);
  }

  static String read(Handle handle) {
    return handle.createQuery("SELECT store FROM identity").mapTo(String.class).one();
  }

  /// Checks, before a database is opened or created, that none is missing.
  ///
  /// @throws StoreException when the folder had a store and its database is missing
  void requireDatabase() {
    boolean empty = isEmpty();
    if (Files.exists(database) && !empty) {
      return;
    }
    if (opening.adopt()) {
      removeEmpty(empty);
      return;
    }
    String problem = empty ? "is empty" : "does not exist";
    Optional<String> named = named();
    List<String> left =
        opening.companions().stream().filter(name -> Files.exists(folder.resolve(name))).toList();
    if (named.isPresent()) {
      throw lost(problem + ", but " + FILE + " names store " + named.get());
    }
    if (empty || !left.isEmpty()) {
      throw lost(left.isEmpty() ? problem : problem + ", but its key files exist: " + left);
    }
  }

  private boolean isEmpty() {
    try {
      return Files.exists(database) && Files.size(database) == 0;
    } catch (IOException e) {
      throw StoreFailures.opening(database, e);
    }
  }

  /// Deleting an empty file loses no data; its write-ahead log has been checked.
  private void removeEmpty(boolean empty) {
    try {
      if (empty) {
        Files.delete(database);
      }
    } catch (IOException e) {
      throw StoreFailures.opening(database, e);
    }
  }

  private StoreException lost(String problem) {
    return new StoreException(
        "the store of "
            + folder
            + " is missing: "
            + database
            + " "
            + problem
            + ". Nothing was started or published. Mount the volume that contains it; or move "
            + folder
            + " away, `weir restore` a backup into a new one and restore the key files; or start"
            + " with --adopt-store to create a new, empty store");
  }

  /// Checks, after the database was opened, that it is the folder's store. Writes the file if it
  /// does not exist or the store is adopted.
  ///
  /// @param found the identity in the database
  /// @throws StoreException when the file contains another identity
  void require(String found) {
    Optional<String> named = opening.adopt() && !isWhole() ? Optional.empty() : named();
    if (named.filter(found::equals).isPresent()) {
      return;
    }
    if (named.isPresent() && !opening.adopt()) {
      throw new StoreException(
          database
              + " is store "
              + found
              + ", but "
              + file
              + " names store "
              + named.get()
              + ". Nothing was started or published. Restore the database of that store; or start"
              + " with --adopt-store to accept store "
              + found);
    }
    write(found);
  }

  private boolean isWhole() {
    try {
      return FORM.matcher(text()).matches();
    } catch (IOException e) {
      return false;
    }
  }

  /// The identity in the file; empty when there is no file.
  private Optional<String> named() {
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try {
      String text = text();
      if (!FORM.matcher(text).matches()) {
        throw new StoreException(
            file
                + " does not contain a store identity (32 hex digits): restore the file, or start"
                + " with --adopt-store to rewrite it");
      }
      return Optional.of(text);
    } catch (IOException e) {
      throw new StoreException(
          StoreFailures.trouble(e),
          file + " cannot be read (" + StoreFailures.why(e) + "): make it readable for this user",
          e);
    }
  }

  private String text() throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      return "";
    }
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
  }

  private void write(String identity) {
    Path fresh = file.resolveSibling(FILE + ".new");
    try {
      PrivateFile.create(fresh);
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = StandardCharsets.US_ASCII.encode(identity + "\n");
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      PrivateFile.moveIntoPlace(fresh, file);
    } catch (IOException e) {
      throw new StoreException(
          StoreFailures.trouble(e),
          "cannot write "
              + file
              + " ("
              + StoreFailures.why(e)
              + "): free space or make the folder writable for this user",
          e);
    }
  }
}
