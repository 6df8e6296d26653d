// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import dev.weir.client.ControlEndpoint;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A running `./weir up`, `./weir control` or `./weir gateway` in a folder of its own. Trials use
/// it as a user does: through the launcher, the CLI and HTTP.
public final class WeirProcess implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration START = Duration.ofMinutes(3);
  private static final String FREE_PORT = "127.0.0.1:0";

  private final Path folder;
  private final Process up;
  private final JsonNode addresses;
  private final String adminKey;
  private final HttpClient http = HttpClient.newHttpClient();

  private WeirProcess(Path folder, Process up, JsonNode addresses, String adminKey) {
    this.folder = folder;
    this.up = up;
    this.addresses = addresses;
    this.adminKey = adminKey;
  }

  /// The result of a command.
  public record Ran(int status, String out, String err) {}

  /// The launcher, `./weir`, of the checkout under trial.
  public static Path launcher() {
    String named = System.getenv("WEIR_LAUNCHER");
    return Path.of(named == null ? "../weir" : named).toAbsolutePath().normalize();
  }

  /// How a process of Weir is started.
  ///
  /// @param name of the data folder and the log files of the process inside the trial's folder
  /// @param program the command before the arguments of `weir`: the launcher, or a main class of
  ///   the trial
  /// @param args the command and its flags; `--data` is added
  public record Launch(
      Path folder,
      String name,
      List<String> program,
      List<String> args,
      Map<String, String> environment) {
    /// A command of the launcher.
    private static Launch of(Path folder, String name, List<String> args, String... more) {
      return new Launch(
          folder,
          name,
          List.of(launcher().toString()),
          Stream.concat(args.stream(), Stream.of(more)).toList(),
          Map.of());
    }

    /// `weir up` with its data in `data`.
    ///
    /// @param more flags
    public static Launch up(Path folder, String... more) {
      return of(
          folder, "data", List.of("up", "--gateway", FREE_PORT, "--control", FREE_PORT), more);
    }

    public static Launch control(Path folder, String name) {
      return control(folder, name, 0);
    }

    /// @param port 0 for a free one
    public static Launch control(Path folder, String name, int port) {
      return of(folder, name, List.of("control", "--control", "127.0.0.1:" + port));
    }

    /// @param control URL of the control plane, or of a proxy before it
    /// @param more flags
    public static Launch gateway(Path folder, String name, String control, String... more) {
      return of(
          folder, name, List.of("gateway", "--gateway", FREE_PORT, "--control", control), more);
    }

    /// The key that a control plane with this data folder writes for its gateways, as `--key` takes
    /// it.
    public String gatewayKey() {
      return "file:" + data().resolve("gateway.key");
    }

    public Launch program(List<String> other) {
      return new Launch(folder, name, other, args, environment);
    }

    public Launch environment(Map<String, String> other) {
      return new Launch(folder, name, program, args, other);
    }

    public Path data() {
      return folder.resolve(name);
    }
  }

  public static WeirProcess up() throws IOException, InterruptedException {
    return upAgain(Files.createTempDirectory("weir-trial"));
  }

  /// Starts `weir up` on the folder of a process that ended.
  public static WeirProcess upAgain(Path folder) throws IOException, InterruptedException {
    return start(Launch.up(folder));
  }

  /// Starts `up`, `control` or `gateway` and waits until it is ready.
  ///
  /// @throws IOException with its standard error, when it ends or takes longer than three minutes
  public static WeirProcess start(Launch launch) throws IOException, InterruptedException {
    Path ready = launch.data().resolve("weir.json");
    Files.deleteIfExists(ready);
    Path errors = launch.folder().resolve(launch.name() + ".err");
    List<String> args = new ArrayList<>(launch.args());
    args.addAll(List.of("--data", launch.data().toString()));
    ProcessBuilder builder = command(launch.folder(), launch.program(), args);
    builder.environment().putAll(launch.environment());
    Process process =
        builder
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(
                    launch.folder().resolve(launch.name() + ".out").toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start();
    long deadline = System.nanoTime() + START.toNanos();
    while (!Files.exists(ready)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroyForcibly();
        throw new IOException(
            "weir " + launch.args() + " did not become ready: " + Files.readString(errors));
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
    JsonNode addresses = JSON.readTree(Files.readString(ready));
    JsonNode file = addresses.path("adminKeyFile");
    String key = file.isString() ? Files.readString(Path.of(file.asString())).strip() : "";
    return new WeirProcess(launch.folder(), process, addresses, key);
  }

  private static ProcessBuilder command(Path folder, List<String> program, List<String> args) {
    List<String> command = new ArrayList<>(program);
    command.addAll(args);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("WEIR_NO_BUILD", "1");
    builder.environment().put("WEIR_CONFIG_DIR", folder.resolve("config").toString());
    return builder;
  }

  /// Runs a CLI command against this process.
  public Ran run(String... args) throws IOException, InterruptedException {
    ProcessBuilder builder = command(folder, List.of(launcher().toString()), List.of(args));
    if (!adminKey.isEmpty()) {
      // `weir control` alone does not make itself the CLI's context.
      builder.environment().put("WEIR_SERVER", control());
      builder.environment().put("WEIR_KEY", adminKey);
    }
    Process process = builder.start();
    process.getOutputStream().close();
    try (var errors = new java.io.ByteArrayOutputStream()) {
      Thread reader =
          Thread.startVirtualThread(() -> {
            try {
              process.getErrorStream().transferTo(errors);
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      reader.join();
      return new Ran(status, out, errors.toString(StandardCharsets.UTF_8));
    }
  }

  /// Runs a CLI command that must succeed.
  public String ok(String... args) throws IOException, InterruptedException {
    Ran ran = run(args);
    if (ran.status() != 0) {
      throw new IOException(
          "weir " + String.join(" ", args) + " ended with " + ran.status() + ": " + ran.err());
    }
    return ran.out();
  }

  /// Runs a CLI command that must succeed and print JSON.
  public JsonNode json(String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(args));
    command.addAll(List.of("-o", "json"));
    return JSON.readTree(ok(command.toArray(String[]::new)));
  }

  /// Applies a manifest and waits until its resources are ready.
  public void apply(String manifest) throws IOException, InterruptedException {
    ok("apply", "-f", file(manifest), "--wait", "--timeout", "10m");
  }

  /// Applies a manifest without waiting.
  public void submit(String manifest) throws IOException, InterruptedException {
    ok("apply", "-f", file(manifest));
  }

  /// Writes a manifest.
  ///
  /// @return the name of the file
  public String file(String manifest) throws IOException {
    Path file = Files.createTempFile(folder, "manifest", ".yaml");
    return Files.writeString(file, manifest).toString();
  }

  /// Waits for the end of the newest rollout of a Service.
  public Ran awaitRollout(String service, Duration timeout)
      throws IOException, InterruptedException {
    return run("rollout", "status", service, "--wait", "--timeout", timeout.toSeconds() + "s");
  }

  /// A key that may call models.
  public String inferenceKey() throws IOException, InterruptedException {
    return inferenceKey("trial");
  }

  /// A key that may call models.
  ///
  /// @param name of the key
  /// @param more options of `weir key create`
  public String inferenceKey(String name, String... more) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("key", "create", name, "--role", "inference"));
    command.addAll(List.of(more));
    return json(command.toArray(String[]::new)).get("key").asString();
  }

  public String gateway() {
    return addresses.get("gateway").asString();
  }

  public String control() {
    return addresses.get("control").asString();
  }

  /// A client of the control plane's API with the admin key.
  public WeirClient client() {
    return new WeirClient(ControlEndpoint.of(URI.create(control()), adminKey));
  }

  /// A resource of the control plane's API, read with the admin key. Faster than the CLI.
  public JsonNode api(String path) throws IOException, InterruptedException {
    return JSON.readTree(get(control() + path, bearer(adminKey)).body());
  }

  /// The header that authenticates with this key.
  public static Map<String, String> bearer(String key) {
    return Map.of("authorization", "Bearer " + key);
  }

  public HttpResponse<String> get(String url, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).GET();
    headers.forEach(request::header);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  public HttpResponse<String> post(String url, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /// Empty for a gateway alone.
  public String adminKey() {
    return adminKey;
  }

  public Path folder() {
    return folder;
  }

  public long pid() {
    return up.pid();
  }

  public boolean alive() {
    return up.isAlive();
  }

  /// @return whether the process ended before the timeout
  public boolean ended(Duration timeout) throws InterruptedException {
    return up.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// `kill -9`, as the kernel does when memory runs out.
  public void kill() throws InterruptedException {
    up.destroyForcibly().waitFor();
    http.close();
  }

  @Override
  public void close() {
    up.destroy();
    try {
      if (!up.waitFor(30, TimeUnit.SECONDS)) {
        up.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      up.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
