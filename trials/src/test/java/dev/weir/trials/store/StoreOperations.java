// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.store;

import dev.weir.trials.clients.ClientsTrial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.json.JsonMapper;

/// The store as an operator meets it, on real processes: starts that are refused, a disk that runs
/// full and is freed, a backup under load that is restored while gateways remember more.
final class StoreOperations {
  static final String QUESTION =
      """
      {"model": "chat", "max_tokens": 4, "messages": [{"role": "user", "content": "hello"}]}
      """;
  static final String MODEL =
      """
      {"apiVersion": "weir.dev/v1", "kind": "Model", "metadata": {"name": "%s"},
       "spec": {"owner": "trial@example.com"}}
      """;

  private static final Polling POLLING = new Polling(Duration.ofMinutes(2), Duration.ofMillis(200));

  private final TrialRun run;
  private final Path folder;

  StoreOperations(TrialRun run) throws IOException {
    this.run = run;
    this.folder = Files.createTempDirectory("weir-operations");
  }

  void check() throws Exception {
    backupAndRestore();
    new RefusedStarts(run, folder, folder.resolve("first")).check();
    new FullDiskCheck(run, folder, freePort()).check();
    new CompactedWatch(run, folder, freePort()).check();
  }

  // Backup and restore

  /// The control plane of the first folder is killed; the gateway outlives it.
  private void backupAndRestore() throws Exception {
    int port = freePort();
    Path backup = folder.resolve("weir.backup");
    WeirProcess.Launch first = control("first", port);
    WeirProcess controlPlane = WeirProcess.start(first);
    try (WeirProcess gateway = WeirProcess.start(gateway(first, port))) {
      String key = backUpUnderLoad(controlPlane, gateway, backup);
      // More is published after the backup: the gateway has seen what the backup has not.
      for (int i = 0; i < 4; i++) {
        var _ = inferenceKey(controlPlane, "later-" + i);
      }
      controlPlane.kill();
      restore(controlPlane, gateway, backup, port, key);
    } finally {
      controlPlane.kill();
      stopReplicas(first);
    }
  }

  /// A killed control plane leaves its replicas running for the next start on its folder, and the
  /// restored one runs on another folder.
  private static void stopReplicas(WeirProcess.Launch killed)
      throws IOException, InterruptedException {
    WeirProcess.start(killed).close();
  }

  private WeirProcess.Launch gateway(WeirProcess.Launch first, int port) {
    return WeirProcess.Launch.gateway(folder, "gateway", "http://127.0.0.1:" + port)
        .environment(Map.of("WEIR_GATEWAY_KEY", first.gatewayKey()));
  }

  private String backUpUnderLoad(WeirProcess controlPlane, WeirProcess gateway, Path backup)
      throws Exception {
    Path manifest = Files.writeString(folder.resolve("all.yaml"), ClientsTrial.MANIFEST);
    var _ = ok(controlPlane, "apply", "-f", manifest.toString(), "--wait");
    String key = inferenceKey(controlPlane, "trial");
    run.check("a separate gateway serves", eventually(() -> asks(gateway, key) == 200), "no 200");
    AtomicBoolean stop = new AtomicBoolean();
    Thread load =
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 0; !stop.get(); i++) {
                put(controlPlane, "load-" + i % 20, i);
              }
            });
    try {
      String said = ok(controlPlane, "backup", backup.toString(), "--reason", "trial");
      run.check("backup prints its content", said.contains("audit entries"), said);
    } finally {
      stop.set(true);
      load.join();
    }
    run.check(
        "only its owner can read a backup",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)).equals("rw-------"),
        Files.getPosixFilePermissions(backup));
    WeirProcess.Ran again = cli(controlPlane, "backup", backup.toString());
    run.check(
        "a backup replaces no file",
        again.status() == 1 && again.err().contains("already exists"),
        again);
    WeirProcess.Ran toFolder = cli(controlPlane, "backup", folder.toString());
    run.check("a folder is refused", toFolder.status() == 1, toFolder);
    String bytes = Files.readString(backup, StandardCharsets.ISO_8859_1);
    run.check(
        "a backup has no key",
        !bytes.contains(key) && !bytes.contains(controlPlane.adminKey()),
        "a key is in it");
    return key;
  }

  /// The gateway holds a later audit head than the backup: an operator has to say that it is right.
  private void acknowledged(WeirProcess second) throws Exception {
    long restore =
        ok(second, "audit", "export")
                .lines()
                .takeWhile(line -> !line.contains("store.restore"))
                .count()
            + 1;
    String entry = Long.toString(restore);
    WeirProcess.Ran said =
        cli(second, "audit", "acknowledge", entry, "--reason", "the trial's backup");
    run.check("a restore can be acknowledged", said.status() == 0, said);
    run.check(
        "the audit log is unbroken after the acknowledgment",
        cli(second, "audit", "verify").status() == 0,
        cli(second, "audit", "verify"));
  }

  private void restore(
      WeirProcess controlPlane, WeirProcess gateway, Path backup, int port, String key)
      throws Exception {
    Path data = folder.resolve("second");
    WeirProcess.Ran restored =
        controlPlane.run("restore", backup.toString(), "--data", data.toString());
    run.check(
        "restore prints its content",
        restored.status() == 0 && restored.out().contains("hash chain unbroken"),
        restored);
    WeirProcess.Ran again =
        controlPlane.run("restore", backup.toString(), "--data", data.toString());
    run.check(
        "a folder that is not empty is refused",
        again.status() == 1 && again.err().contains("is not empty"),
        again);
    Files.copy(folder.resolve("first/admin.key"), data.resolve("admin.key"));
    try (WeirProcess second = WeirProcess.start(control("second", port))) {
      run.check("the gateway serves during the restore", asks(gateway, key) == 200, "not 200");
      String fresh = inferenceKey(second, "after");
      run.check(
          "a gateway with later snapshots accepts those of the restored store",
          eventually(() -> asks(gateway, fresh) == 200),
          ok(second, "get", "gateways"));
      run.check("keys work after a restore", asks(gateway, key) == 200, "not 200");
      run.check(
          "replicas become ready again", ok(second, "get", "replicas").contains("Ready"), "none");
      acknowledged(second);
    }
  }

  private WeirProcess.Launch control(String name, int port) {
    return WeirProcess.Launch.control(folder, name, port);
  }

  // A disk that runs full

  /// Whether a file system can be mounted in a private mount namespace.
  static boolean mounts() throws Exception {
    Process process =
        new ProcessBuilder("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
            .redirectErrorStream(true)
            .start();
    process.getInputStream().readAllBytes();
    return process.waitFor() == 0;
  }

  /// The command prefix that mounts a small disk at `disk` for one command.
  static List<String> mounted(String then, Path disk) {
    return List.of(
        "unshare",
        "-m",
        "sh",
        "-c",
        "mount -t tmpfs -o size=32m tmpfs \"$0\" && " + then + " && exec \"$@\"",
        disk.toString());
  }

  /// `weir control` makes no context, so each command gets server and key.
  private static WeirProcess.Ran cli(WeirProcess weir, String... args) throws Exception {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--server", weir.control(), "--key", weir.adminKey()));
    return weir.run(all.toArray(String[]::new));
  }

  private static String ok(WeirProcess weir, String... args) throws Exception {
    WeirProcess.Ran ran = cli(weir, args);
    if (ran.status() != 0) {
      throw new IOException("weir " + args[0] + " ended with " + ran.status() + ": " + ran.err());
    }
    return ran.out();
  }

  private static String inferenceKey(WeirProcess weir, String name) throws Exception {
    return JsonMapper.shared()
        .readTree(ok(weir, "key", "create", name, "--role", "inference", "-o", "json"))
        .get("key")
        .asString();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static int asks(WeirProcess gateway, String key) {
    try {
      return gateway
          .post(gateway.gateway() + "/v1/chat/completions", QUESTION, WeirProcess.bearer(key))
          .statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private static void put(WeirProcess weir, String name, int i) {
    try {
      var _ =
          weir.post(
              weir.control() + "/api/v1/apply",
              MODEL.formatted(name).replace("trial@", "trial" + i + "@"),
              WeirProcess.bearer(weir.adminKey()));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Waits up to two minutes, for a busy machine.
  static boolean eventually(Polling.Condition condition) throws IOException, InterruptedException {
    return POLLING.holds(condition);
  }
}
