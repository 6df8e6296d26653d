// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.FaultEntry;
import dev.weir.snapshot.RoutingSnapshot.FaultKind;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.snapshot.StoreHead;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FaultsTest {
  private static final Instant PUBLISHED = Instant.parse("2026-01-01T00:00:00Z");
  private static final String SERVICE = "default/chat";
  private static final ReplicaEntry SIMULATED =
      new ReplicaEntry("chat-1-0", "http://127.0.0.1:9001", "sim", "chat");
  private static final ReplicaEntry REAL =
      new ReplicaEntry("chat-1-1", "http://127.0.0.1:9002", "vllm", "chat");

  private final ManualClock clock = new ManualClock();
  private final Holder holder = new Holder();
  private final Faults faults = new Faults(holder, clock);
  private final Random random = new Random(7);

  private static final class Holder implements SnapshotHolder {
    private IndexedSnapshot current = IndexedSnapshot.NONE;
    private boolean lease = true;

    @Override
    public IndexedSnapshot current() {
      return current;
    }

    @Override
    public boolean leaseRuns() {
      return lease;
    }

    @Override
    public int gateways() {
      return 1;
    }

    @Override
    public Optional<String> notReadyReason() {
      return Optional.empty();
    }
  }

  private static FaultEntry fault(String replica, String version, boolean real, int share) {
    return new FaultEntry(
        "chat-flt-1",
        FaultKind.ERROR,
        replica,
        version,
        real,
        share,
        500,
        0,
        0,
        "status 500",
        PUBLISHED.plusSeconds(60).toEpochMilli());
  }

  private void publish(Instant at, FaultEntry... injected) {
    ServiceEntry service =
        new ServiceEntry(
            SERVICE,
            "default",
            "chat",
            new Arm("chat@1", List.of(SIMULATED, REAL)),
            List.of(),
            new Timeouts(1, 1, 1, 1),
            20,
            3,
            true,
            "");
    holder.current =
        IndexedSnapshot.of(
            new RoutingSnapshot(
                RoutingSnapshot.FORMAT_VERSION,
                1,
                1,
                at,
                StoreHead.UNKNOWN,
                30_000,
                List.of(),
                List.of(),
                List.of(service.with(List.of(injected)))),
            "");
  }

  private boolean affects(ReplicaEntry replica) {
    return faults.draw(SERVICE, "chat@1", replica, random).isPresent();
  }

  @Test
  void a_fault_affects_only_simulated_replicas_unless_it_allows_others() {
    publish(PUBLISHED, fault("", "", false, 1_000_000));
    assertThat(affects(SIMULATED)).isTrue();
    assertThat(affects(REAL)).isFalse();
    publish(PUBLISHED, fault("", "", true, 1_000_000));
    assertThat(affects(REAL)).isTrue();
  }

  @Test
  void a_fault_affects_the_replica_and_version_that_it_names() {
    publish(PUBLISHED, fault("chat-1-1", "", true, 1_000_000));
    assertThat(affects(SIMULATED)).isFalse();
    assertThat(affects(REAL)).isTrue();
    publish(PUBLISHED, fault("", "chat@2", true, 1_000_000));
    assertThat(affects(REAL)).isFalse();
    assertThat(faults.draw(SERVICE, "chat@2", REAL, random)).isPresent();
    assertThat(faults.draw("default/other", "chat@2", REAL, random)).isEmpty();
  }

  @Test
  void a_fault_affects_its_share_of_the_attempts() {
    publish(PUBLISHED, fault("", "", false, 200_000));
    long affected = IntStream.range(0, 10_000).filter(_ -> affects(SIMULATED)).count();
    assertThat(affected).isCloseTo(2_000, withinPercentage(5));
  }

  @Test
  void a_fault_ends_by_the_gateways_own_clock_without_a_new_snapshot() {
    publish(PUBLISHED, fault("", "", false, 1_000_000));
    assertThat(affects(SIMULATED)).isTrue();
    clock.advance(Duration.ofSeconds(59));
    assertThat(affects(SIMULATED)).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(affects(SIMULATED)).isFalse();
  }

  @Test
  void its_duration_starts_when_the_gateway_first_sees_it_not_at_the_first_matching_request() {
    publish(PUBLISHED, fault("", "", false, 1_000_000));
    faults.sweep(holder.current);
    clock.advance(Duration.ofSeconds(60));
    assertThat(affects(SIMULATED)).isFalse();
    publish(PUBLISHED.plusSeconds(1), fault("", "", false, 1_000_000));
    assertThat(affects(SIMULATED)).as("another snapshot gives it no more time").isFalse();
  }

  @Test
  void a_disconnected_gateway_injects_nothing() {
    publish(PUBLISHED, fault("", "", false, 1_000_000));
    holder.lease = false;
    assertThat(affects(SIMULATED)).isFalse();
  }

  @Test
  void a_removed_fault_is_forgotten() {
    publish(PUBLISHED, fault("", "", false, 1_000_000));
    faults.sweep(holder.current);
    clock.advance(Duration.ofMinutes(2));
    publish(PUBLISHED);
    faults.sweep(holder.current);
    publish(PUBLISHED, fault("", "", false, 1_000_000));
    assertThat(affects(SIMULATED)).isTrue();
  }
}
