// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.Snapshots;
import dev.weir.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LiveSnapshotTest {
  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(Snapshots.PUBLISHED_AT);
  private final LiveSnapshot live = new LiveSnapshot(clock, clock);
  private final List<Long> swaps = new ArrayList<>();
  private DiskCopy disk = new DiskCopy(Path.of("replaced before each test"));

  @BeforeEach
  void listen() {
    disk = new DiskCopy(folder.resolve("snapshot"));
    live.onSwap(current -> swaps.add(current.sequence()));
  }

  @Test
  void before_the_first_snapshot_nothing_is_served_and_the_state_shows_it() {
    assertThat(live.current()).isSameAs(IndexedSnapshot.NONE);
    assertThat(live.leaseRuns()).isFalse();
    assertThat(live.notReadyReason())
        .hasValueSatisfying(why -> assertThat(why).contains("no routing"));
    assertThat(live.subscribeAfter()).isZero();
  }

  @Test
  void a_newer_snapshot_replaces_the_previous_one_completely() {
    install(1);
    InstallResult second = install(2);
    assertThat(second).isEqualTo(new InstallResult.Swapped(live.current()));
    assertThat(live.current().sequence()).isEqualTo(2);
    assertThat(live.current().hash()).isEqualTo(SnapshotCodec.publish(numbered(2)).hash());
    assertThat(live.notReadyReason()).isEmpty();
    assertThat(live.subscribeAfter()).isEqualTo(2);
    assertThat(swaps).containsExactly(1L, 2L);
  }

  @Test
  void an_older_or_identical_snapshot_changes_nothing() {
    install(5);
    IndexedSnapshot served = live.current();
    assertThat(install(4)).isEqualTo(new InstallResult.Overtaken(5));
    assertThat(install(5)).isEqualTo(new InstallResult.Overtaken(5));
    assertThat(live.current()).isSameAs(served);
    assertThat(swaps).containsExactly(5L);
  }

  @Test
  void an_invalid_snapshot_is_refused_and_the_previous_one_stays() {
    install(1);
    RoutingSnapshot wrong =
        Snapshots.withKeys(numbered(2), Snapshots.key("one"), Snapshots.key("one"));
    assertThat(live.install(SnapshotCodec.publish(wrong)))
        .isEqualTo(new InstallResult.Refused(List.of("key of application: appears twice")));
    assertThat(live.current().sequence()).isEqualTo(1);
  }

  @Test
  void a_lease_starts_when_the_batch_was_sent_and_ends_exactly_at_its_end() {
    install(1);
    long sent = clock.getAsLong();
    clock.advance(Duration.ofSeconds(2)); // the answer is in flight
    live.renewLease(sent, 10_000);
    assertThat(live.leaseRuns()).isTrue();
    assertThat(live.lease().remainingMillis()).isEqualTo(8_000);
    clock.advance(Duration.ofMillis(7_999));
    assertThat(live.leaseRuns()).isTrue();
    clock.advance(Duration.ofMillis(1));
    assertThat(live.leaseRuns()).isFalse();
    assertThat(live.lease().remainingMillis()).isZero();
  }

  @Test
  void an_answer_of_zero_ends_the_lease_at_once() {
    install(1);
    live.renewLease(clock.getAsLong(), 10_000);
    live.renewLease(clock.getAsLong(), 0);
    assertThat(live.leaseRuns()).isFalse();
  }

  @Test
  void an_answer_never_grants_more_than_the_snapshot_allows() {
    install(1);
    live.renewLease(clock.getAsLong(), Long.MAX_VALUE);
    assertThat(live.lease().remainingMillis()).isEqualTo(30_000);
  }

  @Test
  void a_start_from_disk_serves_without_a_lease() throws IOException {
    disk.write(SnapshotCodec.publish(numbered(7)));
    clock.advance(Duration.ofHours(24));
    live.restore(disk);
    assertThat(live.current().sequence()).isEqualTo(7);
    assertThat(live.notReadyReason()).isEmpty();
    assertThat(live.leaseRuns()).isFalse();
    assertThat(live.subscribeAfter()).as("control confirms or corrects it").isZero();
  }

  @Test
  void a_start_from_a_snapshot_older_than_24_hours_serves_but_is_not_ready_until_confirmed()
      throws IOException {
    disk.write(SnapshotCodec.publish(numbered(7)));
    clock.advance(Duration.ofHours(24).plusMillis(1));
    live.restore(disk);
    IndexedSnapshot served = live.current();
    assertThat(served.sequence()).isEqualTo(7);
    assertThat(live.notReadyReason()).hasValueSatisfying(why -> assertThat(why).contains("24 h"));

    assertThat(install(7)).isEqualTo(new InstallResult.Confirmed(served));
    assertThat(live.notReadyReason()).isEmpty();
    assertThat(live.current()).isSameAs(served);
    assertThat(live.subscribeAfter()).isEqualTo(7);
  }

  @Test
  void a_control_plane_that_restarts_its_sequence_wins_over_the_disk() throws IOException {
    disk.write(SnapshotCodec.publish(numbered(500)));
    live.restore(disk);
    install(3);
    assertThat(live.current().sequence()).isEqualTo(3);
  }

  @Test
  void a_running_gateway_stays_ready_however_old_its_snapshot_is() {
    install(1);
    clock.advance(Duration.ofDays(30));
    assertThat(live.notReadyReason()).isEmpty();
  }

  @Test
  void a_damaged_file_is_ignored_and_moved_aside() throws IOException {
    disk.write(SnapshotCodec.publish(numbered(7)));
    byte[] whole = Files.readAllBytes(disk.file());
    Files.write(disk.file(), Arrays.copyOf(whole, whole.length / 2));
    live.restore(disk);
    assertThat(live.current()).isSameAs(IndexedSnapshot.NONE);
    assertThat(disk.file()).doesNotExist();
    assertThat(folder.resolve("snapshot.damaged")).exists();
  }

  @Test
  void a_snapshot_from_the_link_is_not_overwritten_by_the_disk() throws IOException {
    disk.write(SnapshotCodec.publish(numbered(9)));
    install(2);
    live.restore(disk);
    assertThat(live.current().sequence()).isEqualTo(2);
  }

  private InstallResult install(long sequence) {
    return live.install(SnapshotCodec.publish(numbered(sequence)));
  }

  private static RoutingSnapshot numbered(long sequence) {
    return Snapshots.withSequence(Snapshots.small(), sequence);
  }
}
