// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class SeatsTest {
  @Test
  void one_more_than_there_are_seats_is_refused_until_one_is_given_back() {
    var seats = new Seats("watches", 1);
    Seats.Seat seat = seats.take();
    assertThatThrownBy(seats::take)
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.OVERLOADED);
              assertThat(e.headers()).containsEntry("Retry-After", "1");
            });
    seat.close();
    assertThat(seats.free()).isEqualTo(1);
  }

  @Test
  void listening_beyond_this_machine_without_tls_must_be_said() {
    assertThatThrownBy(() -> new ControlApi.Options("0.0.0.0", 0, false, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without TLS");
    assertThat(new ControlApi.Options("0.0.0.0", 0, true, Optional.empty()).plaintextAllowed())
        .isTrue();
  }
}
