// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.RequestRecorder.RequestObserver;
import dev.weir.gateway.snapshot.LiveSnapshot;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.testkit.ManualClock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The judge's grade in the records of requests.
class GradedRecordsTest {
  private static final int QUARTER = 250_000;

  private final ManualClock clock = new ManualClock();
  private final LiveSnapshot live = new LiveSnapshot(clock, clock);
  private final GatewayMetrics metrics = new GatewayMetrics(clock);
  private final GatewayRecorder recorder =
      new GatewayRecorder(new SteadyClock(clock, clock), live, metrics, AccessLog.OFF);

  @AfterEach
  void close() {
    metrics.close();
  }

  private AdmittedRequest inSample(IndexedSnapshot current) {
    return Requests.inSample(Requests.arrival(current, false, QUARTER));
  }

  private List<RequestRecord> records() {
    return recorder.arrivals().takeRecords(10);
  }

  private static IndexedSnapshot current(RoutingSnapshot snapshot) {
    return IndexedSnapshot.of(snapshot, "hash");
  }

  @Test
  void a_sampled_record_has_no_grade_until_the_judge_answers_which_is_a_separate_change() {
    RequestObserver observer =
        recorder.arrived(inSample(current(Requests.withCanary(1, 0, QUARTER))));
    observer.firstToken(20_000);
    assertThat(records()).extracting(RequestRecord::quality).containsExactly(Telemetry.NO_GRADE);
    observer.attemptEnded(Requests.success(1, Requests.STABLE));
    assertThat(records())
        .extracting(RequestRecord::outcome, RequestRecord::quality)
        .containsExactly(tuple(Outcome.SUCCESS, Telemetry.NO_GRADE));
    observer.graded(850);
    assertThat(records())
        .extracting(RequestRecord::outcome, RequestRecord::outputTokens, RequestRecord::quality)
        .containsExactly(tuple(Outcome.SUCCESS, 34, 850));
  }

  @Test
  void a_failed_record_stays_ungraded_and_a_record_outside_the_sample_is_not_graded() {
    IndexedSnapshot current = current(Requests.withCanary(1, 0, QUARTER));
    recorder
        .arrived(inSample(current))
        .attemptEnded(Requests.failure(1, Requests.STABLE, Failure.Kind.RESET));
    recorder
        .arrived(Requests.arrival(current, false, QUARTER))
        .attemptEnded(Requests.success(1, Requests.STABLE));
    assertThat(records())
        .extracting(RequestRecord::quality)
        .containsExactly(Telemetry.NO_GRADE, Telemetry.NOT_GRADED);
  }

  @Test
  void each_half_of_a_pair_has_its_own_grade() {
    IndexedSnapshot current = current(Requests.withShadow(1, 0, QUARTER));
    RequestObserver observer = recorder.arrived(Requests.inSample(Requests.mirrored(current)));
    RequestObserver copy = observer.copy();
    observer.attemptEnded(Requests.success(1, Requests.STABLE));
    copy.attemptEnded(Requests.success(1, Requests.CANARY));
    copy.graded(300);
    assertThat(records())
        .extracting(RequestRecord::canary, RequestRecord::quality)
        .containsExactly(tuple(false, Telemetry.NO_GRADE), tuple(true, 300));
    observer.graded(900);
    assertThat(records())
        .extracting(RequestRecord::canary, RequestRecord::quality)
        .containsExactly(tuple(false, 900));
  }

  @Test
  void generated_requests_are_graded_too() {
    IndexedSnapshot current = current(Requests.withCanary(1, 0, QUARTER));
    RequestObserver observer =
        recorder.generated(
            Requests.inSample(
                Requests.arrival(current, true, 500_000, CohortMembership.GENERATED)));
    observer.attemptEnded(Requests.success(1, Requests.CANARY));
    observer.graded(1_000);
    assertThat(records()).extracting(RequestRecord::quality).containsExactly(Telemetry.BEST);
  }
}
