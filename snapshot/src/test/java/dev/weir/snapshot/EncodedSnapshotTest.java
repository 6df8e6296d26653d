// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.SnapshotFrames.Frame;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class EncodedSnapshotTest {
  private final SplittableRandom random = new SplittableRandom(7);
  private final Map<String, ServiceEntry> services = new TreeMap<>();

  private RoutingSnapshot snapshot(long sequence) {
    return Snapshots.of(sequence, services.values().toArray(ServiceEntry[]::new));
  }

  private void change() {
    String name = "service-" + random.nextInt(12);
    if (random.nextInt(4) == 0) {
      ServiceEntry _ = services.remove(name);
    } else {
      String url = "http://127.0.0.1:" + (1_024 + random.nextInt(3));
      services.put(name, Snapshots.service(name, Snapshots.arm("chat@1", url)));
    }
  }

  @Test
  void the_bytes_and_the_hash_are_those_of_the_codec_whatever_was_encoded_before() {
    Optional<EncodedSnapshot> before = Optional.empty();
    for (int i = 1; i <= 200; i++) {
      change();
      RoutingSnapshot snapshot = snapshot(i);
      EncodedSnapshot encoded = EncodedSnapshot.of(snapshot, before);
      assertThat(encoded.bytes()).isEqualTo(SnapshotCodec.encode(snapshot));
      assertThat(encoded.published()).isEqualTo(SnapshotCodec.publish(snapshot));
      before = Optional.of(encoded);
    }
  }

  @Test
  void a_reader_of_deltas_has_the_snapshots_of_the_sender() throws IOException {
    List<RoutingSnapshot> sent = new ArrayList<>();
    var bytes = new ByteArrayOutputStream();
    change();
    EncodedSnapshot last = EncodedSnapshot.of(snapshot(1), Optional.empty());
    bytes.writeBytes(SnapshotFrames.snapshot(last));
    sent.add(last.snapshot());
    for (int i = 2; i <= 200; i++) {
      for (int n = random.nextInt(4); n >= 0; n--) {
        change();
      }
      EncodedSnapshot next = EncodedSnapshot.of(snapshot(i), Optional.of(last));
      bytes.writeBytes(SnapshotFrames.delta(last, next).orElseThrow());
      sent.add(next.snapshot());
      last = next;
    }
    var reader = new SnapshotFrames.Reader(new ByteArrayInputStream(bytes.toByteArray()));
    for (RoutingSnapshot each : sent) {
      assertThat(reader.next()).contains(new Frame.Snapshot(SnapshotCodec.publish(each)));
    }
    assertThat(reader.next()).isEmpty();
  }

  @Test
  void a_delta_has_the_size_of_the_change() {
    for (int i = 0; i < 1_000; i++) {
      String name = "service-%04d".formatted(i);
      services.put(name, Snapshots.service(name, Snapshots.arm("chat@1", "http://127.0.0.1:9")));
    }
    EncodedSnapshot before = EncodedSnapshot.of(snapshot(1), Optional.empty());
    services.put(
        "service-0500",
        Snapshots.service("service-0500", Snapshots.arm("chat@2", "http://[::1]:9")));
    EncodedSnapshot now = EncodedSnapshot.of(snapshot(2), Optional.of(before));
    assertThat(SnapshotFrames.delta(before, now).orElseThrow().length).isLessThan(2_000);
    assertThat(now.bytes().length).isGreaterThan(500_000);
  }

  @Test
  void fields_that_this_program_does_not_know_reach_the_next_snapshot() throws IOException {
    change();
    change();
    EncodedSnapshot before = EncodedSnapshot.of(snapshot(1), Optional.empty());
    String newer =
        new String(before.bytes(), UTF_8)
            .replace("\"leaseMillis\":", "\"new\":{\"a\":[1]},\"leaseMillis\":")
            .replace("\"retryBudgetPercent\":", "\"newer\":[{}],\"retryBudgetPercent\":");
    EncodedSnapshot read = EncodedSnapshot.decode(newer.getBytes(UTF_8));
    assertThat(read.hash()).isEqualTo(SnapshotCodec.hash(newer.getBytes(UTF_8)));
    assertThat(read.bytes()).isEqualTo(newer.getBytes(UTF_8));
    EncodedSnapshot next = EncodedSnapshot.of(snapshot(2), Optional.of(read));
    assertThat(read.with(next.since(read).orElseThrow()).hash()).isEqualTo(next.hash());
  }

  @Test
  void a_delta_that_does_not_fit_ends_the_stream() {
    change();
    EncodedSnapshot one = EncodedSnapshot.of(snapshot(1), Optional.empty());
    services.put("a", Snapshots.service("a", Snapshots.arm("chat@1", "http://127.0.0.1:1")));
    EncodedSnapshot two = EncodedSnapshot.of(snapshot(2), Optional.of(one));
    services.put("b", Snapshots.service("b", Snapshots.arm("chat@1", "http://127.0.0.1:1")));
    EncodedSnapshot three = EncodedSnapshot.of(snapshot(3), Optional.of(two));
    String delta = new String(SnapshotFrames.delta(two, three).orElseThrow(), UTF_8);
    refused(one, delta, "starts at snapshot 2, not at 1");
    refused(two, delta.replace("chat@1", "chat@2"), "after a delta");
    refused(two, delta.replace("id: 3", "id: 4"), "in a frame with id '4'");
    refused(two, delta.replace("\"from\":2,", ""), "needs from");
    refused(two, delta.replace("\"removed\":{", "\"removed\":[{"), "cannot be read");
    assertThatThrownBy(() -> read(delta.getBytes(UTF_8))).hasMessageContaining("begins with");
  }

  private static void refused(EncodedSnapshot before, String delta, String why) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(SnapshotFrames.snapshot(before));
    bytes.writeBytes(delta.getBytes(UTF_8));
    assertThatThrownBy(() -> read(bytes.toByteArray()))
        .isInstanceOf(WireFormatException.class)
        .hasMessageContaining(why);
  }

  private static void read(byte[] bytes) throws IOException {
    var reader = new SnapshotFrames.Reader(new ByteArrayInputStream(bytes));
    while (reader.next().isPresent()) {
      // until the end or an exception
    }
  }

  @Test
  void entries_in_another_order_than_that_of_their_names_are_sent_whole() {
    ServiceEntry a = Snapshots.service("a", Snapshots.arm("chat@1", "http://127.0.0.1:1"));
    ServiceEntry b = Snapshots.service("b", Snapshots.arm("chat@1", "http://127.0.0.1:1"));
    EncodedSnapshot sorted = EncodedSnapshot.of(Snapshots.of(1, a, b), Optional.empty());
    EncodedSnapshot unsorted = EncodedSnapshot.of(Snapshots.of(2, b, a), Optional.of(sorted));
    assertThat(SnapshotFrames.delta(sorted, unsorted)).isEmpty();
    assertThat(SnapshotFrames.delta(unsorted, sorted)).isEmpty();
    assertThat(unsorted.published()).isEqualTo(SnapshotCodec.publish(unsorted.snapshot()));
  }

  @Test
  void services_of_an_accepted_snapshot_are_not_checked_again_but_their_names_are() {
    ServiceEntry wrong = Snapshots.service("a", Snapshots.arm("chat@1", "not a url"));
    RoutingSnapshot before = Snapshots.of(1, wrong);
    assertThat(SnapshotCheck.problems(before)).hasSize(1);
    assertThat(SnapshotCheck.problems(Snapshots.of(2, wrong), before)).isEmpty();
    assertThat(SnapshotCheck.problems(Snapshots.of(2, wrong, wrong), before))
        .anyMatch(problem -> problem.contains("service default/a: appears twice"));
    ServiceEntry copy = Snapshots.service("a", Snapshots.arm("chat@1", "not a url"));
    assertThat(SnapshotCheck.problems(Snapshots.of(2, copy), before)).hasSize(1);
  }
}
