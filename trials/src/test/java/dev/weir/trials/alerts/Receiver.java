// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.alerts;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Listens on loopback and records the notifications that it receives.
public final class Receiver implements AutoCloseable {
  private final HttpServer server;
  private final Mode mode;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<JsonNode> taken = Collections.synchronizedList(new ArrayList<>());
  private volatile int asked;
  private volatile boolean down;

  /// How it answers.
  public enum Mode {
    ACCEPTS,
    /// Takes the request and never answers.
    HANGS
  }

  public Receiver(Mode mode) throws IOException {
    this.mode = mode;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::hear);
    server.start();
  }

  private void hear(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      synchronized (this) {
        asked++;
      }
      if (mode == Mode.HANGS) {
        closing.await();
        return;
      }
      if (!down) {
        taken.add(JsonMapper.shared().readTree(body));
      }
      exchange.sendResponseHeaders(down ? 503 : 204, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/in";
  }

  /// Whether it answers 503 and takes nothing.
  public void down(boolean now) {
    down = now;
  }

  /// How often it was asked, whatever it answered.
  public int asked() {
    return asked;
  }

  /// The accepted notifications, in order.
  public List<JsonNode> taken() {
    synchronized (taken) {
      return List.copyOf(taken);
    }
  }

  /// The names that the CloudEvents came under, but tests'.
  public List<String> ids() {
    return taken().stream()
        .filter(event -> !event.path("data").path("event").asString().equals("test"))
        .map(event -> event.path("id").asString())
        .toList();
  }

  /// Whether a CloudEvent said so.
  public boolean heard(String event, String status) {
    return taken().stream()
        .map(one -> one.path("data"))
        .anyMatch(data ->
            data.path("event").asString().equals(event)
                && data.path("status").asString().equals(status));
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
  }
}
