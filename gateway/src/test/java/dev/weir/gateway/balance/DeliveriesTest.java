// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveriesTest {
  private final Deliveries deliveries = new Deliveries(0);

  @Test
  void while_only_earlier_requests_are_answered_a_request_may_be_queued() {
    deliveries.delivered(50, 120);
    assertThat(deliveries.onlyEarlier(100, 110)).isTrue();
  }

  @Test
  void a_request_that_a_later_one_overtook_is_not_queued() {
    deliveries.delivered(101, 115);
    deliveries.delivered(50, 120);
    assertThat(deliveries.onlyEarlier(100, 110)).isFalse();
  }

  @Test
  void a_replica_that_answers_nothing_is_not_busy() {
    assertThat(deliveries.onlyEarlier(100, 110)).isFalse();
    deliveries.delivered(50, 105);
    assertThat(deliveries.onlyEarlier(100, 110)).isFalse();
  }
}
