// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A running `engine.mjs`: one process, which answers at each of its addresses.
///
/// @param urls its addresses, on loopback
public record ForeignEngine(Process process, List<String> urls, HttpClient http)
    implements AutoCloseable {
  private static final int OLDEST_NODE = 18;
  private static final long SECONDS_TO_END = 10;
  private static final String LISTENING = "listening on ";

  public ForeignEngine {
    urls = List.copyOf(urls);
  }

  /// Why it cannot run here; empty when it can.
  public static Optional<String> missing() throws InterruptedException {
    try {
      Process node = new ProcessBuilder("node", "--version").start();
      String version =
          new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      node.waitFor();
      boolean known = version.matches("v\\d+\\..*");
      int major = known ? Integer.parseInt(version.substring(1, version.indexOf('.'))) : 0;
      return major >= OLDEST_NODE
          ? Optional.empty()
          : Optional.of("Node.js here is '%s', %d is needed".formatted(version, OLDEST_NODE));
    } catch (IOException e) {
      return Optional.of("there is no Node.js here (`node` on the PATH)");
    }
  }

  /// Lays the program into a folder.
  ///
  /// @return its file
  public static Path unpack(Path folder) throws IOException {
    for (String name : List.of("engine.mjs", "self-check.mjs")) {
      try (InputStream script = ForeignEngine.class.getResourceAsStream(name)) {
        Files.write(folder.resolve(name), Objects.requireNonNull(script).readAllBytes());
      }
    }
    return folder.resolve("engine.mjs");
  }

  /// Listens when this returns.
  ///
  /// @param program as unpacked
  /// @param options of the command line: names without dashes
  public static ForeignEngine start(Path program, HttpClient http, Map<String, ?> options)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("node", program.toString()));
    options.forEach((name, value) -> command.addAll(List.of("--" + name, value.toString())));
    Process process =
        new ProcessBuilder(command)
            .redirectError(
                ProcessBuilder.Redirect.appendTo(program.resolveSibling("engine.err").toFile()))
            .start();
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    if (line == null || !line.startsWith(LISTENING)) {
      process.destroyForcibly();
      throw new IOException("the foreign engine did not start, see engine.err: " + line);
    }
    List<String> urls = List.of(line.substring(LISTENING.length()).split(" ", -1));
    return new ForeignEngine(process, urls, http);
  }

  /// Sets switches, for whatever is asked from now on.
  public void set(Map<String, ?> switches) throws IOException, InterruptedException {
    JsonNode _ =
        call(
            request()
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        JsonMapper.shared().writeValueAsString(switches)))
                .build());
  }

  /// How often it did this, or this was done to a request: the name of a rate without `Rate`.
  public int count(String what) throws IOException, InterruptedException {
    return call(request().GET().build()).path("counts").path(what).asInt(0);
  }

  private HttpRequest.Builder request() {
    return HttpRequest.newBuilder(URI.create(urls.getFirst() + "/switches"));
  }

  private JsonNode call(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("the foreign engine refused: " + answer.body());
    }
    return JsonMapper.shared().readTree(answer.body());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
