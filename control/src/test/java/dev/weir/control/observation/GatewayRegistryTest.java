// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.crash.CrashPoints;
import dev.weir.snapshot.EncodedSnapshots;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.InFlight;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayRegistryTest {
  private static final EncodedSnapshots CURRENT = EncodedSnapshots.of(Snapshots.of(2));
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final String OLD = "chat-1-0";

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private Store store;
  private GatewayRegistry registry;

  @BeforeEach
  void open() {
    store = SqliteStore.open(folder, clock);
    restart();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void restart() {
    registry =
        new GatewayRegistry(
            store.identity(),
            new ObservationStore(store.observations(), CrashPoints.NONE),
            new ControlClock(clock, clock),
            clock,
            Duration.ofSeconds(3),
            Duration.ofSeconds(30));
  }

  private void hear(String gateway, String boot, long batch, long sequence, int running) {
    List<InFlight> inFlight =
        running == 0 ? List.of() : List.of(new InFlight("default/chat", OLD, running));
    hear(gateway, boot, batch, sequence, inFlight);
  }

  private void hear(
      String gateway, String boot, long batch, long sequence, List<InFlight> inFlight) {
    boolean _ =
        registry.recordHeartbeat(
            new Telemetry(
                gateway,
                boot,
                batch,
                "1",
                List.of(1),
                sequence,
                sequence == 2 ? CURRENT.newest().hash() : "one",
                0,
                0,
                List.of(),
                List.of(),
                List.of(),
                inFlight));
  }

  /// Of a replica that left routing with snapshot 2.
  private ReplicaRemoval replicaRemoval() {
    return registry.replicaRemoval("default/chat", OLD, 2, CURRENT, PATIENCE);
  }

  private boolean mayStop() {
    ReplicaRemoval replicaRemoval = replicaRemoval();
    return replicaRemoval.routing().settled() && replicaRemoval.open().none();
  }

  @Test
  void a_replica_may_stop_when_every_gateway_has_let_go_and_reports_nothing_in_flight() {
    hear("gw-1", "a", 1, 1, 3);
    hear("gw-2", "b", 1, 1, 0);
    assertThat(replicaRemoval().reason())
        .isEqualTo("draining: requests may still come from gw-1, gw-2");
    hear("gw-2", "b", 2, 2, 0);
    assertThat(replicaRemoval().reason()).isEqualTo("draining: requests may still come from gw-1");
    hear("gw-1", "a", 2, 2, 3);
    assertThat(replicaRemoval().reason()).isEqualTo("draining: 3 requests in flight on gw-1");
    hear("gw-2", "b", 3, 2, 1);
    assertThat(replicaRemoval().reason())
        .isEqualTo("draining: 3 requests in flight on gw-1, 1 on gw-2");
    hear("gw-1", "a", 3, 2, 0);
    assertThat(replicaRemoval().reason()).isEqualTo("draining: 1 request in flight on gw-2");
    assertThat(mayStop()).isFalse();
    hear("gw-2", "b", 4, 2, 0);
    assertThat(replicaRemoval().reason()).isEqualTo("draining: no requests in flight");
    assertThat(mayStop()).isTrue();
  }

  @Test
  void a_heartbeat_from_before_the_acknowledgement_does_not_count() {
    hear("gw-1", "a", 1, 1, 0);
    assertThat(mayStop()).as("nothing in flight, but it may still send").isFalse();
    hear("gw-1", "a", 3, 2, 2);
    hear("gw-1", "a", 1, 1, 0);
    hear("gw-1", "a", 2, 2, 0);
    assertThat(replicaRemoval().reason())
        .as("batches that were sent again")
        .isEqualTo("draining: 2 requests in flight on gw-1");
    hear("gw-1", "a", 4, 2, 0);
    assertThat(mayStop()).isTrue();
  }

  @Test
  void an_old_batch_that_is_sent_again_still_shows_that_the_gateway_lives() {
    hear("gw-1", "a", 2, 2, 1);
    clock.advance(Duration.ofMinutes(9));
    hear("gw-1", "a", 1, 1, 0);
    clock.advance(Duration.ofMinutes(9));
    assertThat(replicaRemoval().open().inFlight()).containsEntry("gw-1", 1);
  }

  @Test
  void a_new_run_of_a_gateway_has_none_of_the_old_ones_streams() {
    hear("gw-1", "a", 9, 2, 3);
    hear("gw-1", "b", 1, 0, 0);
    assertThat(mayStop()).as("it has no snapshot yet, so it routes nowhere").isTrue();
    hear("gw-1", "b", 2, 1, 0);
    assertThat(mayStop()).as("it has an old snapshot from its disk").isFalse();
    hear("gw-1", "b", 3, 2, 0);
    assertThat(mayStop()).isTrue();
  }

  @Test
  void after_a_restart_of_the_control_plane_what_runs_is_unknown_until_it_is_heard() {
    hear("gw-1", "a", 1, 2, 0);
    assertThat(mayStop()).isTrue();
    restart();
    assertThat(replicaRemoval().routing().settled()).isTrue();
    assertThat(replicaRemoval().reason()).isEqualTo("draining: waiting for a report from gw-1");
    hear("gw-1", "a", 2, 2, 0);
    assertThat(mayStop()).isTrue();
  }

  @Test
  void a_gateway_that_was_silent_for_too_long_is_not_waited_for() {
    hear("gw-1", "a", 1, 2, 3);
    hear("gw-2", "b", 1, 1, 3);
    clock.advance(PATIENCE);
    assertThat(mayStop()).isFalse();
    clock.advance(Duration.ofSeconds(1));
    assertThat(mayStop()).isTrue();
    assertThat(replicaRemoval().routing().givenUp()).containsExactly("gw-2");
  }

  @Test
  void a_list_that_was_cut_short_says_nothing_about_who_is_not_on_it() {
    InFlight other = new InFlight("default/chat", "chat-2-0", 1);
    hear("gw-1", "a", 1, 2, Collections.nCopies(Telemetry.MAX_IN_FLIGHT, other));
    assertThat(replicaRemoval().reason()).isEqualTo("draining: waiting for a report from gw-1");
  }
}
