// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.model.Default;
import dev.weir.model.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The control planes a person works with, by name, and which is the current one. Keys are not in
/// it, only the paths of their files.
///
/// The file has mode 0600 and is replaced as a whole, so that a reader never sees half of it.
public final class ContextFile {
  private static final String NAME = "contexts.json";
  private static final FileAttribute<?> OWNER_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> OWNER_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path file;

  /// @param server URL of the control API
  /// @param keyFile holds the key and nothing else
  /// @param ca file of the authority that the server's certificate must come from
  /// @param namespace of commands that name none
  public record Entry(
      String server, Optional<String> keyFile, Optional<String> ca, Optional<String> namespace) {}

  /// @param current empty before the first; may name one that was removed by hand
  public record Contexts(Optional<String> current, @Default("{}") Map<String, Entry> contexts) {
    public Contexts {
      contexts = Map.copyOf(contexts);
    }
  }

  private ContextFile(Path file) {
    this.file = file;
  }

  /// `contexts.json` in `WEIR_CONFIG_DIR`, else in `$XDG_CONFIG_HOME/weir`, else in
  /// `~/.config/weir`.
  public static ContextFile ofEnvironment(Map<String, String> env) {
    String weir = env.getOrDefault("WEIR_CONFIG_DIR", "");
    if (!weir.isEmpty()) {
      return new ContextFile(Path.of(weir, NAME));
    }
    String xdg = env.getOrDefault("XDG_CONFIG_HOME", "");
    if (!xdg.isEmpty()) {
      return new ContextFile(Path.of(xdg, "weir", NAME));
    }
    String home = env.getOrDefault("HOME", "");
    return new ContextFile(
        Path.of(home.isEmpty() ? System.getProperty("user.home") : home, ".config", "weir", NAME));
  }

  public Path path() {
    return file;
  }

  /// What the file says; nothing when there is none.
  ///
  /// @throws CliException when it cannot be read or is not such a file
  public Contexts read() {
    try {
      return parsed(Files.readString(file));
    } catch (NoSuchFileException none) {
      return new Contexts(Optional.empty(), Map.of());
    } catch (IOException unreadable) {
      throw CliException.error("cannot read " + file + ": " + ErrorMessages.describe(unreadable));
    }
  }

  private Contexts parsed(String text) {
    return switch (Json.tryRead(text, Contexts.class)) {
      case Json.Read.Value<Contexts> value -> value.value();
      case Json.Read.Refused<Contexts> refused ->
          throw CliException.error(
              file
                  + " is not a file of contexts ("
                  + refused.problems().getFirst()
                  + "): mend it or remove it");
    };
  }

  /// Adds a context, or points it elsewhere, and makes it the current one; a namespace that was set
  /// for it stays.
  ///
  /// @param ca of the server's certificate; empty for the JDK's own trust store
  /// @throws CliException when the file cannot be written
  public void makeCurrent(String name, String serverUrl, Path keyFile, Optional<Path> ca) {
    Optional<String> namespace =
        Optional.ofNullable(read().contexts().get(name)).flatMap(Entry::namespace);
    put(
        name,
        new Entry(
            serverUrl, Optional.of(absolute(keyFile)), ca.map(ContextFile::absolute), namespace));
    use(name);
  }

  static String absolute(Path file) {
    return file.toAbsolutePath().normalize().toString();
  }

  /// Makes a context the current one.
  void use(String name) {
    Contexts known = read();
    write(new Contexts(Optional.of(name), known.contexts()));
  }

  /// Adds or replaces a context; the first becomes the current one.
  void put(String name, Entry entry) {
    Contexts known = read();
    Map<String, Entry> contexts = new TreeMap<>(known.contexts());
    contexts.put(name, entry);
    write(new Contexts(Optional.of(known.current().orElse(name)), contexts));
  }

  private void write(Contexts contexts) {
    try {
      Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow();
      boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
      Files.createDirectories(folder, posix ? new FileAttribute<?>[] {OWNER_FOLDER} : none());
      Path fresh =
          Files.createTempFile(
              folder, NAME, ".new", posix ? new FileAttribute<?>[] {OWNER_FILE} : none());
      try {
        Files.writeString(fresh, Json.pretty(contexts) + "\n");
        Files.move(
            fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (IOException unwritable) {
      throw CliException.error("cannot write " + file + ": " + ErrorMessages.describe(unwritable));
    }
  }

  private static FileAttribute<?>[] none() {
    return new FileAttribute<?>[0];
  }
}
