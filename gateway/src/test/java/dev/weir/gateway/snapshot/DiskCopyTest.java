// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.SnapshotFormats;
import dev.weir.snapshot.Snapshots;
import dev.weir.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskCopyTest {
  private static final Published FIRST = SnapshotCodec.publish(Snapshots.small());
  private static final Published SECOND =
      SnapshotCodec.publish(Snapshots.withSequence(Snapshots.small(), 2));

  @TempDir Path folder;
  private DiskCopy disk = new DiskCopy(Path.of("replaced before each test"));

  @BeforeEach
  void open() {
    disk = new DiskCopy(folder.resolve("made/when/missing/snapshot"));
  }

  @Test
  void the_last_written_snapshot_is_read_back_with_its_hash() throws IOException {
    assertThat(disk.read()).isEqualTo(new DiskCopy.Found.Absent());
    disk.write(FIRST);
    disk.write(SECOND);
    assertThat(disk.read()).isEqualTo(new DiskCopy.Found.Usable(SECOND));
  }

  @Test
  void the_hash_of_bytes_that_this_version_would_encode_differently_survives() throws IOException {
    var newer = new Published(Snapshots.small(), "ab".repeat(32));
    disk.write(newer);
    assertThat(disk.read()).isEqualTo(new DiskCopy.Found.Usable(newer));
  }

  @Test
  void a_copy_that_the_previous_release_wrote_in_format_2_is_served() throws IOException {
    byte[] recorded;
    try (var in =
        Objects.requireNonNull(Snapshots.class.getResourceAsStream("snapshot-format-3.json"))) {
      recorded = new String(in.readAllBytes(), UTF_8).strip().getBytes(UTF_8);
    }
    String hash = SnapshotCodec.hash(recorded);
    Files.createDirectories(disk.file().resolveSibling("."));
    Files.writeString(
        disk.file(),
        "weir-snapshot 1 %s %s\n%s".formatted(hash, hash, new String(recorded, UTF_8)));
    var clock = new ManualClock(Snapshots.PUBLISHED_AT);
    var live = new LiveSnapshot(clock, clock);
    live.restore(disk);
    assertThat(live.current().hash()).isEqualTo(hash);
    assertThat(live.current().snapshot().formatVersion()).isEqualTo(3);
    assertThat(live.notReadyReason()).isEmpty();
    // The control plane then sends it the same snapshot in the format that it prefers.
    Published newest = SnapshotCodec.publish(SnapshotFormats.convert(4, live.current().snapshot()));
    assertThat(live.install(newest)).isInstanceOf(InstallResult.Swapped.class);
    assertThat(live.current().hash()).isEqualTo(newest.hash());
  }

  @Test
  void only_the_owner_may_read_it() throws IOException {
    disk.write(FIRST);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(disk.file())))
        .isEqualTo("rw-------");
  }

  @Test
  void a_crash_during_a_write_leaves_the_previous_copy() throws IOException {
    disk.write(FIRST);
    Path halfWritten = disk.file().resolveSibling("snapshot.new");
    Files.writeString(halfWritten, "weir-snapshot 1 half");
    assertThat(disk.read()).isEqualTo(new DiskCopy.Found.Usable(FIRST));
    disk.write(SECOND);
    assertThat(disk.read()).isEqualTo(new DiskCopy.Found.Usable(SECOND));
    assertThat(halfWritten).doesNotExist();
  }

  @Test
  void every_truncation_and_every_changed_byte_is_detected() throws IOException {
    disk.write(FIRST);
    byte[] whole = Files.readAllBytes(disk.file());
    for (int at : List.of(0, 10, 40, 100, 145, 146, 300, whole.length - 1)) {
      byte[] flipped = whole.clone();
      flipped[at] ^= 1;
      for (byte[] damaged : List.of(Arrays.copyOf(whole, at), flipped)) {
        Files.write(disk.file(), damaged);
        // The published hash itself (characters 16 to 79 of the first line) cannot be checked here.
        if (at >= 16 && at < 80 && damaged.length == whole.length) {
          continue;
        }
        assertThat(disk.read()).as("byte %d", at).isInstanceOf(DiskCopy.Found.Damaged.class);
      }
    }
  }

  @Test
  void a_writer_writes_the_newest_snapshot_before_it_closes() {
    try (var writer = new DiskWriter(disk, new StoreFile(folder.resolve("store")))) {
      writer.offer(FIRST);
      writer.offer(SECOND);
    }
    assertThat(disk.read()).isEqualTo(new DiskCopy.Found.Usable(SECOND));
  }

  @Test
  void a_writer_survives_a_failed_write() throws IOException {
    Files.createDirectories(disk.file().resolve("a folder in the way"));
    try (var writer = new DiskWriter(disk, new StoreFile(folder.resolve("store")))) {
      writer.offer(FIRST);
    }
    Files.delete(disk.file().resolve("a folder in the way"));
    Files.delete(disk.file());
    try (var writer = new DiskWriter(disk, new StoreFile(folder.resolve("store")))) {
      writer.offer(SECOND);
    }
    assertThat(disk.read()).isEqualTo(new DiskCopy.Found.Usable(SECOND));
  }
}
