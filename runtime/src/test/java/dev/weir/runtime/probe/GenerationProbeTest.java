// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.model.codec.EngineProfiles;
import dev.weir.model.spec.EngineType;
import dev.weir.runtime.probe.GenerationProbe.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GenerationProbeTest {
  private static final String TEXT =
      "{\"choices\":[{\"text\":\" four\",\"finish_reason\":\"length\"}]}";
  private static final String CHAT = "{\"choices\":[{\"message\":{\"content\":\"four\"}}]}";

  private record Canned(int status, String body) {}

  private final Map<String, Canned> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private final HttpClient client = GenerationProbe.newClient();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  GenerationProbeTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void start() {
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    release.countDown();
    server.stop(0);
    threads.shutdownNow();
    client.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    requests.add(exchange.getRequestURI() + " " + body);
    Canned canned = answers.getOrDefault(exchange.getRequestURI().getPath(), new Canned(404, ""));
    byte[] bytes = canned.body().getBytes(StandardCharsets.UTF_8);
    if (canned.status() == 302) {
      exchange.getResponseHeaders().set("location", "/elsewhere");
    }
    exchange.sendResponseHeaders(canned.status(), bytes.length == 0 ? -1 : 0);
    exchange.getResponseBody().write(bytes);
    if (canned.body().startsWith("hang")) {
      exchange.getResponseBody().flush();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    exchange.close();
  }

  @Test
  void health_is_reported_with_the_text_of_the_engine() {
    assertThat(health(new EngineType("vllm"), "/health", 200, "")).isEqualTo(new HealthResult.Up());
    assertThat(
            health(
                new EngineType("llamacpp"),
                "/health",
                503,
                "{\"error\":{\"message\":\"Loading model\"}}"))
        .isEqualTo(new HealthResult.Loading("Loading model"));
    assertThat(health(new EngineType("vllm"), "/health", 503, ""))
        .isEqualTo(new HealthResult.Loading("loading (503)"));
    assertThat(health(new EngineType("vllm"), "/health", 500, "engine\ndead"))
        .isEqualTo(new HealthResult.Down("GET /health returned 500: engine dead"));
    assertThat(health(new EngineType("ollama"), "/api/version", 200, "{}"))
        .isEqualTo(new HealthResult.Up());
    assertThat(health(new EngineType("openai"), "/v1/models", 401, "{}"))
        .isEqualTo(new HealthResult.Up());
    assertThat(health(new EngineType("vllm"), "/health", 302, ""))
        .isInstanceOf(HealthResult.Down.class);
    assertThat(requests).noneMatch(request -> request.contains("elsewhere"));
  }

  private HealthResult health(EngineType type, String path, int status, String body) {
    answers.put(path, new Canned(status, body));
    return probe(type).health(endpoint()).join();
  }

  @Test
  void a_generation_uses_the_served_name_and_must_return_text() {
    assertThat(completion(200, TEXT)).isEqualTo(new GenerationResult.Answered());
    assertThat(requests.getLast()).startsWith("/v1/completions ").contains("\"model\":\"chat\"");
    assertThat(completion(200, "{\"choices\":[{\"text\":\"\"}]}"))
        .isEqualTo(new GenerationResult.Failed("POST /v1/completions returned no text"));
    assertThat(completion(200, "{\"choices\":[{\"text\":\"x\",\"finish_reason\":\"abort\"}]}"))
        .isEqualTo(
            new GenerationResult.Failed("POST /v1/completions ended with finish_reason abort"));
    assertThat(completion(200, "<html>")).isInstanceOf(GenerationResult.Failed.class);
    assertThat(completion(200, "[]")).isInstanceOf(GenerationResult.Failed.class);
    assertThat(completion(500, "{\"error\":{\"message\":\"CUDA\"}}"))
        .isEqualTo(new GenerationResult.Failed("POST /v1/completions returned 500: CUDA"));
    assertThat(completion(429, "")).isInstanceOf(GenerationResult.Busy.class);
    assertThat(completion(503, "")).isInstanceOf(GenerationResult.Busy.class);
  }

  @Test
  void a_stream_must_contain_text_and_its_end() {
    String data = "data: {\"choices\":[{\"text\":\"x\"}]}\n\n";
    assertThat(stream(data + "data: [DONE]\n\n")).isEqualTo(new GenerationResult.Answered());
    assertThat(stream(data))
        .isEqualTo(new GenerationResult.Failed("POST /v1/completions stream ended without [DONE]"));
    assertThat(stream("data: [DONE]\n\n")).isInstanceOf(GenerationResult.Failed.class);
    assertThat(requests.getLast()).contains("\"stream\":true");
  }

  @Test
  void an_engine_without_completions_is_probed_by_chat() {
    answers.put("/v1/chat/completions", new Canned(200, CHAT));
    assertThat(probe(new EngineType("vllm")).generate(endpoint(), false).join())
        .isEqualTo(new GenerationResult.Answered());
    assertThat(requests).hasSize(2);
    assertThat(probe(new EngineType("openai")).generate(endpoint(), false).join())
        .isEqualTo(new GenerationResult.Answered());
    assertThat(requests).hasSize(3);
  }

  @Test
  void an_unknown_model_names_the_field_to_set() {
    answers.put(
        "/v1/chat/completions",
        new Canned(404, "{\"error\":{\"message\":\"The model `chat` does not exist.\"}}"));
    assertThat(probe(new EngineType("vllm")).generate(endpoint(), false).join())
        .isEqualTo(
            new GenerationResult.Failed(
                "POST /v1/chat/completions returned 404: The model `chat` does not exist.; the"
                    + " request named the model chat: set spec.servedModel of the ModelVersion to"
                    + " the name that this server uses (GET /v1/models)"));
    answers.put("/v1/chat/completions", new Canned(404, "Not Found"));
    assertThat(probe(new EngineType("vllm")).generate(endpoint(), false).join())
        .isEqualTo(
            new GenerationResult.Failed("POST /v1/chat/completions returned 404: Not Found"));
  }

  @Test
  void an_endpoint_with_v1_is_told_to_leave_it_out() {
    URI base = URI.create(endpoint() + "v1");
    GenerationProbe probe = probe(new EngineType("vllm"));
    assertThat(probe.health(base).join())
        .asString()
        .contains("GET /health returned 404; the endpoint's URL ends with /v1, which Weir adds");
    assertThat(probe.generate(base, false).join())
        .asString()
        .contains("; the endpoint's URL ends with /v1, which Weir adds itself: leave it out");
  }

  @Test
  void an_endless_answer_is_abandoned() {
    Limits shortly = new Limits(Duration.ofMillis(200), Duration.ofMillis(200));
    answers.put("/v1/completions", new Canned(200, "hang"));
    GenerationProbe probe =
        new GenerationProbe(client, EngineProfiles.of(new EngineType("vllm")), "chat", shortly);
    assertThat(probe.generate(endpoint(), false).join())
        .isEqualTo(new GenerationResult.Failed("no response in time"));
  }

  @Test
  void an_unbounded_answer_is_abandoned() {
    answers.put("/v1/completions", new Canned(200, "x".repeat(2 << 20)));
    assertThat(probe(new EngineType("vllm")).generate(endpoint(), false).join())
        .isInstanceOf(GenerationResult.Failed.class);
  }

  @Test
  void a_port_without_a_listener_is_reported_as_such() {
    server.stop(0);
    assertThat(probe(EngineType.SIM).health(endpoint()).join())
        .isEqualTo(new HealthResult.Down("connection refused"));
    assertThat(probe(EngineType.SIM).generate(endpoint(), true).join())
        .isEqualTo(new GenerationResult.Failed("connection refused"));
  }

  private GenerationResult completion(int status, String body) {
    answers.put("/v1/completions", new Canned(status, body));
    return probe(new EngineType("vllm")).generate(endpoint(), false).join();
  }

  private GenerationResult stream(String body) {
    answers.put("/v1/completions", new Canned(200, body));
    return probe(new EngineType("vllm")).generate(endpoint(), true).join();
  }

  private GenerationProbe probe(EngineType type) {
    return new GenerationProbe(client, EngineProfiles.of(type), "chat", Limits.DEFAULT);
  }

  private URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }
}
