// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.gateway.snapshot.Backoff;
import dev.weir.gateway.snapshot.DiskCopy;
import dev.weir.gateway.snapshot.DiskWriter;
import dev.weir.gateway.snapshot.LiveSnapshot;
import dev.weir.gateway.snapshot.SnapshotClient;
import dev.weir.gateway.snapshot.StoreFile;
import dev.weir.gateway.telemetry.AccessLog;
import dev.weir.gateway.telemetry.GatewayIdentity;
import dev.weir.gateway.telemetry.GatewayMetrics;
import dev.weir.gateway.telemetry.GatewayRecorder;
import dev.weir.gateway.telemetry.SteadyClock;
import dev.weir.gateway.telemetry.TelemetrySender;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.SnapshotFrames;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.snapshot.TelemetryCodec;
import dev.weir.testkit.ManualClock;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// All parts of a gateway except the request path, assembled as in its `main`, against a control
/// plane on a real socket that stops and starts again.
@Timeout(60)
final class RestartTest {
  private static final RoutingSnapshot SNAPSHOT =
      Snapshots.of(
          5,
          Snapshots.withCanary(
              Snapshots.service("chat", Snapshots.arm("chat@1", "http://127.0.0.1:9001")),
              Snapshots.arm("chat@2", "http://127.0.0.1:9002"),
              0,
              500_000));

  @TempDir Path folder;

  @Test
  void a_gateway_survives_its_control_plane_and_a_restart_and_only_control_renews_its_lease()
      throws Exception {
    var clock = new ManualClock(Snapshots.PUBLISHED_AT);
    try (var control = new FakeControl();
        var gateway = new Side(clock, control.address())) {
      gateway.start();
      control.awaitAcknowledged(5);
      assertThat(gateway.live.current().hash()).isEqualTo(SnapshotCodec.publish(SNAPSHOT).hash());
      assertThat(gateway.live.leaseRuns()).isTrue();
      assertThat(gateway.live.notReadyReason()).isEmpty();
    }

    clock.advance(Duration.ofHours(30));
    try (var gateway = new Side(clock, URI.create("http://127.0.0.1:1"))) {
      gateway.start();
      assertThat(gateway.live.current().sequence()).isEqualTo(5);
      assertThat(gateway.live.leaseRuns()).isFalse();
      assertThat(gateway.live.notReadyReason()).isPresent();
    }

    try (var control = new FakeControl();
        var gateway = new Side(clock, control.address())) {
      gateway.start();
      control.awaitAcknowledged(5);
      control.awaitConfirmed(gateway);
      assertThat(gateway.live.leaseRuns()).isTrue();
    }
  }

  /// The parts of a gateway except the request path.
  private final class Side implements AutoCloseable {
    private final LiveSnapshot live;
    private final DiskCopy disk = new DiskCopy(folder.resolve("snapshot"));
    private final DiskWriter writer = new DiskWriter(disk, new StoreFile(folder.resolve("store")));
    private final GatewayMetrics metrics;
    private final HttpControlLink link;
    private final SnapshotClient snapshotClient;
    private final TelemetrySender sender;

    Side(ManualClock clock, URI control) throws IOException {
      live = new LiveSnapshot(clock, clock);
      metrics = new GatewayMetrics(clock);
      var steady = new SteadyClock(clock, clock);
      var recorder = new GatewayRecorder(steady, live, metrics, AccessLog.OFF);
      live.onSwap(recorder::snapshotSwapped);
      link = new HttpControlLink(control, () -> "the-key", Optional.empty());
      snapshotClient =
          new SnapshotClient(
              link, live, writer, _ -> {}, new Backoff(10, 50), new SplittableRandom(1), clock);
      var identity = GatewayIdentity.inFolder(folder, "0.1.0", new SplittableRandom(2));
      sender =
          new TelemetrySender(
              link,
              identity,
              live,
              live.store(),
              live::answered,
              recorder,
              Map::of,
              List::of,
              steady);
    }

    void start() {
      live.restore(disk);
      snapshotClient.start();
      sender.start();
    }

    @Override
    public void close() {
      snapshotClient.close();
      sender.close();
      link.close();
      writer.close();
      metrics.close();
    }
  }

  private static final class FakeControl implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final BlockingQueue<Telemetry> batches = new LinkedBlockingQueue<>();
    private final HttpServer server;

    FakeControl() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(threads);
      server.createContext("/internal/v1/snapshots", this::snapshots);
      server.createContext("/internal/v1/telemetry", this::telemetry);
      server.start();
    }

    URI address() {
      return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void snapshots(HttpExchange exchange) throws IOException {
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(
            exchange.getRequestURI().getQuery().startsWith("after=5&")
                ? SnapshotFrames.ping()
                : SnapshotFrames.snapshot(5, SnapshotCodec.encode(SNAPSHOT)));
        out.flush();
        closing.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void telemetry(HttpExchange exchange) throws IOException {
      Telemetry batch = TelemetryCodec.decode(exchange.getRequestBody().readAllBytes());
      long lease = batch.snapshotSequence() == 5 ? 30_000 : 0;
      byte[] ack = TelemetryCodec.encode(new TelemetryAck(batch.batch(), lease));
      exchange.sendResponseHeaders(200, ack.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(ack);
      }
      batches.add(batch);
    }

    /// Waits for two batches that acknowledge the snapshot. The gateway sends the second one only
    /// after the answer to the first.
    void awaitAcknowledged(long sequence) throws InterruptedException {
      int seen = 0;
      while (seen < 2) {
        Telemetry batch = batches.poll(20, TimeUnit.SECONDS);
        assertThat(batch).as("a batch with snapshot %d", sequence).isNotNull();
        seen += batch.snapshotSequence() == sequence ? 1 : 0;
      }
    }

    /// Waits for heartbeats until the snapshot from disk is confirmed.
    void awaitConfirmed(Side gateway) throws InterruptedException {
      for (int beat = 0; beat < 40 && gateway.live.notReadyReason().isPresent(); beat++) {
        assertThat(batches.poll(20, TimeUnit.SECONDS)).isNotNull();
      }
      assertThat(gateway.live.notReadyReason()).isEmpty();
    }

    @Override
    public void close() {
      closing.countDown();
      server.stop(0);
      threads.shutdownNow();
    }
  }
}
