// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A control plane with prepared replies on a real socket. If a call has several replies, the last
/// one repeats.
public final class FakeControl implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Deque<Reply>> replies = new HashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  /// @param query as sent; empty if there is none
  public record Request(
      String method, String path, String query, Map<String, String> headers, String body) {
    public Request {
      headers = Map.copyOf(headers);
    }

    public String header(String name) {
      return headers.getOrDefault(name, "");
    }

    @Override
    public String toString() {
      return method + " " + path + (query.isEmpty() ? "" : "?" + query);
    }
  }

  /// @param status 0 breaks the connection instead of answering
  public record Reply(int status, String type, String body, Map<String, String> headers) {
    public Reply {
      headers = Map.copyOf(headers);
    }

    public Reply(int status, String type, String body) {
      this(status, type, body, Map.of());
    }

    /// The same with more headers.
    public Reply headers(Map<String, String> more) {
      return new Reply(status, type, body, more);
    }
  }

  public FakeControl() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException unavailable) {
      throw new UncheckedIOException(unavailable);
    }
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public WeirClient client() {
    return new WeirClient(ControlEndpoint.of(address(), "weir_test"));
  }

  public static Reply json(String body) {
    return new Reply(200, "application/json", body);
  }

  public static Reply problem(int status, String members) {
    return new Reply(
        status, "application/problem+json", "{\"status\":" + status + "," + members + "}");
  }

  public static Reply events(String text) {
    return new Reply(200, "text/event-stream", text);
  }

  public static Reply broken() {
    return new Reply(0, "", "");
  }

  /// @param call for example `GET /api/v1/whoami`
  public synchronized FakeControl on(String call, Reply... answers) {
    replies.put(call, new ArrayDeque<>(List.of(answers)));
    return this;
  }

  public List<Request> requests() {
    return new ArrayList<>(requests);
  }

  public Request last() {
    return requests.getLast();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> headers = new HashMap<>();
      exchange
          .getRequestHeaders()
          .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      URI uri = exchange.getRequestURI();
      Request request =
          new Request(
              exchange.getRequestMethod(),
              uri.getPath(),
              Optional.ofNullable(uri.getRawQuery()).orElse(""),
              headers,
              body);
      requests.add(request);
      answer(exchange, reply(request));
    }
  }

  private synchronized Reply reply(Request request) {
    Deque<Reply> script = replies.get(request.method() + " " + request.path());
    if (script == null) {
      return problem(
          404,
          "\"title\":\"There is no such thing\",\"detail\":\"there is no " + request.path() + "\"");
    }
    return script.size() > 1 ? script.removeFirst() : script.getFirst();
  }

  private static void answer(HttpExchange exchange, Reply reply) throws IOException {
    if (reply.status() == 0) {
      return;
    }
    reply.headers().forEach(exchange.getResponseHeaders()::set);
    exchange.getResponseHeaders().set("Content-Type", reply.type());
    byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /// Records the delays and does not wait.
  public static RetryDelay withoutDelay(List<Duration> delays) {
    return delays::add;
  }
}
