// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.snapshot.LiveSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry.FastSlice;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a gateway reports about failures within a second.
class FastWindowTest {
  private static final int QUARTER = 250_000;

  private final ManualClock clock = new ManualClock(Snapshots.PUBLISHED_AT);
  private final long startMillis = clock.millis();
  private final LiveSnapshot live = new LiveSnapshot(clock, clock);
  private final ArrivalRecorder arrivals =
      new ArrivalRecorder(new SteadyClock(clock, clock), live, 100);

  @BeforeEach
  void serve() {
    live.onSwap(_ -> arrivals.align());
    live.install(SnapshotCodec.publish(Requests.withCanary(1, 0, QUARTER)));
    live.renewLease(clock.getAsLong(), 30_000);
    arrivals.align();
  }

  private RequestEntry arrive(boolean toCanary, int weight) {
    IndexedSnapshot current = live.current();
    return arrivals.arrived(Requests.arrival(current, toCanary, weight)).orElseThrow().own();
  }

  private List<FastSlice> after(long millis) {
    clock.advance(Duration.ofMillis(millis));
    return arrivals.takeFast();
  }

  @Test
  void failures_of_a_second_are_reported_once_the_newest_is_older_than_a_second() {
    arrive(true, QUARTER).ended(Requests.failure(1, Requests.CANARY, Failure.Kind.SERVER_ERROR));
    arrive(true, QUARTER).ended(Requests.success(1, Requests.CANARY));
    arrive(true, QUARTER).ended(Requests.cut(1, Requests.CANARY));
    arrive(false, QUARTER);
    arrive(false, QUARTER).ended(Requests.failure(1, Requests.STABLE, Failure.Kind.CLIENT_GONE));
    assertThat(after(1_599)).isEmpty();
    assertThat(after(1))
        .containsExactly(
            new FastSlice(
                Requests.ROLLOUT, 0, QUARTER, startMillis, startMillis + 500, 3, 2, 1, 0));
    assertThat(after(5_000))
        .as("reported once; windows without requests are not reported")
        .isEmpty();
  }

  @Test
  void a_stream_that_was_cut_later_and_one_that_the_client_left_do_not_count_as_failed() {
    arrive(true, QUARTER).ended(Requests.begun(1, Requests.CANARY, Failure.Kind.CUT, 1_000_001));
    arrive(true, QUARTER)
        .ended(Requests.begun(1, Requests.CANARY, Failure.Kind.CLIENT_GONE, 500_000));
    assertThat(after(2_000))
        .extracting(FastSlice::canary, FastSlice::canaryFailed)
        .containsExactly(tuple(2, 0));
  }

  @Test
  void each_half_second_and_each_weight_has_its_own_window() {
    arrive(true, QUARTER);
    clock.advance(Duration.ofMillis(500));
    arrive(false, QUARTER);
    arrive(false, 0);
    assertThat(after(2_000))
        .extracting(FastSlice::startMillis)
        .containsExactly(startMillis, startMillis + 500);
  }

  @Test
  void a_request_without_an_attempt_is_left_out() {
    arrive(true, QUARTER).endedWithoutAttempt(5_000);
    arrive(true, QUARTER).endedWithoutAttempt(2_000_000);
    assertThat(after(2_000)).extracting(FastSlice::canary).containsExactly(1);
  }

  @Test
  void the_next_heartbeat_comes_as_soon_as_a_canary_failure_can_be_reported() {
    arrive(false, QUARTER).ended(Requests.failure(1, Requests.STABLE, Failure.Kind.SERVER_ERROR));
    assertThat(arrivals.untilFastNanos())
        .as("failures of the stable version are not urgent")
        .isEmpty();
    clock.advance(Duration.ofMillis(400));
    arrive(true, QUARTER).ended(Requests.failure(1, Requests.CANARY, Failure.Kind.SERVER_ERROR));
    assertThat(arrivals.untilFastNanos()).hasValue(Duration.ofMillis(1_200).toNanos());
    clock.advance(Duration.ofMillis(1_300));
    assertThat(arrivals.untilFastNanos()).hasValue(0);
    assertThat(arrivals.takeFast()).hasSize(1);
    assertThat(arrivals.untilFastNanos()).isEmpty();
  }
}
