// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.model.Target;
import dev.weir.model.spec.TargetSettings.ProcessTarget;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ProviderFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/// Opens Targets of provider `process`, each in a folder with its name.
public final class ProcessProviderFactory implements ProviderFactory {
  private final ProcessProviderOptions options;

  public ProcessProviderFactory(ProcessProviderOptions options) {
    this.options = options;
  }

  /// @throws IllegalArgumentException for a target of another provider, or if the machine cannot
  ///   run processes
  @Override
  public Provider open(Target target) {
    if (!(target.spec().settings() instanceof ProcessTarget settings)) {
      throw new IllegalArgumentException(target.ref() + " is not a `process` target");
    }
    String missing = Launcher.missing();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "target " + target.metadata().name() + " cannot run processes here: " + missing);
    }
    return ProcessProvider.open(
        options, options.folder().resolve(target.metadata().name()), settings.allowedCommands());
  }

  @Override
  public Set<String> leftovers() {
    Set<String> names = new TreeSet<>();
    try (DirectoryStream<Path> targets =
        Files.newDirectoryStream(options.folder(), ReplicaFolder::anyIn)) {
      targets.forEach(target -> names.add(target.getFileName().toString()));
    } catch (NoSuchFileException e) {
      return Set.of(); // nothing was started in this folder
    } catch (DirectoryIteratorException e) {
      throw unreadable(new IOException(e));
    } catch (IOException e) {
      throw unreadable(e);
    }
    return names;
  }

  private UncheckedIOException unreadable(IOException e) {
    return new UncheckedIOException("cannot list the replicas in " + options.folder(), e);
  }
}
