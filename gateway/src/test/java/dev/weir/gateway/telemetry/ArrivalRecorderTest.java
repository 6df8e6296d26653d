// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.SessionUnit;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.gateway.snapshot.LiveSnapshot;
import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.ResponseForm;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Audience;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.FastSlice;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ArrivalRecorderTest {
  private static final int QUARTER = 250_000;

  private final ManualClock clock = new ManualClock(Snapshots.PUBLISHED_AT);
  private final long startMillis = clock.millis();
  private final LiveSnapshot live = new LiveSnapshot(clock, clock);
  private final ArrivalRecorder arrivals =
      new ArrivalRecorder(new SteadyClock(clock, clock), live, 100);

  @BeforeEach
  void alignAtSwaps() {
    live.onSwap(_ -> arrivals.align());
  }

  @Test
  void arrivals_are_counted_by_arm_and_numbered_within_the_slice() {
    IndexedSnapshot current = serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    arrive(current, true, QUARTER);
    arrive(current, false, QUARTER);
    arrive(current, false, QUARTER);
    assertThat(after(Duration.ofMillis(4_999))).isEmpty();
    assertThat(after(Duration.ofMillis(1)))
        .containsExactly(
            new ArrivalSlice(
                Requests.ROLLOUT, 0, 1, 1, QUARTER, startMillis, startMillis + 5_000, 1, 2));
    assertThat(arrivals.takeRecords(10)).as("they have no state to report yet").isEmpty();
  }

  @Test
  void a_whole_answer_is_reported_at_once_and_fails_fast_even_after_its_first_byte() {
    IndexedSnapshot current = serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    RequestEntry whole =
        arrivals
            .counted(
                Requests.withForm(ResponseForm.WHOLE, Requests.arrival(current, true, QUARTER)))
            .own();
    arrivals.counted(
        Requests.withForm(ResponseForm.STREAM, Requests.arrival(current, true, QUARTER)));
    assertThat(arrivals.takeRecords(10))
        .extracting(RequestRecord::form, RequestRecord::outcome)
        .containsExactly(tuple(ResponseForm.WHOLE, Outcome.PENDING));
    whole.firstToken(2_000);
    whole.ended(Requests.cut(1, Requests.CANARY));
    clock.advance(Duration.ofSeconds(2));
    assertThat(arrivals.takeFast())
        .extracting(FastSlice::canary, FastSlice::canaryFailed)
        .containsExactly(tuple(2, 1));
  }

  @Test
  void the_expected_prefill_is_reported_with_the_first_token_and_the_end() {
    IndexedSnapshot current = serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    RequestEntry entry = arrivals.counted(Requests.arrival(current, true, QUARTER)).own();
    entry.sent(700);
    assertThat(arrivals.takeRecords(10)).as("not reported for itself").isEmpty();
    entry.firstToken(2_000);
    assertThat(arrivals.takeRecords(10))
        .extracting(RequestRecord::prefillTokens)
        .containsExactly(700);
    entry.ended(Requests.success(1, Requests.CANARY));
    assertThat(arrivals.takeRecords(10))
        .extracting(RequestRecord::prefillTokens)
        .containsExactly(700);
  }

  @Test
  void later_requests_of_a_session_have_records_but_no_arrival() {
    IndexedSnapshot current = serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    SessionUnit session = new SessionUnit(clock.getAsLong());
    assertThat(arrivals.arrived(turn(current, session, 2))).as("it has no index yet").isEmpty();
    RequestEntry first = arrivals.arrived(turn(current, session, 1)).orElseThrow().own();
    arrive(current, false, QUARTER);
    RequestEntry second = arrivals.arrived(turn(current, session, 2)).orElseThrow().own();
    second.ended(Requests.failure(1, Requests.STABLE, Failure.Kind.CONNECT_FAILED));
    assertThat(after(Duration.ofSeconds(5)))
        .extracting(ArrivalSlice::canary, ArrivalSlice::baseline)
        .containsExactly(tuple(0, 2));
    assertThat(arrivals.takeRecords(10))
        .as("both are reported, also the pending first one")
        .extracting(RequestRecord::index, RequestRecord::turn, RequestRecord::outcome)
        .containsExactly(tuple(0, 1, Outcome.PENDING), tuple(0, 2, Outcome.FAILURE));
    first.ended(Requests.success(1, Requests.STABLE));
    assertThat(arrivals.takeRecords(10)).extracting(RequestRecord::turn).containsExactly(1);
    clock.advance(Duration.ofSeconds(2));
    assertThat(arrivals.takeFast())
        .as("fast failures count only the first")
        .extracting(FastSlice::baseline, FastSlice::baselineFailed)
        .containsExactly(tuple(2, 0));
  }

  private static AdmittedRequest turn(IndexedSnapshot current, SessionUnit session, int turn) {
    AdmittedRequest lone = Requests.arrival(current, false, QUARTER);
    VersionDecision drawn = lone.decision();
    return new AdmittedRequest(
        lone.requestId(),
        lone.path(),
        lone.model(),
        lone.stream(),
        lone.key(),
        new VersionDecision(
            drawn.service(),
            drawn.arm(),
            false,
            drawn.rollout(),
            QUARTER,
            turn == 1 ? CohortMembership.COUNTED : CohortMembership.JOINED,
            Optional.of(session),
            turn,
            false),
        current,
        0);
  }

  @Test
  void a_mirrored_request_counts_once_in_each_arm_and_its_copy_follows_it() {
    IndexedSnapshot current = serve(Requests.withShadow(1, 0, QUARTER));
    lease();
    ArrivalRecorder.Entered one = arrivals.arrived(Requests.mirrored(current)).orElseThrow();
    ArrivalRecorder.Entered two = arrivals.arrived(Requests.mirrored(current)).orElseThrow();
    two.own().ended(Requests.success(1, Requests.STABLE));
    two.mirroredPair()
        .orElseThrow()
        .attemptEnded(Requests.failure(1, Requests.CANARY, Failure.Kind.RESET));
    one.own().ended(Requests.success(1, Requests.STABLE));
    assertThat(after(Duration.ofSeconds(5)))
        .extracting(
            ArrivalSlice::stratum,
            ArrivalSlice::weightMillionths,
            ArrivalSlice::canary,
            ArrivalSlice::baseline)
        .containsExactly(tuple(RequestSource.MIRRORED, 500_000, 2, 2));
    assertThat(arrivals.takeRecords(10))
        .extracting(RequestRecord::index, RequestRecord::canary, RequestRecord::outcome)
        .containsExactlyInAnyOrder(
            tuple(2, false, Outcome.SUCCESS),
            tuple(3, true, Outcome.FAILURE),
            tuple(0, false, Outcome.SUCCESS));
    clock.advance(Duration.ofSeconds(2));
    assertThat(arrivals.takeFast())
        .extracting(
            FastSlice::stratum, FastSlice::canary, FastSlice::canaryFailed, FastSlice::baseline)
        .containsExactly(tuple(RequestSource.MIRRORED, 2, 1, 2));
  }

  @Test
  void an_audience_that_is_drawn_and_others_that_are_mirrored_have_a_slice_each() {
    ServiceEntry service = Snapshots.service("chat", Requests.STABLE);
    var inside = List.of(new Audience(Map.of(), List.of("inside")));
    CanaryArm both =
        new CanaryArm(Requests.CANARY, Requests.ROLLOUT, 0, "salt", QUARTER, true, inside, 500_000);
    IndexedSnapshot current = serve(Snapshots.of(1, service.withCanary(Optional.of(both))));
    lease();
    arrive(current, true, QUARTER);
    arrivals.arrived(Requests.mirrored(current));
    assertThat(after(Duration.ofSeconds(5)))
        .extracting(
            ArrivalSlice::stratum,
            ArrivalSlice::weightMillionths,
            ArrivalSlice::canary,
            ArrivalSlice::baseline)
        .containsExactlyInAnyOrder(
            tuple(RequestSource.CLIENTS, QUARTER, 1, 0),
            tuple(RequestSource.MIRRORED, 500_000, 1, 1));
  }

  @Test
  void a_session_joins_with_both_halves() {
    IndexedSnapshot current = serve(Requests.withShadow(1, 0, QUARTER));
    lease();
    SessionUnit session = new SessionUnit(clock.getAsLong());
    for (int turn = 1; turn <= 2; turn++) {
      assertThat(arrivals.arrived(mirroredTurn(current, session, turn))).isPresent();
    }
    assertThat(arrivals.takeRecords(10))
        .extracting(RequestRecord::index, RequestRecord::canary, RequestRecord::turn)
        .containsExactly(
            tuple(0, false, 1), tuple(1, true, 1), tuple(0, false, 2), tuple(1, true, 2));
    assertThat(after(Duration.ofSeconds(5)))
        .extracting(ArrivalSlice::canary, ArrivalSlice::baseline)
        .containsExactly(tuple(1, 1));
  }

  private static AdmittedRequest mirroredTurn(
      IndexedSnapshot current, SessionUnit session, int turn) {
    VersionDecision drawn = turn(current, session, turn).decision();
    return Requests.mirrored(current, drawn.membership(), drawn.session(), turn);
  }

  @Test
  void two_whole_answers_are_compared_once_and_a_single_half_never() {
    IndexedSnapshot current = serve(Requests.withShadow(1, 3, QUARTER));
    lease();
    for (boolean copyFirst : List.of(true, false)) {
      MirroredPair mirroredPair =
          arrivals.arrived(Requests.mirrored(current)).orElseThrow().mirroredPair().orElseThrow();
      AttemptEnd own = Requests.withText("The sky is blue.", true, Requests.STABLE);
      AttemptEnd copied = Requests.withText("The sky is blue!", true, Requests.CANARY);
      if (copyFirst) {
        mirroredPair.attemptEnded(copied);
        mirroredPair.answered(own);
      } else {
        mirroredPair.answered(own);
        mirroredPair.attemptEnded(copied);
      }
    }
    MirroredPair half =
        arrivals.arrived(Requests.mirrored(current)).orElseThrow().mirroredPair().orElseThrow();
    half.answered(Requests.withText("Yes", true, Requests.STABLE));
    half.attemptEnded(Requests.failure(1, Requests.CANARY, Failure.Kind.CUT));
    assertThat(arrivals.takeAgreements())
        .singleElement()
        .satisfies(agreement -> {
          assertThat(agreement.step()).isEqualTo(3);
          assertThat(agreement.pairs()).isEqualTo(2);
          assertThat(agreement.greedy()).isEqualTo(2);
          assertThat(agreement.identical()).isZero();
          assertThat(agreement.similarityMillionths()).isBetween(1_600_000L, 1_999_999L);
        });
    assertThat(arrivals.takeAgreements()).as("reported once").isEmpty();
  }

  @Test
  void slices_without_arrivals_are_reported_too() {
    serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    assertThat(after(Duration.ofSeconds(5)))
        .extracting(ArrivalSlice::slice, ArrivalSlice::canary, ArrivalSlice::baseline)
        .containsExactly(tuple(1L, 0, 0));
    assertThat(after(Duration.ofSeconds(5))).extracting(ArrivalSlice::slice).containsExactly(2L);
  }

  @Test
  void generated_requests_have_their_own_slices_which_end_with_the_lease() {
    var generated = new Generated(RequestSource.PROBES, 10_000, false, List.of(), 16);
    RoutingSnapshot plain = Requests.withCanary(1, 0, QUARTER);
    ServiceEntry service = plain.services().getFirst();
    CanaryArm canary = service.canary().getFirst().generating(generated);
    IndexedSnapshot current = serve(Snapshots.of(1, service.withCanary(Optional.of(canary))));
    lease();
    RequestEntry probe =
        arrivals
            .counted(Requests.arrival(current, true, 500_000, CohortMembership.GENERATED))
            .own();
    arrivals.counted(Requests.arrival(current, false, 500_000, CohortMembership.GENERATED));
    arrive(current, false, QUARTER);
    probe.ended(Requests.success(1, Requests.CANARY));
    clock.advance(Duration.ofSeconds(2));
    assertThat(arrivals.takeFast())
        .extracting(FastSlice::stratum, FastSlice::canary, FastSlice::baseline)
        .containsExactlyInAnyOrder(
            tuple(RequestSource.PROBES, 1, 1), tuple(RequestSource.CLIENTS, 0, 1));
    assertThat(after(Duration.ofSeconds(3)))
        .extracting(
            ArrivalSlice::slice,
            ArrivalSlice::stratum,
            ArrivalSlice::weightMillionths,
            ArrivalSlice::canary,
            ArrivalSlice::baseline)
        .containsExactlyInAnyOrder(
            tuple(1L, RequestSource.CLIENTS, QUARTER, 0, 1),
            tuple(2L, RequestSource.PROBES, 500_000, 1, 1));
    assertThat(arrivals.takeRecords(10))
        .extracting(RequestRecord::slice, RequestRecord::index)
        .containsExactly(tuple(2L, 0));
    clock.advance(Duration.ofMinutes(1));
    arrivals.align();
    arrivals.takeClosed();
    assertThat(after(Duration.ofSeconds(5)))
        .extracting(ArrivalSlice::stratum, ArrivalSlice::weightMillionths)
        .containsExactly(tuple(RequestSource.CLIENTS, 0));
  }

  @Test
  void without_a_lease_the_reported_weight_is_zero_and_a_new_lease_starts_a_slice() {
    IndexedSnapshot current = serve(Requests.withCanary(1, 0, QUARTER));
    arrive(current, false, 0);
    clock.advance(Duration.ofSeconds(1));
    live.renewLease(clock.getAsLong(), 30_000);
    arrivals.align();
    arrive(current, true, QUARTER);
    clock.advance(Duration.ofSeconds(5));
    arrivals.align();
    assertThat(arrivals.takeClosed())
        .extracting(ArrivalSlice::weightMillionths, ArrivalSlice::canary, ArrivalSlice::baseline)
        .containsExactly(tuple(0, 0, 1), tuple(QUARTER, 1, 0));
  }

  @Test
  void requests_drawn_after_the_lease_ended_never_share_a_slice_with_those_before() {
    IndexedSnapshot current = serve(Requests.withCanary(1, 0, QUARTER));
    live.renewLease(clock.getAsLong(), 1_000);
    arrivals.align();
    arrivals.takeClosed();
    arrive(current, true, QUARTER);
    clock.advance(Duration.ofSeconds(1));
    arrive(current, false, 0); // the collector has not run yet
    arrivals.align();
    clock.advance(Duration.ofSeconds(5));
    arrivals.align();
    assertThat(arrivals.takeClosed())
        .extracting(ArrivalSlice::weightMillionths, ArrivalSlice::canary, ArrivalSlice::baseline)
        .containsExactly(tuple(QUARTER, 1, 0), tuple(0, 0, 1));
  }

  @Test
  void a_swap_that_changes_the_weight_closes_the_slice_at_once() {
    IndexedSnapshot first = serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    arrive(first, false, QUARTER);
    clock.advance(Duration.ofSeconds(2));
    IndexedSnapshot second = serve(Requests.withCanary(2, 1, 500_000));
    arrive(second, true, 500_000);
    assertThat(arrivals.takeClosed())
        .containsExactly(
            new ArrivalSlice(
                Requests.ROLLOUT, 0, 1, 1, QUARTER, startMillis, startMillis + 2_000, 0, 1));
    assertThat(after(Duration.ofSeconds(5)))
        .containsExactly(
            new ArrivalSlice(
                Requests.ROLLOUT,
                1,
                2,
                2,
                500_000,
                startMillis + 2_000,
                startMillis + 7_000,
                1,
                0));
  }

  @Test
  void a_swap_that_changes_nothing_for_the_service_leaves_the_slice_open() {
    IndexedSnapshot first = serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    arrive(first, false, QUARTER);
    IndexedSnapshot second =
        serve(
            Snapshots.withKeys(
                Requests.withCanary(2, 0, QUARTER), Snapshots.key("one more caller")));
    arrive(second, true, QUARTER);
    arrive(first, false, QUARTER);
    assertThat(after(Duration.ofSeconds(5)))
        .extracting(ArrivalSlice::snapshotSequence, ArrivalSlice::canary, ArrivalSlice::baseline)
        .containsExactly(tuple(1L, 1, 2));
  }

  @Test
  void a_request_that_arrives_late_after_a_swap_is_reported_in_the_slice_it_was_drawn_under() {
    IndexedSnapshot first = serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    IndexedSnapshot second = serve(Requests.withCanary(2, 1, 500_000));
    arrivals.takeClosed();
    arrive(first, true, QUARTER);
    arrive(second, false, 500_000);
    assertThat(after(Duration.ofMillis(500)))
        .extracting(
            ArrivalSlice::slice,
            ArrivalSlice::step,
            ArrivalSlice::snapshotSequence,
            ArrivalSlice::weightMillionths,
            ArrivalSlice::canary)
        .as("in numeric order, because control would otherwise miss the second")
        .containsExactly(tuple(2L, 1, 2L, 500_000, 0), tuple(3L, 0, 1L, QUARTER, 1));
    assertThat(after(Duration.ofSeconds(5)))
        .as("the current weight continues in the next slice")
        .extracting(ArrivalSlice::slice, ArrivalSlice::weightMillionths)
        .containsExactly(tuple(4L, 500_000));
  }

  @Test
  void the_end_of_a_rollout_closes_its_slice_and_its_numbers_are_never_used_again() {
    serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    serve(Requests.withoutCanary(2));
    assertThat(arrivals.takeClosed()).extracting(ArrivalSlice::slice).containsExactly(1L);
    assertThat(after(Duration.ofSeconds(5))).isEmpty();
    serve(Requests.withCanary(3, 0, QUARTER));
    assertThat(after(Duration.ofSeconds(5))).extracting(ArrivalSlice::slice).containsExactly(2L);
  }

  @Test
  void records_are_reported_at_the_first_token_and_at_the_end_of_the_first_attempt() {
    IndexedSnapshot current = serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    RequestEntry other = arrive(current, false, QUARTER);
    RequestEntry entry = arrive(current, true, QUARTER);
    entry.firstToken(20_000);
    assertThat(arrivals.takeRecords(10))
        .containsExactly(record(1, true, Outcome.PENDING, 20_000, -1, -1, 0));
    entry.ended(Requests.success(1, Requests.CANARY));
    other.endedWithoutAttempt(7_000);
    assertThat(arrivals.takeRecords(10))
        .containsExactly(
            record(1, true, Outcome.SUCCESS, 20_000, 5_000, 500_000, 34),
            record(0, false, Outcome.NEUTRAL, -1, -1, 7_000, 0));
    assertThat(arrivals.takeRecords(10)).isEmpty();
  }

  @Test
  void changes_between_two_collections_are_reported_once_in_their_latest_state() {
    IndexedSnapshot current = serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    RequestEntry entry = arrive(current, true, QUARTER);
    entry.firstToken(20_000);
    entry.ended(Requests.failure(1, Requests.CANARY, Failure.Kind.RESET));
    entry.firstToken(30_000); // of a later attempt
    entry.endedWithoutAttempt(1);
    assertThat(arrivals.takeRecords(10))
        .containsExactly(record(0, true, Outcome.FAILURE, -1, -1, 3_000, 0));
  }

  @Test
  void pending_changes_beyond_the_bound_are_dropped_and_counted_and_the_rest_is_reported() {
    IndexedSnapshot current = serve(Requests.withCanary(1, 0, QUARTER));
    lease();
    List<RequestEntry> entries =
        IntStream.range(0, 103).mapToObj(_ -> arrive(current, false, QUARTER)).toList();
    entries.forEach(e -> e.firstToken(1));
    assertThat(arrivals.lostRecords()).isEqualTo(3);
    assertThat(arrivals.takeRecords(60)).hasSize(60);
    assertThat(arrivals.takeRecords(60)).hasSize(40);
    entries.getLast().ended(Requests.success(1, Requests.STABLE));
    assertThat(arrivals.takeRecords(60))
        .extracting(RequestRecord::index, RequestRecord::outcome)
        .containsExactly(tuple(102, Outcome.SUCCESS));
  }

  private IndexedSnapshot serve(RoutingSnapshot snapshot) {
    live.install(SnapshotCodec.publish(snapshot));
    return live.current();
  }

  /// Grants a long lease and discards the weight-0 slice before it (number 0).
  private void lease() {
    live.renewLease(clock.getAsLong(), 30_000);
    arrivals.align();
    arrivals.takeClosed();
  }

  private RequestEntry arrive(IndexedSnapshot current, boolean toCanary, int weightMillionths) {
    return arrivals
        .arrived(Requests.arrival(current, toCanary, weightMillionths))
        .orElseThrow()
        .own();
  }

  /// The slices that the heartbeat after this time closes.
  private List<ArrivalSlice> after(Duration pause) {
    clock.advance(pause);
    arrivals.align();
    return arrivals.takeClosed();
  }

  private static RequestRecord record(
      int index, boolean canary, Outcome outcome, long ttft, long itl, long e2e, int tokens) {
    return new RequestRecord(
            Requests.ROLLOUT, 1, index, canary, outcome, ttft, itl, e2e, tokens, false)
        .withForm(ResponseForm.STREAM, AnswerContent.UNKNOWN);
  }
}
