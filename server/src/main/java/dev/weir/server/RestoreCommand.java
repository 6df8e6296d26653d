// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.control.access.Bootstrap;
import dev.weir.control.access.Keys;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import dev.weir.server.files.PrivateFiles;
import dev.weir.store.Restored;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `weir restore FILE`: restores a backup into an empty data folder, without a control plane.
@Command(
    name = "restore",
    description = "Verify a backup and restore it into an empty data folder.",
    mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "backup file from `weir backup`")
  private Path file = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "empty or new data folder (default ./weir-data)")
  private @Nullable String data;

  @Option(
      names = "--new-admin-key",
      description = "write a new admin key to DIR/admin.key and revoke the old one")
  private boolean newAdminKey;

  @Override
  public Integer call() {
    Map<Setting, String> flags = data == null ? Map.of() : Map.of(Setting.DATA, data);
    Path folder = Configuration.load(Optional.empty(), System.getenv(), flags).path(Setting.DATA);
    Restored restored =
        SqliteStore.restore(file.toAbsolutePath(), folder, InstantSource.system(), Version.CURRENT);
    printResult(System.out, folder, restored);
    if (newAdminKey) {
      renewAdminKey(folder);
      System.out.println("admin key " + folder.resolve("admin.key") + " (new)");
    } else {
      System.out.println("keys      unchanged; a backup contains only hashes of keys");
    }
    printNext(System.out, folder);
    return 0;
  }

  private void printResult(PrintStream out, Path folder, Restored restored) {
    out.println("restored  " + file + " into " + folder);
    if (!restored.identity().isEmpty()) {
      out.println("store     " + restored.identity() + ", the identity that its gateways know");
    }
    out.println(
        "contains  revision "
            + restored.revision()
            + ", "
            + restored.auditEntries()
            + " audit entries up to "
            + time(restored.lastChange())
            + ", hash chain unbroken");
    out.println(
        "created   "
            + time(restored.copiedAt())
            + " by "
            + (restored.weir().isEmpty() ? "an older Weir" : "Weir " + restored.weir())
            + ", schema version "
            + restored.schemaVersion());
  }

  /// A restored folder serves one of two purposes. A control plane on it must not run beside the
  /// original one: both have the same identity.
  private void printNext(PrintStream out, Path folder) {
    out.println("check     the backup is valid; if this was only a check, remove " + folder);
    out.println(
        "replace   to replace the original: stop it, put "
            + (newAdminKey ? "gateway.key" : "admin.key and gateway.key")
            + " into "
            + folder
            + (newAdminKey ? "" : " (or restore with --new-admin-key)")
            + ", then run: weir up --data "
            + folder);
    out.println(
        "          never start it beside the original: both have the same identity. Keys that were"
            + " revoked after the backup are valid again");
  }

  private static String time(Optional<Instant> at) {
    return at.map(Instant::toString).orElse("(unknown time)");
  }

  /// Writes the file first, so that a crash cannot lose the key.
  private static void renewAdminKey(Path folder) {
    String key =
        PrivateFiles.readOrCreate(
            folder.resolve("admin.key"), () -> Keys.fresh(new SecureRandom()));
    try (Store store = SqliteStore.open(folder, InstantSource.system(), Version.CURRENT)) {
      Bootstrap.renewAdmin(new StoreChangeExecutor(store), key);
    }
  }
}
