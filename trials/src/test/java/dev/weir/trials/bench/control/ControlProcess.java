// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.control;

import dev.weir.client.ControlEndpoint;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A real `weir control`, and what Linux says that it uses.
final class ControlProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(3);

  /// Linux counts CPU time in `/proc` by this tick on every architecture that Java 25 runs on.
  private static final double TICKS_PER_SECOND = 100;

  /// Indexes of user and system time in `/proc/PID/stat`, counted after the name of the program.
  private static final int USER_TIME = 11;

  private static final int SYSTEM_TIME = 12;

  private final Process process;
  private final WeirClient client;
  private final double startSeconds;

  private ControlProcess(Process process, WeirClient client, double startSeconds) {
    this.process = process;
    this.client = client;
    this.startSeconds = startSeconds;
  }

  /// Starts it on a data folder of `folder`, new or left by an earlier process, and waits until it
  /// is ready.
  ///
  /// @throws IOException with what the process wrote, when it ends or is not ready within 3 minutes
  static ControlProcess start(Path folder) throws IOException {
    Path ready = folder.resolve("data/weir.json");
    Path errors = folder.resolve("err");
    Files.deleteIfExists(ready);
    long begun = System.nanoTime();
    Process process = launch(folder, errors);
    try {
      await(() -> Files.exists(ready), process, errors, begun);
      WeirClient client = client(ready);
      await(client::ready, process, errors, begun);
      return new ControlProcess(process, client, (System.nanoTime() - begun) / 1e9);
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static Process launch(Path folder, Path errors) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                String.valueOf(System.getenv("WEIR_LAUNCHER")),
                "control",
                "--data",
                folder.resolve("data").toString(),
                "--control",
                "127.0.0.1:0")
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("out").toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
    builder.environment().put("WEIR_NO_BUILD", "1");
    builder.environment().put("WEIR_CONFIG_DIR", folder.resolve("config").toString());
    return builder.start();
  }

  private static WeirClient client(Path ready) throws IOException {
    JsonNode addresses = JsonMapper.shared().readTree(Files.readString(ready));
    String key = Files.readString(Path.of(addresses.get("adminKeyFile").asString())).strip();
    return new WeirClient(ControlEndpoint.of(URI.create(addresses.get("control").asString()), key));
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition, Process process, Path errors, long begun)
      throws IOException {
    while (!condition.holds()) {
      if (!process.isAlive() || System.nanoTime() - begun > START.toNanos()) {
        throw new IOException("weir control did not become ready: " + Files.readString(errors));
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  WeirClient client() {
    return client;
  }

  /// From the start of the process until it answered that it is ready.
  double startSeconds() {
    return startSeconds;
  }

  /// CPU time that it has used so far, user and system.
  double cpuSeconds() throws IOException {
    String stat = Files.readString(proc("stat"));
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
    return (Long.parseLong(fields.get(USER_TIME)) + Long.parseLong(fields.get(SYSTEM_TIME)))
        / TICKS_PER_SECOND;
  }

  /// Memory that it occupies now (resident).
  double memoryMiB() throws IOException {
    for (String line : Files.readAllLines(proc("status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("no VmRSS in " + proc("status"));
  }

  private Path proc(String file) {
    return Path.of("/proc", Long.toString(process.pid()), file);
  }

  /// Ends it in order; kills it when that takes longer than 30 s.
  @Override
  public void close() {
    client.close();
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
