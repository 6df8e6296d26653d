// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.RequestRecord;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TelemetryBufferTest {
  @Test
  void the_oldest_batches_are_dropped_and_the_next_new_batch_counts_them() {
    var buffer = new TelemetryBuffer(3, 1_000);
    for (int i = 0; i < 5; i++) {
      add(buffer, 0);
    }
    assertThat(buffer.size()).isEqualTo(3);
    assertThat(buffer.oldest().orElseThrow().batch()).isEqualTo(3);
    assertThat(buffer.lostTotal()).isEqualTo(2);
    buffer.acknowledged(4);
    assertThat(buffer.oldest().orElseThrow())
        .extracting(Telemetry::batch, Telemetry::lostBatches)
        .containsExactly(5L, 1L);
    buffer.acknowledged(5);
    add(buffer, 0);
    assertThat(buffer.oldest().orElseThrow().lostBatches()).isEqualTo(1);
  }

  @Test
  void the_size_of_batches_is_bounded_too_but_the_newest_always_stays() {
    var buffer = new TelemetryBuffer(100, 10);
    add(buffer, 4);
    add(buffer, 4);
    assertThat(buffer.size()).isEqualTo(2);
    add(buffer, 4);
    assertThat(buffer.size()).isEqualTo(2);
    add(buffer, 50);
    assertThat(buffer.size()).isEqualTo(1);
    assertThat(buffer.oldest().orElseThrow().batch()).isEqualTo(4);
  }

  @Test
  void an_answer_for_a_dropped_batch_removes_no_other_batch() {
    var buffer = new TelemetryBuffer(1, 1_000);
    add(buffer, 0);
    add(buffer, 0);
    buffer.acknowledged(1);
    buffer.refused(1);
    assertThat(buffer.oldest().orElseThrow().batch()).isEqualTo(2);
    assertThat(buffer.lostTotal()).isEqualTo(1);
  }

  private static void add(TelemetryBuffer buffer, int records) {
    var record = new RequestRecord("r", 0, 0, false, Outcome.PENDING, -1, -1, -1, 0, false);
    buffer.add((batch, lost) ->
        new Telemetry(
            "gw",
            "boot",
            batch,
            "0.1.0",
            List.of(1),
            0,
            "",
            0,
            lost,
            List.of(),
            List.of(),
            Collections.nCopies(records, record),
            List.of()));
  }
}
