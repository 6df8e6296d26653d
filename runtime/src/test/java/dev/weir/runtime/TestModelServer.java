// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// A small model server, in this process or in a child process. `GET /test?LOADING` changes its
/// mood.
public final class TestModelServer implements AutoCloseable {
  /// How the server behaves.
  public enum Mood {
    /// Never answers health checks, and keeps writing to its log.
    SILENT,
    /// Reports that it is loading.
    LOADING,
    /// Is healthy and fails every generation.
    BROKEN,
    /// Is healthy and answers 429.
    BUSY,
    FINE
  }

  private final HttpServer server;
  private final AtomicInteger generations = new AtomicInteger();
  private volatile Mood mood;

  public TestModelServer(int port, Mood mood) throws IOException {
    this.mood = mood;
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/health", this::health);
    server.createContext("/v1/completions", this::complete);
    server.createContext("/test", this::test);
    server.start();
  }

  /// Runs as a child process. The arguments are the port and the initial mood.
  public static void main(String[] args) throws IOException {
    TestModelServer server = new TestModelServer(Integer.parseInt(args[0]), Mood.valueOf(args[1]));
    System.out.println("listening on " + server.endpoint());
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /// Changes the mood of the server at an endpoint.
  ///
  /// @return how many generations the server got so far
  public static int setMood(URI endpoint, Mood mood) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(endpoint.resolve("/test?" + mood)).build();
      return Integer.parseInt(client.send(request, BodyHandlers.ofString()).body());
    }
  }

  private void health(HttpExchange exchange) throws IOException {
    if (mood == Mood.SILENT) {
      System.out.println("not yet. ".repeat(10_000));
      return;
    }
    if (mood == Mood.LOADING) {
      answer(exchange, 503, "{\"error\":{\"message\":\"Loading model, 40%\",\"code\":503}}");
    } else {
      answer(exchange, 200, "");
    }
  }

  private void complete(HttpExchange exchange) throws IOException {
    generations.incrementAndGet();
    String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    switch (mood) {
      case SILENT, LOADING -> answer(exchange, 503, "{\"error\":{\"message\":\"Loading model\"}}");
      case BROKEN -> answer(exchange, 500, "{\"error\":{\"message\":\"CUDA out of memory\"}}");
      case BUSY -> answer(exchange, 429, "{\"error\":{\"message\":\"queue full\"}}");
      case FINE ->
          answer(
              exchange,
              200,
              request.contains("\"stream\":true")
                  ? "data: {\"choices\":[{\"text\":\" four\"}]}\n\ndata: [DONE]\n\n"
                  : "{\"choices\":[{\"text\":\" four\",\"finish_reason\":\"length\"}]}");
    }
  }

  private void test(HttpExchange exchange) throws IOException {
    mood = Mood.valueOf(exchange.getRequestURI().getQuery().toUpperCase(Locale.ROOT));
    answer(exchange, 200, Integer.toString(generations.get()));
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
