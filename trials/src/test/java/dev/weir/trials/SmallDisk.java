// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

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

/// A control plane whose data folder is on a small disk of its own, which nobody but it sees: the
/// trial reaches it through the process.
final class SmallDisk implements AutoCloseable {
  /// More than the disk has, should it not be the small one.
  private static final long MOST_BYTES = 256L << 20;

  private final Path folder;
  private final Path disk;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final String key;

  /// Ready when it returns.
  SmallDisk(Path folder, Path disk, int port) throws IOException {
    this.folder = folder;
    this.disk = disk;
    this.port = port;
    List<String> command = new ArrayList<>(StoreOperations.mounted("true", disk));
    command.addAll(
        List.of(
            Weir.launcher().toString(),
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
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroy();
    if (!StoreOperations.eventually(() -> !process.isAlive())) {
      process.destroyForcibly();
    }
    http.close();
  }
}
