// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.listener.ListenerLimits;
import dev.weir.gateway.recording.RecordingWorker;
import dev.weir.gateway.recording.Recordings;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.Recording;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.testkit.FakeModelServer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The gateway records requests of clients and replays them to both versions, on real sockets.
@Timeout(60)
class ReplayedRequestsTest {
  private static final Recording ALL =
      new Recording(1_000_000, 100, 3_600_000, "env:KEY", List.of());

  private static final int COUNT = 40;

  @TempDir Path folder;

  private final Recordings recordings = Recordings.with(InstantSource.system()::millis);
  private final GatewayFixture weir =
      new GatewayFixture(ListenerLimits.DEFAULT, Optional.empty(), recordings);
  private final FakeModelServer stable = weir.server();
  private final FakeModelServer canary = weir.server();

  @AfterEach
  void close() {
    weir.close();
  }

  private RecordingWorker worker() {
    return new RecordingWorker(
        recordings,
        folder,
        () -> weir.snapshots.current,
        Map.of("KEY", Base64.getEncoder().encodeToString(new byte[32])),
        new SecureRandom(),
        InstantSource.system(),
        System::nanoTime);
  }

  private ServiceEntry plain() {
    return GatewayFixture.service(GatewayFixture.arm("1", stable), List.of(), GatewayFixture.LONG)
        .with(ALL);
  }

  private ServiceEntry releasing() {
    Generated again = new Generated(RequestSource.RECORDED, 50_000, false, List.of(), 64);
    return plain().withCanary(Optional.of(GatewayFixture.canary(0, canary).generating(again)));
  }

  private long recorded() {
    return Objects.requireNonNull(recordings.counts().get("kept")).getAsLong();
  }

  @Test
  void recorded_requests_are_replayed_once_to_each_version_without_the_callers_identity()
      throws Exception {
    try (RecordingWorker _ = worker()) {
      weir.serve(plain());
      for (int i = 0; i < COUNT; i++) {
        weir.chat(body("ada@example.org", i), "x-my-secret", "s3cret");
      }
      weir.chat(body("not this", 0), "x-weir-no-record", "1");
      while (recorded() < COUNT) {
        Thread.onSpinWait();
      }
      stable.drainReceived();
      weir.serve(releasing());
      for (int i = 0; i < COUNT; i++) {
        var arrival = GatewayFixture.Memory.next(weir.recorder.generated);
        assertThat(arrival.decision().stratum()).isEqualTo(RequestSource.RECORDED);
        GatewayFixture.Memory.next(weir.recorder.generatedFinished);
      }
      List<FakeModelServer.Received> replayed = new ArrayList<>(stable.drainReceived());
      assertThat(replayed).hasSizeBetween(1, COUNT - 1);
      replayed.addAll(canary.drainReceived());
      assertThat(replayed)
          .extracting(FakeModelServer.Received::body)
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, COUNT).mapToObj(i -> redacted(i)).toList());
      assertThat(replayed)
          .allSatisfy(one ->
              assertThat(one.headers())
                  .containsEntry("x-weir-generated", "recorded")
                  .doesNotContainKey("x-my-secret")
                  .doesNotContainKey("authorization"));
      assertThat(recorded()).as("replayed requests are not recorded again").isEqualTo(COUNT);
    }
  }

  private static String body(String who, int number) {
    return "{\"model\":\"chat\",\"user\":\"ada\",\"max_tokens\":"
        + (number + 1)
        + ",\"messages\":[{\"role\":\"user\",\"content\":\"I am "
        + who
        + "\"}]}";
  }

  private static String redacted(int number) {
    return body("[email]", number).replace("\"user\":\"ada\",", "");
  }

  @Test
  void without_recordings_nothing_is_replayed() {
    try (RecordingWorker _ = worker()) {
      weir.serve(releasing());
      while (Objects.requireNonNull(weir.gateway.generated().get("dropped")).getAsLong() < 10) {
        Thread.onSpinWait();
      }
      assertThat(weir.recorder.generated).isEmpty();
    }
  }
}
