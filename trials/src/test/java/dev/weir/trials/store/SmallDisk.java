// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.store;

import dev.weir.client.ControlEndpoint;
import dev.weir.client.WeirClient;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/// A control plane, and optionally a gateway, whose data folders are on a small disk that only they
/// see. The trial reaches it through the process.
final class SmallDisk implements AutoCloseable {
  /// More than the disk has, should it not be the small one.
  private static final long MOST_BYTES = 256L << 20;

  private final Path folder;
  private final Path disk;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final String key;
  private final WeirClient client;
  private Optional<Process> gateway = Optional.empty();
  private String gatewayUrl = "";

  /// Ready when it returns.
  SmallDisk(Path folder, Path disk, int port) throws IOException, InterruptedException {
    this.folder = folder;
    this.disk = disk;
    this.port = port;
    List<String> command = new ArrayList<>(StoreOperations.mounted("true", disk));
    command.addAll(
        List.of(
            WeirProcess.launcher().toString(),
            "control",
            "--control",
            "127.0.0.1:" + port,
            "--data",
            disk.resolve("data").toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectError(folder.resolve("disk.err").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("WEIR_NO_BUILD", "1");
    process = builder.start();
    if (!StoreOperations.eventually(() -> Files.exists(inside("data/weir.json")))) {
      throw new IOException("did not start: " + errors());
    }
    key = Files.readString(inside("data/admin.key")).strip();
    client = new WeirClient(ControlEndpoint.of(URI.create("http://127.0.0.1:" + port), key));
  }

  /// A gateway with its folder on the same disk; ready when it returns.
  void startGateway() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                "nsenter",
                "-t",
                Long.toString(process.pid()),
                "-m",
                WeirProcess.launcher().toString(),
                "gateway",
                "--gateway",
                "127.0.0.1:0",
                "--control",
                "http://127.0.0.1:" + port,
                "--key",
                "file:" + disk.resolve("data/gateway.key"),
                "--data",
                disk.resolve("gateway").toString())
            .redirectError(folder.resolve("disk-gateway.err").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("WEIR_NO_BUILD", "1");
    gateway = Optional.of(builder.start());
    Path ready = inside("gateway/weir.json");
    if (!StoreOperations.eventually(() -> Files.exists(ready))) {
      throw new IOException("the gateway did not start: " + gatewayErrors());
    }
    gatewayUrl = JsonMapper.shared().readTree(Files.readString(ready)).get("gateway").asString();
  }

  WeirClient client() {
    return client;
  }

  /// @return the status of the gateway's answer, 0 without one
  int ask(String inferenceKey) {
    HttpRequest question =
        HttpRequest.newBuilder(URI.create(gatewayUrl + "/v1/chat/completions"))
            .header("content-type", "application/json")
            .header("authorization", "Bearer " + inferenceKey)
            .POST(BodyPublishers.ofString(StoreOperations.QUESTION))
            .build();
    try {
      return http.send(question, BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  String gatewayErrors() throws IOException {
    return Files.readString(folder.resolve("disk-gateway.err"));
  }

  private Path inside(String name) {
    return Path.of("/proc/" + process.pid() + "/root" + disk.resolve(name));
  }

  /// Until not one byte more goes.
  ///
  /// @return MiB
  long fill() throws IOException {
    for (int size = 64 * 1024; size > 0; size /= 2) {
      appendUntilRefused(new byte[size]);
    }
    return Files.size(inside("fill")) >> 20;
  }

  private void appendUntilRefused(byte[] block) throws IOException {
    try (FileChannel file =
        FileChannel.open(inside("fill"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (file.size() < MOST_BYTES && written(file, block)) {
        Thread.onSpinWait();
      }
    }
  }

  private static boolean written(FileChannel file, byte[] block) {
    try {
      return file.write(ByteBuffer.wrap(block)) == block.length;
    } catch (IOException full) {
      return false;
    }
  }

  void free() throws IOException {
    Files.delete(inside("fill"));
  }

  HttpResponse<String> write(String name) throws IOException, InterruptedException {
    return http.send(
        request("/api/v1/namespaces/default/models/" + name)
            .header("content-type", "application/json")
            .PUT(BodyPublishers.ofString(StoreOperations.MODEL.formatted(name)))
            .build(),
        BodyHandlers.ofString());
  }

  int put(String name) {
    try {
      return write(name).statusCode();
    } catch (IOException | InterruptedException e) {
      return 0;
    }
  }

  int read(String name) throws IOException, InterruptedException {
    return http.send(
            request("/api/v1/namespaces/default/models/" + name).build(), BodyHandlers.ofString())
        .statusCode();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("authorization", "Bearer " + key);
  }

  String errors() throws IOException {
    return Files.readString(folder.resolve("disk.err"));
  }

  boolean alive() {
    return process.isAlive() && gateway.map(Process::isAlive).orElse(true);
  }

  @Override
  public void close() {
    client.close();
    gateway.ifPresent(SmallDisk::end);
    end(process);
    http.close();
  }

  private static void end(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
