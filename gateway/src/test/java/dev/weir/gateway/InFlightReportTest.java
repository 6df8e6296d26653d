// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.testkit.FakeModelServer.Script.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.snapshot.FollowedStore;
import dev.weir.gateway.telemetry.AccessLog;
import dev.weir.gateway.telemetry.GatewayIdentity;
import dev.weir.gateway.telemetry.GatewayMetrics;
import dev.weir.gateway.telemetry.GatewayRecorder;
import dev.weir.gateway.telemetry.SteadyClock;
import dev.weir.gateway.telemetry.TelemetrySender;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.InFlight;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.testkit.FakeModelServer;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What heartbeats report about streams on real sockets.
@Timeout(60)
class InFlightReportTest {
  private static final String FIRST = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
  private static final String LAST =
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

  private final GatewayFixture weir = new GatewayFixture();
  private final GatewayMetrics metrics = new GatewayMetrics(System::nanoTime);
  private final Control control = new Control();
  private TelemetrySender sender;

  @BeforeEach
  void start() {
    SteadyClock steady = new SteadyClock(InstantSource.system(), System::nanoTime);
    sender =
        new TelemetrySender(
            control,
            new GatewayIdentity("gw-1", "boot", "test"),
            weir.snapshots,
            new FollowedStore(),
            (_, _, _) -> {},
            new GatewayRecorder(steady, weir.snapshots, metrics, AccessLog.OFF),
            weir.gateway::inFlight,
            List::of,
            steady);
    sender.start();
  }

  @AfterEach
  void stop() {
    sender.close();
    metrics.close();
    weir.close();
  }

  @Test
  void a_stream_on_a_replica_that_was_removed_is_reported_until_it_ends() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    FakeModelServer old =
        weir.server()
            .byDefault((_, wire) -> {
              wire.beginEvents();
              wire.chunk(FIRST);
              end.await();
              wire.chunk(LAST);
              wire.endChunks();
              return true;
            });
    weir.serve(old);
    HttpResponse<InputStream> answer =
        weir.http.send(
            weir.request("/v1/chat/completions")
                .header("content-type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"chat\",\"stream\":true,\"messages\":[]}"))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);

    weir.serve(weir.server().byDefault(json(200, FakeModelServer.ANSWER)));
    InFlight one = new InFlight("default/chat", "chat-1-0", 1);
    for (int beat = 0; beat < 3; beat++) {
      control.await(b -> b.snapshotSequence() == 2 && b.inFlight().contains(one));
    }
    end.countDown();
    try (InputStream body = answer.body()) {
      assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).contains("[DONE]");
    }
    control.await(b -> b.snapshotSequence() == 2 && b.inFlight().isEmpty());
  }

  @Test
  void a_request_whose_body_arrives_after_a_swap_follows_the_new_snapshot() throws Exception {
    FakeModelServer old = weir.server().byDefault(json(200, "{\"old\":1}"));
    FakeModelServer fresh = weir.server().byDefault(json(200, "{\"fresh\":1}"));
    weir.serve(old);
    String body = "{\"model\":\"chat\"}";
    try (Socket socket = weir.socket()) {
      GatewayFixture.send(
          socket,
          "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n"
              + "Content-Type: application/json\r\nExpect: 100-continue\r\nConnection: close\r\n"
              + "Content-Length: "
              + body.length()
              + "\r\n\r\n");
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readNBytes(12), StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 100");
      weir.serve(fresh);
      GatewayFixture.send(socket, body);
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).contains("fresh");
    }
    assertThat(old.drainReceived()).isEmpty();
    assertThat(Memory.next(weir.recorder.arrivals).current().sequence()).isEqualTo(2);
  }

  /// Accepts every batch.
  private static final class Control implements ControlLink {
    private final BlockingQueue<Telemetry> batches = new LinkedBlockingQueue<>();

    @Override
    public void subscribe(long afterSequence, Subscriber subscriber) {
      throw new UnsupportedOperationException("not part of this test");
    }

    @Override
    public void answer(GatewayAnswer answer) {
      throw new UnsupportedOperationException("not part of this test");
    }

    @Override
    public TelemetryAck send(Telemetry telemetry) {
      batches.add(telemetry);
      return new TelemetryAck(telemetry.batch(), 0);
    }

    /// Waits for the next matching batch; the test's time limit bounds the wait.
    void await(Predicate<Telemetry> wanted) throws InterruptedException {
      while (!wanted.test(batches.take())) {
        // another heartbeat
      }
    }
  }
}
