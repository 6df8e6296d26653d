// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.ReplicaKey;
import dev.weir.gateway.exchange.RequestRecorder.RequestObserver;
import dev.weir.gateway.snapshot.LiveSnapshot;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.InFlight;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.snapshot.TelemetryRefusedException;
import dev.weir.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class TelemetrySenderTest {
  private static final int HALF = 500_000;

  private final ManualClock clock = new ManualClock(Snapshots.PUBLISHED_AT);
  private final LiveSnapshot live = new LiveSnapshot(clock, clock);
  private final SteadyClock steady = new SteadyClock(clock, clock);
  private final GatewayMetrics metrics = new GatewayMetrics(clock);
  private final GatewayRecorder recorder =
      new GatewayRecorder(steady, live, metrics, AccessLog.OFF, 100);
  private final FakeControl control = new FakeControl();
  private final Map<ReplicaKey, Integer> running = new HashMap<>();
  private List<String> problems = List.of();
  private final TelemetrySender sender =
      new TelemetrySender(
          control,
          new GatewayIdentity("gw-1", "boot-1", "0.1.0"),
          live,
          live.store(),
          live::answered,
          recorder,
          () -> running,
          () -> problems,
          steady);

  @BeforeEach
  void listen() {
    live.onSwap(recorder::snapshotSwapped);
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void each_batch_reports_what_the_gateway_cannot_do_within_limits() throws Exception {
    problems = Collections.nCopies(20, "no key");
    sender.beat();
    sender.sendWaiting();
    assertThat(control.stored.getLast().problems())
        .hasSize(Telemetry.MAX_PROBLEMS)
        .contains("no key");
  }

  @Test
  void a_heartbeat_acknowledges_the_snapshot_that_is_served() throws Exception {
    beatAndSend();
    install(Requests.withoutCanary(3));
    beatAndSend();
    assertThat(control.stored)
        .extracting(Telemetry::batch, Telemetry::snapshotSequence)
        .containsExactly(tuple(1L, 0L), tuple(2L, 3L));
    Telemetry second = control.stored.getLast();
    assertThat(second.gateway()).isEqualTo("gw-1");
    assertThat(second.boot()).isEqualTo("boot-1");
    assertThat(second.formatVersions()).containsExactly(3, 4);
    assertThat(second.snapshotHash()).isEqualTo(live.current().hash());
    assertThat(second.nowMillis()).isEqualTo(clock.millis());
    assertThat(control.stored.getFirst().snapshotHash()).isEmpty();
  }

  @Test
  void the_answer_renews_the_lease_from_when_the_batch_was_sent() throws Exception {
    install(Requests.withCanary(1, 0, HALF));
    control.answerTakes = Duration.ofSeconds(4);
    beatAndSend();
    assertThat(live.lease().remainingMillis()).isEqualTo(26_000);
    control.leaseMillis = 0;
    beatAndSend();
    assertThat(live.leaseRuns()).isFalse();
  }

  @Test
  void a_batch_that_did_not_arrive_is_sent_again_unchanged_and_stored_once() throws Exception {
    install(Requests.withoutCanary(1));
    finish(
        recorder.arrived(Requests.arrival(live.current(), false, 0, CohortMembership.UNOBSERVED)));
    clock.advance(Duration.ofSeconds(5));
    control.failures = 2;
    beatAndSend();
    beatAndSend();
    clock.advance(Duration.ofMillis(500));
    beatAndSend();
    assertThat(control.attempted).extracting(Telemetry::batch).containsExactly(1L, 1L, 1L);
    assertThat(control.attempted).allMatch(control.attempted.getFirst()::equals);
    assertThat(control.stored)
        .singleElement()
        .satisfies(batch ->
            assertThat(batch.slices())
                .singleElement()
                .extracting(ReplicaSlice::success)
                .isEqualTo(1L));
    beatAndSend();
    assertThat(control.stored).extracting(Telemetry::batch).containsExactly(1L, 2L);
  }

  @Test
  void a_lost_answer_has_no_effect() throws Exception {
    control.answersLost = 1;
    beatAndSend();
    beatAndSend();
    beatAndSend();
    assertThat(control.attempted).extracting(Telemetry::batch).containsExactly(1L, 1L, 2L);
    assertThat(control.stored).extracting(Telemetry::batch).containsExactly(1L, 2L);
    assertThat(control.stored).extracting(Telemetry::lostBatches).containsOnly(0L);
  }

  @Test
  void data_recorded_while_the_control_plane_is_unreachable_arrives_in_order_afterwards()
      throws Exception {
    install(Requests.withoutCanary(1));
    control.failures = Integer.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      finish(
          recorder.arrived(
              Requests.arrival(live.current(), false, 0, CohortMembership.UNOBSERVED)));
      for (int beat = 0; beat < 10; beat++) {
        clock.advance(Duration.ofMillis(500));
        beatAndSend();
      }
    }
    assertThat(control.stored).isEmpty();
    control.failures = 0;
    beatAndSend();
    assertThat(
            control.stored.stream()
                .flatMap(b -> b.slices().stream())
                .mapToLong(ReplicaSlice::success)
                .sum())
        .isEqualTo(3);
    assertThat(control.stored)
        .extracting(Telemetry::batch)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, control.stored.size()).boxed().toList());
    assertThat(control.stored.size()).as("heartbeats did not accumulate").isLessThan(6);
  }

  @Test
  void a_batch_that_control_rejects_permanently_is_dropped_and_the_next_one_reports_it()
      throws Exception {
    control.refusals = 1;
    beatAndSend();
    beatAndSend();
    assertThat(control.stored)
        .extracting(Telemetry::batch, Telemetry::lostBatches)
        .containsExactly(tuple(2L, 1L));
  }

  @Test
  void records_of_an_observed_rollout_are_sent_pending_then_final_and_lost_ones_are_flagged()
      throws Exception {
    install(Requests.withCanary(1, 0, HALF));
    beatAndSend();
    beatAndSend();
    IndexedSnapshot current = live.current();
    RequestObserver observer = recorder.arrived(Requests.arrival(current, true, HALF));
    observer.firstToken(20_000);
    beatAndSend();
    observer.attemptEnded(Requests.success(1, Requests.CANARY));
    observer.finished(
        Requests.finished(Requests.arrival(current, true, HALF), "chat@2", 1, 0, Optional.empty()));
    clock.advance(Duration.ofSeconds(5));
    beatAndSend();
    assertThat(allRecords())
        .extracting(RequestRecord::outcome, RequestRecord::ttftMicros, RequestRecord::outputTokens)
        .containsExactly(tuple(Outcome.PENDING, 20_000L, 0), tuple(Outcome.SUCCESS, 20_000L, 34));
    assertThat(control.stored.stream().flatMap(b -> b.arrivals().stream()))
        .extracting(ArrivalSlice::slice, ArrivalSlice::weightMillionths, ArrivalSlice::canary)
        .containsExactly(tuple(0L, 0, 0), tuple(1L, HALF, 1));

    for (int i = 0; i < 150; i++) {
      recorder.arrived(Requests.arrival(current, false, HALF)).firstToken(1);
    }
    beatAndSend();
    assertThat(control.stored.getLast().lostBatches()).isEqualTo(1);
    assertThat(control.stored.getLast().records()).hasSize(100);
    beatAndSend();
    assertThat(control.stored.getLast().lostBatches()).isZero();
  }

  @Test
  void requests_outside_the_statistics_are_counted_by_replica_only() throws Exception {
    install(Requests.withCanary(1, 0, HALF));
    beatAndSend();
    for (CohortMembership membership :
        List.of(
            CohortMembership.PINNED,
            CohortMembership.SESSION_REPEATED,
            CohortMembership.SESSIONS_FULL,
            CohortMembership.UNOBSERVED)) {
      finish(recorder.arrived(Requests.arrival(live.current(), true, HALF, membership)));
    }
    clock.advance(Duration.ofSeconds(5));
    beatAndSend();
    assertThat(allRecords()).isEmpty();
    assertThat(control.stored.stream().flatMap(b -> b.arrivals().stream()))
        .allSatisfy(slice -> assertThat(slice.canary() + slice.baseline()).isZero());
    assertThat(control.stored.getLast().slices())
        .extracting(ReplicaSlice::success)
        .containsExactly(4L);
  }

  @Test
  void every_batch_reports_what_is_in_flight_on_which_replica() throws Exception {
    running.put(new ReplicaKey("default/chat", "chat-2-0", "http://127.0.0.1:2"), 4);
    running.put(new ReplicaKey("default/chat", "chat-1-0", "http://127.0.0.1:1"), 1);
    running.put(new ReplicaKey("default/chat", "chat-1-0", "http://127.0.0.1:9"), 2);
    beatAndSend();
    assertThat(control.stored.getLast().inFlight())
        .containsExactly(
            new InFlight("default/chat", "chat-1-0", 3),
            new InFlight("default/chat", "chat-2-0", 4));
    running.clear();
    beatAndSend();
    assertThat(control.stored.getLast().inFlight()).isEmpty();
    assertThat(control.stored.getLast().namesAllInFlight()).isTrue();
  }

  @Test
  void a_batch_names_a_bounded_number_of_replicas_and_marks_a_truncated_list() throws Exception {
    for (int i = 0; i <= Telemetry.MAX_IN_FLIGHT; i++) {
      running.put(new ReplicaKey("default/chat", "chat-1-" + i, "http://127.0.0.1:1"), 1);
    }
    beatAndSend();
    assertThat(control.stored.getLast().inFlight()).hasSize(Telemetry.MAX_IN_FLIGHT);
    assertThat(control.stored.getLast().namesAllInFlight()).isFalse();
  }

  @Test
  void closing_sends_the_remaining_data() throws Exception {
    install(Requests.withCanary(1, 0, HALF));
    finish(recorder.arrived(Requests.arrival(live.current(), false, 0)));
    sender.close();
    assertThat(allRecords()).extracting(RequestRecord::outcome).containsExactly(Outcome.SUCCESS);
    assertThat(control.stored.getLast().arrivals())
        .extracting(ArrivalSlice::baseline)
        .containsExactly(1);
    assertThat(control.stored.getLast().slices()).hasSize(1);
  }

  @Test
  void after_the_start_it_sends_heartbeats_by_itself() throws Exception {
    sender.start();
    assertThat(control.arrivals.poll(10, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(control.arrivals.poll(10, TimeUnit.SECONDS)).isEqualTo(2);
    sender.close();
  }

  private void install(RoutingSnapshot snapshot) {
    live.install(SnapshotCodec.publish(snapshot));
  }

  private void beatAndSend() throws InterruptedException {
    sender.beat();
    sender.sendWaiting();
  }

  private void finish(RequestObserver observer) {
    observer.attemptEnded(Requests.success(1, Requests.STABLE));
    observer.finished(
        Requests.finished(
            Requests.arrival(live.current(), false, 0), "chat@1", 1, 0, Optional.empty()));
  }

  private List<RequestRecord> allRecords() {
    return control.stored.stream().flatMap(b -> b.records().stream()).toList();
  }

  /// Stores each batch once, as a control plane does.
  private final class FakeControl implements ControlLink {
    private final List<Telemetry> attempted = new ArrayList<>();
    private final List<Telemetry> stored = new ArrayList<>();
    private final BlockingQueue<Long> arrivals = new LinkedBlockingQueue<>();
    private Duration answerTakes = Duration.ZERO;
    private long leaseMillis = 30_000;
    private int failures;
    private int answersLost;
    private int refusals;

    @Override
    public void subscribe(long afterSequence, Subscriber subscriber) {
      throw new UnsupportedOperationException("not part of this test");
    }

    @Override
    public void answer(GatewayAnswer answer) {
      throw new UnsupportedOperationException("not part of this test");
    }

    @Override
    public TelemetryAck send(Telemetry telemetry) throws IOException {
      attempted.add(telemetry);
      arrivals.add(telemetry.batch());
      if (failures > 0) {
        failures--;
        throw new IOException("away on purpose");
      }
      if (refusals > 0) {
        refusals--;
        throw new TelemetryRefusedException("refused on purpose");
      }
      if (stored.isEmpty() || stored.getLast().batch() < telemetry.batch()) {
        stored.add(telemetry);
      }
      if (answersLost > 0) {
        answersLost--;
        throw new IOException("the answer was lost on purpose");
      }
      clock.advance(answerTakes);
      return new TelemetryAck(stored.getLast().batch(), leaseMillis);
    }
  }
}
