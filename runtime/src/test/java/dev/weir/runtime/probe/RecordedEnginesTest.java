// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.model.codec.EngineProfiles;
import dev.weir.model.codec.Json;
import dev.weir.model.engine.EngineLoadMetric;
import dev.weir.model.engine.EngineProfile;
import dev.weir.model.engine.EngineProfileSpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.runtime.engine.EngineReport;
import dev.weir.runtime.probe.GenerationProbe.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Recorded answers of several engine versions and the expected metrics, one file in `engines` for
/// each. A file starts with its source, the engine type, its own profile if any, and the
/// expectation. `===` starts an answer. A path that the file does not contain is not found.
final class RecordedEnginesTest {
  record Answer(int status, String body) {}

  record Recording(
      String name,
      EngineProfile profile,
      String health,
      String report,
      String generation,
      Map<String, Answer> answers) {
    static Recording read(Path file) {
      try {
        String[] parts = Files.readString(file).split("(?m)^=== ", -1);
        Map<String, Answer> answers = new TreeMap<>();
        for (String part : Arrays.asList(parts).subList(1, parts.length)) {
          String[] head = part.lines().findFirst().orElseThrow().split(" ", -1);
          String body = part.substring(part.indexOf('\n') + 1);
          answers.put(head[0], new Answer(Integer.parseInt(head[1]), body));
        }
        return new Recording(
            file.getFileName().toString(),
            profile(parts[0]),
            field(parts[0], "health"),
            field(parts[0], "told"),
            parts[0].contains("\ngeneration: ") ? field(parts[0], "generation") : "",
            answers);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    private static EngineProfile profile(String head) {
      Optional<EngineProfileSpec> own =
          head.contains("\nprofile: ")
              ? Optional.of(Json.read(field(head, "profile"), EngineProfileSpec.class))
              : Optional.empty();
      return EngineProfiles.of(
          new EngineSpec(
              new EngineType(field(head, "type")),
              List.of(),
              List.of(),
              Optional.empty(),
              Map.of(),
              own));
    }

    private static String field(String head, String name) {
      return head.lines()
          .filter(line -> line.startsWith(name + ": "))
          .map(line -> line.substring(name.length() + 2))
          .findFirst()
          .orElseThrow();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final HttpClient client = GenerationProbe.newClient();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private volatile Map<String, Answer> answers = Map.of();

  RecordedEnginesTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
    client.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    requests.add(path);
    Answer answer = answers.getOrDefault(path, new Answer(404, ""));
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private GenerationProbe probe(EngineType type) {
    return probe(EngineProfiles.of(type));
  }

  private GenerationProbe probe(EngineProfile profile) {
    return new GenerationProbe(client, profile, "chat", Limits.DEFAULT);
  }

  private URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  static Stream<Recording> recordings() throws IOException, URISyntaxException {
    Path folder =
        Path.of(RecordedEnginesTest.class.getResource("/dev/weir/runtime/engines").toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().map(Recording::read).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void each_engine_is_read_in_its_own_format(Recording recording) {
    answers = recording.answers();
    GenerationProbe probe = probe(recording.profile());
    assertThat(probe.health(endpoint()).join()).hasToString(recording.health());
    assertThat(describe(probe.look(endpoint()).join())).isEqualTo(recording.report());
    if (!recording.generation().isEmpty()) {
      assertThat(probe.generate(endpoint(), /* streaming= */ false).join())
          .hasToString(recording.generation());
    }
  }

  private static String describe(EngineLookResult result) {
    assertThat(result).isInstanceOf(EngineLookResult.Seen.class);
    EngineReport report = ((EngineLookResult.Seen) result).report();
    return String.join(
        " ",
        "version=" + report.version().orElse(""),
        "running=" + loadValue(report, EngineLoadMetric.RUNNING),
        "waiting=" + loadValue(report, EngineLoadMetric.WAITING),
        "kv=" + loadValue(report, EngineLoadMetric.KV_USAGE),
        "asleep=" + report.asleep().map(Object::toString).orElse(""),
        "missing=" + String.join(",", report.missing()),
        "note=" + report.note());
  }

  private static String loadValue(EngineReport report, EngineLoadMetric signal) {
    return report.value(signal).map(value -> value.toString().replace(".0", "")).orElse("");
  }

  @Test
  void the_version_is_requested_occasionally_and_again_after_a_failed_observation() {
    answers =
        Map.of(
            "/version",
            new Answer(200, "{\"version\":\"0.30.0\"}"),
            "/metrics",
            new Answer(200, "vllm:num_requests_running 1\n"));
    GenerationProbe probe = probe(new EngineType("vllm"));
    for (int i = 0; i < 13; i++) {
      probe.look(endpoint()).join();
    }
    assertThat(requests.stream().filter("/version"::equals)).hasSize(2);
    assertThat(requests.stream().filter("/metrics"::equals)).hasSize(13);
    assertThat(probe.look(URI.create("http://127.0.0.1:1")).join())
        .isEqualTo(new EngineLookResult.Failed("GET /metrics: connection refused"));
    answers = Map.of("/version", new Answer(200, "{\"version\":\"0.31.0\"}"));
    assertThat(((EngineLookResult.Seen) probe.look(endpoint()).join()).report().version())
        .isEqualTo(Optional.of("0.31.0"));
  }

  @Test
  void an_endless_page_is_a_failed_answer() {
    answers = Map.of("/metrics", new Answer(200, "x".repeat(2 << 20)));
    assertThat(probe(new EngineType("vllm")).look(endpoint()).join())
        .isInstanceOf(EngineLookResult.Failed.class);
  }
}
