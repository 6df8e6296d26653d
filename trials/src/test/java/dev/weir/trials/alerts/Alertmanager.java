// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.alerts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A real Alertmanager: the one of this machine, else Debian's package, downloaded and unpacked in
/// a folder of the trial. Nothing is installed and no service is started: the package's files are
/// laid over `/usr/share` for that process alone, in a mount namespace of its own.
public final class Alertmanager implements AutoCloseable {
  private static final String NAME = "prometheus-alertmanager";

  private final Process process;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();

  private Alertmanager(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /// The command that it is started with, without its flags.
  ///
  /// @return empty when there is none and none can be had
  public static Optional<List<String>> find(Path folder) throws InterruptedException {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      Path program = Path.of(directory, NAME);
      if (Files.isExecutable(program)) {
        return Optional.of(List.of(program.toString()));
      }
    }
    return unpacked(folder);
  }

  private static Optional<List<String>> unpacked(Path folder) throws InterruptedException {
    try {
      if (!ran(folder, "apt-get", "download", NAME)) {
        return Optional.empty();
      }
      Optional<Path> archive;
      try (Stream<Path> files = Files.list(folder)) {
        archive = files.filter(file -> file.toString().endsWith(".deb")).findFirst();
      }
      Path root = folder.resolve("unpacked");
      if (archive.isEmpty()
          || !ran(folder, "dpkg-deb", "-x", archive.get().toString(), root.toString())) {
        return Optional.empty();
      }
      List<String> command =
          List.of(
              "unshare",
              "--mount",
              "sh",
              "-c",
              overlaid(root),
              root.resolve("usr/bin/" + NAME).toString());
      List<String> tried = new ArrayList<>(command);
      tried.add("--version");
      return ran(folder, tried.toArray(String[]::new)) ? Optional.of(command) : Optional.empty();
    } catch (IOException cannot) {
      return Optional.empty();
    }
  }

  private static String overlaid(Path root) {
    return "mount -t overlay overlay -o lowerdir="
        + root
        + "/usr/share:/usr/share /usr/share && exec \"$0\" \"$@\"";
  }

  private static boolean ran(Path folder, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("apt.log").toFile())
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      return false;
    }
    return process.exitValue() == 0;
  }

  /// @param program as found
  /// @param hook URL that it notifies
  public static Alertmanager start(List<String> program, Path folder, String hook)
      throws IOException, InterruptedException {
    Path configuration = folder.resolve("alertmanager.yml");
    Files.writeString(
        configuration,
        """
        route: {receiver: hook, group_by: [key], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
        receivers:
          - name: hook
            webhook_configs: [{url: "%s", send_resolved: true}]
        """
            .formatted(hook));
    int port = freePort();
    List<String> command = new ArrayList<>(program);
    command.addAll(
        List.of(
            "--config.file=" + configuration,
            "--storage.path=" + folder.resolve("alertmanager"),
            "--web.listen-address=127.0.0.1:" + port,
            "--cluster.listen-address="));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("alertmanager.log").toFile())
            .start();
    Alertmanager made = new Alertmanager(process, port);
    made.awaitReady();
    return made;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws InterruptedException {
    for (int i = 0; i < 600 && process.isAlive(); i++) {
      try {
        if (get("/-/ready").statusCode() == 200) {
          return;
        }
      } catch (UncheckedIOException notYet) {
        // tried again below
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
    throw new IllegalStateException("Alertmanager does not become ready, see alertmanager.log");
  }

  private HttpResponse<String> get(String path) throws InterruptedException {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create(url() + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /// Its current alerts, as JSON.
  public String alerts() throws InterruptedException {
    return get("/api/v2/alerts").body();
  }

  @Override
  public void close() {
    process.destroy();
    http.close();
  }
}
