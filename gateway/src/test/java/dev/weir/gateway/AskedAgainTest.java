// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.listener.Limits;
import dev.weir.gateway.recording.RecordingClerk;
import dev.weir.gateway.recording.Recordings;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.Recording;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.Stratum;
import dev.weir.testkit.FakeModelServer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests of clients are recorded on their way and asked again of both versions, on real sockets.
@Timeout(60)
class AskedAgainTest {
  private static final Recording ALL =
      new Recording(1_000_000, 100, 3_600_000, "env:KEY", List.of());

  @TempDir Path folder;

  private final Recordings recordings = Recordings.with(InstantSource.system()::millis);
  private final GatewayFixture weir =
      new GatewayFixture(Limits.DEFAULT, Optional.empty(), recordings);
  private final FakeModelServer stable = weir.server();
  private final FakeModelServer canary = weir.server();

  @AfterEach
  void close() {
    weir.close();
  }

  private RecordingClerk clerk() {
    return new RecordingClerk(
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
    Generated again = new Generated(Stratum.RECORDED, 50_000, false, List.of(), 64);
    return plain().withCanary(Optional.of(GatewayFixture.canary(0, canary).generating(again)));
  }

  private long kept() {
    return Objects.requireNonNull(recordings.counts().get("kept")).getAsLong();
  }

  @Test
  void what_a_client_asked_is_asked_again_of_both_without_who_asked() throws Exception {
    try (RecordingClerk _ = clerk()) {
      weir.serve(plain());
      weir.chat(
          "{\"model\":\"chat\",\"user\":\"ada\",\"max_tokens\":5,"
              + "\"messages\":[{\"role\":\"user\",\"content\":\"I am ada@example.org\"}]}",
          "x-my-secret",
          "s3cret");
      weir.chat(
          "{\"model\":\"chat\",\"messages\":[{\"content\":\"not this\"}]}",
          "x-weir-no-record",
          "1");
      while (kept() < 1) {
        Thread.onSpinWait();
      }
      stable.drainReceived();
      weir.serve(releasing());
      for (FakeModelServer version : List.of(stable, canary)) {
        FakeModelServer.Received asked = version.take();
        assertThat(asked.body())
            .isEqualTo(
                "{\"model\":\"chat\",\"max_tokens\":5,"
                    + "\"messages\":[{\"role\":\"user\",\"content\":\"I am [email]\"}]}");
        assertThat(asked.headers())
            .containsEntry("x-weir-generated", "recorded")
            .doesNotContainKey("x-my-secret")
            .doesNotContainKey("authorization");
      }
      assertThat(GatewayFixture.Memory.next(weir.recorder.generated).decision().stratum())
          .isEqualTo(Stratum.RECORDED);
      assertThat(kept()).as("what is asked again is not recorded again").isEqualTo(1);
    }
  }

  @Test
  void with_nothing_recorded_nothing_is_asked() {
    try (RecordingClerk _ = clerk()) {
      weir.serve(releasing());
      while (Objects.requireNonNull(weir.gateway.generated().get("dropped")).getAsLong() < 10) {
        Thread.onSpinWait();
      }
      assertThat(weir.recorder.generated).isEmpty();
    }
  }
}
