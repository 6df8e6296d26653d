// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import dev.weir.model.codec.Json;
import dev.weir.model.value.Default;
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

/// The file of contexts: control planes by name, and the current one. It contains paths of key
/// files, not keys.
///
/// The file has mode 0600 and is replaced atomically.
public final class ContextFile {
  private static final String NAME = "contexts.json";
  private static final FileAttribute<?> OWNER_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> OWNER_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path file;

  /// @param server URL of the control API
  /// @param keyFile file that contains only the key
  /// @param ca PEM file of the CA that must have issued the server's certificate
  /// @param namespace default for commands without `-n`
  /// @param gateway URL of a gateway of the control plane, without `/v1`; empty in files of an
  ///   earlier version of Weir
  public record Entry(
      String server,
      Optional<String> keyFile,
      Optional<String> ca,
      Optional<String> namespace,
      Optional<String> gateway) {}

  /// @param current empty when there is no context; may name one that was removed manually
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

  /// The contexts; none when the file does not exist.
  ///
  /// @throws CliException when the file is unreadable or invalid
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
                  + " is not a valid context file ("
                  + refused.problems().getFirst()
                  + "): fix or remove it");
    };
  }

  /// Adds or updates a context and makes it the current one. Its namespace does not change.
  ///
  /// @param ca CA of the server's certificate; empty uses the JDK's trust store
  /// @throws CliException when the file cannot be written
  public void makeCurrent(
      String name, String serverUrl, String gatewayUrl, Path keyFile, Optional<Path> ca) {
    Optional<String> namespace =
        Optional.ofNullable(read().contexts().get(name)).flatMap(Entry::namespace);
    put(
        name,
        new Entry(
            serverUrl,
            Optional.of(absolute(keyFile)),
            ca.map(ContextFile::absolute),
            namespace,
            Optional.of(gatewayUrl)));
    use(name);
  }

  public static String absolute(Path file) {
    return file.toAbsolutePath().normalize().toString();
  }

  /// Sets the current context.
  public void use(String name) {
    Contexts known = read();
    write(new Contexts(Optional.of(name), known.contexts()));
  }

  /// Adds or replaces a context. The first one becomes current.
  public void put(String name, Entry entry) {
    Contexts known = read();
    Map<String, Entry> contexts = new TreeMap<>(known.contexts());
    contexts.put(name, entry);
    write(new Contexts(Optional.of(known.current().orElse(name)), contexts));
  }

  /// Deletes a context. If it was the current one, none is current afterwards.
  public void delete(String name) {
    Contexts known = read();
    Map<String, Entry> contexts = new TreeMap<>(known.contexts());
    contexts.remove(name);
    write(new Contexts(known.current().filter(current -> !current.equals(name)), contexts));
  }

  private void write(Contexts contexts) {
    try {
      Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow();
      boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
      Files.createDirectories(folder, posix ? new FileAttribute<?>[] {OWNER_FOLDER} : none());
      Path temporary =
          Files.createTempFile(
              folder, NAME, ".new", posix ? new FileAttribute<?>[] {OWNER_FILE} : none());
      try {
        Files.writeString(temporary, Json.pretty(contexts) + "\n");
        Files.move(
            temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException unwritable) {
      throw CliException.error("cannot write " + file + ": " + ErrorMessages.describe(unwritable));
    }
  }

  private static FileAttribute<?>[] none() {
    return new FileAttribute<?>[0];
  }
}
