// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.partition;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.snapshot.SnapshotFrames;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.snapshot.TelemetryCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The deliberate bug: a lease that never ends. It answers the heartbeats of an isolated gateway
/// with another lease and sends no snapshot.
public final class EndlessLeaseProxy implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  public EndlessLeaseProxy() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/internal/v1/telemetry", EndlessLeaseProxy::grant);
    server.createContext(
        "/internal/v1/snapshots", exchange -> answer(exchange, SnapshotFrames.ping()));
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  private static void grant(HttpExchange exchange) throws IOException {
    Telemetry batch = TelemetryCodec.decode(exchange.getRequestBody().readAllBytes());
    answer(exchange, TelemetryCodec.encode(new TelemetryAck(batch.batch(), 30_000)));
  }

  private static void answer(HttpExchange exchange, byte[] body) throws IOException {
    exchange.sendResponseHeaders(200, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
