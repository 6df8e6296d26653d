// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.SnapshotFormats;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.StoreHead;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.testkit.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FollowedStoreTest {
  private static final StoreHead OURS = head("aa", 12, "1");
  private static final StoreHead LATER = head("aa", 15, "2");
  private static final StoreHead OTHER = head("bb", 1, "3");

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock(Snapshots.PUBLISHED_AT);
  private LiveSnapshot live = new LiveSnapshot(clock, clock);

  private static StoreHead head(String id, long sequence, String hash) {
    return new StoreHead(id.repeat(16), sequence, hash.repeat(64));
  }

  private static Published snapshot(long sequence, StoreHead store) {
    return SnapshotCodec.publish(
        Snapshots.withStore(Snapshots.withSequence(Snapshots.small(), sequence), store));
  }

  private static TelemetryAck ack(StoreHead store, boolean holds) {
    return new TelemetryAck(1, 30_000, 1, store, holds);
  }

  @Test
  void the_gateway_follows_the_first_store_that_a_snapshot_names() {
    var old = SnapshotFormats.convert(3, snapshot(1, OURS).snapshot());
    assertThat(live.install(SnapshotCodec.publish(old))).isInstanceOf(InstallResult.Swapped.class);
    assertThat(live.store().witness().hasId()).isFalse();
    assertThat(live.install(snapshot(2, OURS))).isInstanceOf(InstallResult.Swapped.class);
    assertThat(live.store().witness()).isEqualTo(OURS);
  }

  @Test
  void a_higher_numbered_empty_snapshot_of_another_store_is_refused_and_the_old_one_stays() {
    live.install(snapshot(7, OURS));
    assertThat(live.install(snapshot(8, OTHER)))
        .isEqualTo(new InstallResult.OtherStore(OTHER.id()));
    assertThat(live.current().sequence()).isEqualTo(7);
    assertThat(live.notReadyReason()).isEmpty();
    assertThat(live.store().refused()).isEqualTo(OTHER.id());
    assertThat(live.install(snapshot(8, OURS))).isInstanceOf(InstallResult.Swapped.class);
    assertThat(live.store().refused()).isEmpty();
  }

  @Test
  void a_snapshot_without_a_store_is_accepted_and_the_followed_store_stays_known() {
    live.install(snapshot(7, OURS));
    var old = SnapshotFormats.convert(3, snapshot(8, OTHER).snapshot());
    assertThat(live.install(SnapshotCodec.publish(old))).isInstanceOf(InstallResult.Swapped.class);
    assertThat(live.install(snapshot(9, OTHER))).isInstanceOf(InstallResult.OtherStore.class);
  }

  @Test
  void a_restored_store_is_the_same_store() {
    live.install(snapshot(7, OURS));
    assertThat(live.install(snapshot(8, head("aa", 3, "4"))))
        .isInstanceOf(InstallResult.Swapped.class);
  }

  @Test
  void an_answer_from_another_store_reveals_it_before_any_snapshot_arrives() {
    live.install(snapshot(7, OURS));
    assertThat(live.store().answered(OURS, ack(OTHER, true))).isFalse();
    assertThat(live.store().refused()).isEqualTo(OTHER.id());
    assertThat(live.store().witness()).isEqualTo(OURS);
    assertThat(live.store().answered(OURS, ack(OURS, true))).isTrue();
    assertThat(live.store().refused()).isEmpty();
  }

  @Test
  void the_witnessed_head_advances_only_to_a_log_that_contains_it() {
    live.install(snapshot(7, OURS));
    assertThat(live.store().answered(OURS, ack(LATER, true))).isTrue();
    assertThat(live.store().witness()).isEqualTo(LATER);
    StoreHead cut = head("aa", 3, "4");
    assertThat(live.store().answered(LATER, ack(cut, false))).isTrue();
    assertThat(live.store().witness()).isEqualTo(LATER);
    assertThat(live.store().problems())
        .singleElement()
        .asString()
        .contains("does not contain entry 15")
        .contains("weir audit verify");
    live.store().answered(LATER, ack(head("aa", 20, "5"), true));
    assertThat(live.store().witness().auditSequence()).isEqualTo(20);
    assertThat(live.store().problems()).isEmpty();
  }

  @Test
  void an_answer_to_a_batch_with_an_older_head_changes_nothing() {
    live.install(snapshot(7, OURS));
    live.store().answered(OURS, ack(LATER, true));
    live.store().answered(OURS, ack(head("aa", 13, "6"), true));
    assertThat(live.store().witness()).isEqualTo(LATER);
  }

  @Test
  void the_store_and_its_head_survive_a_restart_regardless_of_the_snapshot_on_disk()
      throws Exception {
    DiskCopy disk = new DiskCopy(folder.resolve("snapshot.json"));
    StoreFile file = new StoreFile(folder.resolve("store"));
    try (var writer = new DiskWriter(disk, file)) {
      live.store().onChange(writer::offer);
      live.install(snapshot(7, OURS));
      live.store().answered(OURS, ack(LATER, true));
      writer.offer(SnapshotCodec.publish(SnapshotFormats.convert(3, snapshot(8, OURS).snapshot())));
    }
    live = new LiveSnapshot(clock, clock);
    live.restore(disk, file);
    assertThat(live.store().witness()).isEqualTo(LATER);
    assertThat(live.install(snapshot(9, OTHER))).isInstanceOf(InstallResult.OtherStore.class);
  }

  @Test
  void without_the_file_the_snapshot_on_disk_determines_the_followed_store() throws Exception {
    DiskCopy disk = new DiskCopy(folder.resolve("snapshot.json"));
    disk.write(snapshot(7, OURS));
    StoreFile file = new StoreFile(folder.resolve("store"));
    Files.writeString(folder.resolve("store"), "torn");
    live.restore(disk, file);
    assertThat(live.install(snapshot(8, OTHER))).isInstanceOf(InstallResult.OtherStore.class);
  }

  @Test
  void an_operator_can_adopt_another_store_with_lower_numbers() throws Exception {
    DiskCopy disk = new DiskCopy(folder.resolve("snapshot.json"));
    StoreFile file = new StoreFile(folder.resolve("store"));
    disk.write(snapshot(7, OURS));
    file.write(OURS);
    live.restore(disk, file);
    try (var writer = new DiskWriter(disk, file)) {
      live.store().onChange(writer::offer);
      live.store().adoptNext();
      assertThat(live.install(snapshot(2, OTHER))).isInstanceOf(InstallResult.Swapped.class);
    }
    assertThat(file.read()).isEqualTo(OTHER);
    assertThat(live.install(snapshot(8, OURS))).isInstanceOf(InstallResult.OtherStore.class);
  }
}
