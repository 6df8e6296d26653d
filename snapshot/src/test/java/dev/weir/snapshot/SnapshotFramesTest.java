// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.snapshot.SnapshotFrames.Frame;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class SnapshotFramesTest {
  private static final RoutingSnapshot SNAPSHOT = Snapshots.withSequence(Snapshots.small(), 7);

  @Test
  void a_frame_has_event_id_hash_and_the_encoded_bytes() {
    byte[] encoded = SnapshotCodec.encode(SNAPSHOT);
    assertThat(new String(SnapshotFrames.snapshot(7, encoded), StandardCharsets.UTF_8))
        .isEqualTo(
            "event: snapshot\nid: 7\ndata: {\"hash\":\"%s\",\"snapshot\":%s}\n\n"
                .formatted(
                    SnapshotCodec.hash(encoded), new String(encoded, StandardCharsets.UTF_8)));
  }

  @Test
  void frames_are_read_back_in_order_from_pieces_of_any_size() throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.write(SnapshotFrames.ping());
    bytes.write(
        "event: lease\ndata: {\"of\":\"a newer control plane\"}\n\n"
            .getBytes(StandardCharsets.UTF_8));
    bytes.write(SnapshotFrames.snapshot(7, SnapshotCodec.encode(SNAPSHOT)));
    for (int chunk : new int[] {1, 7, 100_000}) {
      var reader = new SnapshotFrames.Reader(new Dribble(bytes.toByteArray(), chunk));
      assertThat(reader.next()).contains(new Frame.Ping());
      assertThat(reader.next()).contains(new Frame.Snapshot(SnapshotCodec.publish(SNAPSHOT)));
      assertThat(reader.next()).isEmpty();
    }
  }

  @Test
  void the_hash_detects_a_changed_byte() {
    String frame =
        new String(
            SnapshotFrames.snapshot(7, SnapshotCodec.encode(SNAPSHOT)), StandardCharsets.UTF_8);
    assertThatThrownBy(() -> read(frame.replace("chat@1", "chat@9")))
        .isInstanceOf(WireFormatException.class)
        .hasMessageContaining("hash");
  }

  @Test
  void a_wrong_id_and_a_frame_of_another_format_are_refused() {
    String frame =
        new String(
            SnapshotFrames.snapshot(8, SnapshotCodec.encode(SNAPSHOT)), StandardCharsets.UTF_8);
    assertThatThrownBy(() -> read(frame)).hasMessageContaining("snapshot 7 is in");
    assertThatThrownBy(() -> read("event: snapshot\nid: 8\ndata: {}\n\n"))
        .isInstanceOf(WireFormatException.class);
    assertThatThrownBy(() -> read("event: snapshot\nid: 8\n\n"))
        .isInstanceOf(WireFormatException.class);
  }

  @Test
  void a_stream_that_ends_inside_a_frame_is_an_error_and_not_an_end() {
    byte[] whole = SnapshotFrames.snapshot(7, SnapshotCodec.encode(SNAPSHOT));
    for (int length : new int[] {3, 16, 200, whole.length - 1}) {
      assertThatThrownBy(() -> read(new String(whole, 0, length, StandardCharsets.UTF_8)))
          .as("cut after %d", length)
          .isInstanceOf(IOException.class);
    }
  }

  private static void read(String text) throws IOException {
    new SnapshotFrames.Reader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
        .next();
  }

  /// Returns at most a few bytes at a time.
  private static final class Dribble extends InputStream {
    private final ByteArrayInputStream all;
    private final int chunk;

    Dribble(byte[] bytes, int chunk) {
      this.all = new ByteArrayInputStream(bytes);
      this.chunk = chunk;
    }

    @Override
    public int read() {
      return all.read();
    }

    @Override
    public int read(byte[] into, int from, int length) {
      return all.read(into, from, Math.min(length, chunk));
    }
  }
}
