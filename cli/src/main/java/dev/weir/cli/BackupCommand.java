// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.client.SavedBackup;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.JsonNodeFactory;

/// `weir backup FILE`: creates the file atomically, readable by its owner only, and never replaces
/// a file.
@Command(name = "backup", description = "Back up the control plane's store while it runs.")
final class BackupCommand implements Callable<Integer> {
  private final CommandSession session;

  @Parameters(paramLabel = "FILE", description = "file to create on this machine")
  private Path file = Path.of("");

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "reason, recorded in the audit log")
  private String reason = "";

  BackupCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    OutputFormat format = session.format();
    Path target = file.toAbsolutePath().normalize();
    requireFree(target);
    Path partial = Files.createTempFile(target.resolveSibling(""), ".weir-backup-", ".partial");
    try {
      SavedBackup saved = session.client().backup(partial, reason);
      long bytes = Files.size(partial);
      publish(partial, target);
      printResult(format, target, saved, bytes);
    } finally {
      Files.deleteIfExists(partial);
    }
    return ExitStatus.OK;
  }

  private static void requireFree(Path target) {
    if (Files.isDirectory(target)) {
      throw CliException.error(target + " is a folder: name a file in it");
    }
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw alreadyExists(target);
    }
    if (!Files.isDirectory(target.resolveSibling(""))) {
      throw CliException.error(
          "folder " + target.resolveSibling("") + " does not exist: create it");
    }
  }

  /// Creating a link fails if the name exists; a rename would replace the file.
  private static void publish(Path partial, Path target) throws IOException {
    try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    try {
      Files.createLink(target, partial);
    } catch (FileAlreadyExistsException e) {
      throw alreadyExists(target);
    } catch (UnsupportedOperationException | IOException noLinks) {
      Files.move(partial, target);
    }
  }

  private static CliException alreadyExists(Path target) {
    return CliException.error(
        target + " already exists and is not replaced: name another file, or move it away");
  }

  private void printResult(OutputFormat format, Path target, SavedBackup saved, long bytes) {
    if (format.document()) {
      session.document(
          JsonNodeFactory.instance
              .objectNode()
              .put("file", target.toString())
              .put("bytes", bytes)
              .put("revision", saved.revision())
              .put("auditEntries", saved.auditEntries())
              .put("auditHead", saved.auditHead()));
      return;
    }
    session.line(
        String.format(
            Locale.ROOT,
            "saved %s: revision %d, %d audit entries, %.1f MiB",
            target,
            saved.revision(),
            saved.auditEntries(),
            bytes / 1048576.0));
    session.note("the backup contains hashes of keys, not the keys: back up admin.key too");
  }
}
