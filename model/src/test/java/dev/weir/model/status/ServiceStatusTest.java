// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.model.Resources;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.VersionRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServiceStatusTest {
  private static final VersionRef ONE = new VersionRef("chat", "1");

  @Test
  void each_copy_changes_its_own_part_and_keeps_the_rest() {
    ServiceStatus status =
        ServiceStatus.empty()
            .withOrders(List.of(order("chat-1-0")))
            .withFaults(List.of(fault(1)))
            .withStable(new StableVersion(ONE, 3))
            .withRollout(Optional.of("chat-2"))
            .withFailed(List.of(new FailedRelease(ONE, "hash", "chat-1")))
            .withRollouts(2)
            .withMessage("busy");
    assertThat(status)
        .isEqualTo(
            new ServiceStatus(
                Optional.of(new StableVersion(ONE, 3)),
                Optional.of("chat-2"),
                List.of(new FailedRelease(ONE, "hash", "chat-1")),
                2,
                List.of(order("chat-1-0")),
                List.of(fault(1)),
                "busy"));
    assertThat(status.order("chat-1-0")).contains(order("chat-1-0"));
    assertThat(status.order("chat-1-1")).isEmpty();
  }

  @Test
  void one_replica_has_one_order_and_a_service_not_too_many() {
    assertThatThrownBy(
            () -> ServiceStatus.empty().withOrders(List.of(order("chat-1-0"), order("chat-1-0"))))
        .isInstanceOf(IllegalArgumentException.class);
    List<ReplicaOrder> many =
        IntStream.rangeClosed(0, ServiceStatus.MOST_ORDERS)
            .mapToObj(n -> order("chat-1-" + n))
            .toList();
    assertThatThrownBy(() -> ServiceStatus.empty().withOrders(many))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most");
  }

  @Test
  void a_service_has_not_too_many_faults() {
    List<Fault> many =
        IntStream.rangeClosed(0, ServiceStatus.MOST_FAULTS)
            .mapToObj(ServiceStatusTest::fault)
            .toList();
    assertThatThrownBy(() -> ServiceStatus.empty().withFaults(many))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most");
  }

  private static Fault fault(int number) {
    return Resources.fault("chat-flt-" + number);
  }

  private static ReplicaOrder order(String replica) {
    return new ReplicaOrder(replica, OrderKind.DRAIN, Instant.EPOCH, "ann", "", "");
  }
}
