// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.api.SnapshotEncoder.FrameStream;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.Snapshots;
import org.junit.jupiter.api.Test;

class SnapshotEncoderTest {
  private final SnapshotEncoder encoder = new SnapshotEncoder();

  private static Published published(long sequence) {
    return SnapshotCodec.publish(
        Snapshots.of(
            sequence,
            Snapshots.service("chat", Snapshots.arm("chat@" + sequence, "http://127.0.0.1:1"))));
  }

  private static String event(byte[] frame) {
    return new String(frame, UTF_8).lines().findFirst().orElseThrow();
  }

  @Test
  void a_stream_begins_with_a_whole_snapshot_and_goes_on_with_deltas() {
    FrameStream stream = encoder.stream(RoutingSnapshot.FORMAT_VERSION, true);
    assertThat(event(stream.next(published(1)))).isEqualTo("event: snapshot");
    assertThat(event(stream.next(published(2)))).isEqualTo("event: delta");
    FrameStream later = encoder.stream(RoutingSnapshot.FORMAT_VERSION, true);
    assertThat(event(later.next(published(2)))).isEqualTo("event: snapshot");
    byte[] delta = stream.next(published(3));
    assertThat(later.next(published(3))).as("encoded once").isSameAs(delta);
  }

  @Test
  void a_gateway_of_the_previous_version_gets_whole_snapshots() {
    FrameStream withoutDeltas = encoder.stream(RoutingSnapshot.FORMAT_VERSION, false);
    FrameStream former = encoder.stream(RoutingSnapshot.FORMAT_VERSION - 1, true);
    for (int i = 1; i <= 3; i++) {
      assertThat(event(withoutDeltas.next(published(i)))).isEqualTo("event: snapshot");
      assertThat(new String(former.next(published(i)), UTF_8))
          .startsWith("event: snapshot")
          .contains("\"formatVersion\":" + (RoutingSnapshot.FORMAT_VERSION - 1));
    }
  }

  @Test
  void a_whole_snapshot_comes_after_a_thousand_deltas() {
    FrameStream stream = encoder.stream(RoutingSnapshot.FORMAT_VERSION, true);
    byte[] _ = stream.next(published(1));
    for (int i = 2; i <= 1_001; i++) {
      assertThat(event(stream.next(published(i)))).isEqualTo("event: delta");
    }
    assertThat(event(stream.next(published(1_002)))).isEqualTo("event: snapshot");
    assertThat(event(stream.next(published(1_003)))).isEqualTo("event: delta");
  }
}
