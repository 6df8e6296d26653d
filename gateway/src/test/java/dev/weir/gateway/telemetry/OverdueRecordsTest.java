// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.RequestRecorder.RequestObserver;
import dev.weir.gateway.snapshot.LiveSnapshot;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.testkit.ManualClock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OverdueRecordsTest {
  private static final int QUARTER = 250_000;
  private static final long OVERDUE_MICROS = 17_000_000;

  private final ManualClock clock = new ManualClock();
  private final LiveSnapshot live = new LiveSnapshot(clock, clock);
  private final GatewayMetrics metrics = new GatewayMetrics(clock);
  private final GatewayRecorder recorder =
      new GatewayRecorder(new SteadyClock(clock, clock), live, metrics, AccessLog.OFF);
  private final IndexedSnapshot current =
      IndexedSnapshot.of(Requests.withCanary(1, 0, QUARTER), "hash");

  @AfterEach
  void close() {
    metrics.close();
  }

  private List<RequestRecord> records() {
    return recorder.arrivals().takeRecords(10);
  }

  @Test
  void an_overdue_answer_is_a_failure_at_once_with_or_without_a_retry() {
    recorder.arrived(Requests.arrival(current, true, QUARTER)).overdue(OVERDUE_MICROS, true);
    recorder.arrived(Requests.arrival(current, false, QUARTER)).overdue(OVERDUE_MICROS, false);

    assertThat(records())
        .extracting(RequestRecord::canary, RequestRecord::outcome, RequestRecord::e2eMicros)
        .containsExactly(
            tuple(true, Outcome.FAILURE, OVERDUE_MICROS),
            tuple(false, Outcome.FAILURE, OVERDUE_MICROS));
  }

  @Test
  void a_later_outcome_does_not_change_the_record() {
    RequestObserver observer = recorder.arrived(Requests.arrival(current, true, QUARTER));
    observer.overdue(OVERDUE_MICROS, false);
    observer.firstToken(20_000_000);
    observer.attemptEnded(Requests.success(1, Requests.CANARY));

    assertThat(records())
        .extracting(RequestRecord::outcome, RequestRecord::ttftMicros)
        .containsExactly(tuple(Outcome.FAILURE, -1L));
  }
}
