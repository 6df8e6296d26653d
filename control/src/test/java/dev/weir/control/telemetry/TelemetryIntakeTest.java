// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.analysis.Agreement;
import dev.weir.analysis.Cohort;
import dev.weir.analysis.metric.AnswerTrait;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.sequential.SliceCounts;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.GatewayRegistry;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.telemetry.CohortRegistry.OpenCohorts;
import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.ResponseForm;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TelemetryIntakeTest {
  private static final String ROLLOUT = "default/chat-1";

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private Store store;
  private CohortRegistry cohortRegistry;
  private TelemetryIntake intake;

  @BeforeEach
  void open() {
    store = SqliteStore.open(folder, clock);
    restart();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void restart() {
    ObservationStore observationStore =
        new ObservationStore(store.observations(), CrashPoints.NONE);
    ControlClock look = new ControlClock(clock, clock);
    TelemetryOffsets telemetryOffsets = new TelemetryOffsets(observationStore);
    cohortRegistry = new CohortRegistry(observationStore, telemetryOffsets);
    intake =
        new TelemetryIntake(
            new GatewayRegistry(
                store.identity(),
                observationStore,
                look,
                clock,
                Duration.ofSeconds(3),
                Duration.ofSeconds(30)),
            new BaselineStore(observationStore, look),
            cohortRegistry,
            telemetryOffsets,
            look,
            ROLLOUT::equals,
            news -> {},
            CrashPoints.NONE);
  }

  private static Telemetry batch(
      long number, long lost, List<ArrivalSlice> arrivals, List<RequestRecord> records) {
    return new Telemetry(
        "gw",
        "boot",
        number,
        "1",
        List.of(1),
        3,
        "hash",
        1_000_000 + number * 500,
        lost,
        List.of(),
        arrivals,
        records,
        List.of());
  }

  private static ArrivalSlice slice(long number, int canary, int baseline) {
    return new ArrivalSlice(ROLLOUT, 0, number, 3, 250_000, 995_000, 1_000_000, canary, baseline);
  }

  private static RequestRecord row(long slice, int index, boolean canary, Outcome outcome) {
    return new RequestRecord(ROLLOUT, slice, index, canary, outcome, 1_000, -1, 2_000, 5, false);
  }

  private long accept(Telemetry telemetry) throws IOException {
    return intake.accept(telemetry);
  }

  private OpenCohorts open(long noted) {
    return cohortRegistry.open(ROLLOUT, noted);
  }

  @Test
  void fast_slices_and_traits_reach_the_analysis_once_and_survive_a_restart() throws IOException {
    RequestRecord refused =
        new RequestRecord(
            ROLLOUT,
            0,
            0,
            true,
            Outcome.SUCCESS,
            1_000,
            -1,
            2_000,
            5,
            false,
            Set.of(Telemetry.Trait.REFUSAL));
    Telemetry plain = batch(1, 0, List.of(slice(0, 1, 0)), List.of(refused));
    Telemetry told =
        new Telemetry(
            "gw",
            "boot",
            1,
            "1",
            List.of(1),
            3,
            "hash",
            plain.nowMillis(),
            0,
            List.of(),
            plain.arrivals(),
            plain.records(),
            List.of(
                new Telemetry.FastSlice(ROLLOUT, 0, 250_000, 1_000_000, 1_000_500, 4, 2, 12, 1),
                new Telemetry.FastSlice(ROLLOUT, 0, 0, 1_000_000, 1_000_500, 0, 0, 9, 0)),
            List.of(
                new Telemetry.Agreement(ROLLOUT, 0, 3, 2_500_000, 2, 1),
                new Telemetry.Agreement(ROLLOUT, 0, 1, 1_000_000, 0, 0)),
            List.of());
    accept(told);
    accept(told);
    restart();
    assertThat(open(0).fast())
        .singleElement()
        .satisfies(fast -> {
          assertThat(fast.rho()).isEqualTo(.25);
          assertThat(fast.counts()).isEqualTo(new SliceCounts(2, 4, 1, 12));
        });
    assertThat(open(1).fast()).as("noted before").isEmpty();
    assertThat(open(0).agreement()).isEqualTo(new Agreement(4, 3.5, 2, 1));
    assertThat(open(1).agreement()).as("noted before").isEqualTo(Agreement.NONE);
    assertThat(open(0).cohorts().getFirst().observations())
        .singleElement()
        .satisfies(seen -> {
          assertThat(seen.traits()).containsExactly(AnswerTrait.REFUSAL);
          assertThat(seen.outputTokens()).hasValue(5);
        });
  }

  @Test
  void what_was_asked_for_and_that_nothing_came_reach_the_analysis_and_survive_a_restart()
      throws IOException {
    List<RequestRecord> rows =
        List.of(
            row(0, 0, true, Outcome.SUCCESS).withForm(ResponseForm.STREAM, AnswerContent.NONE),
            row(0, 1, true, Outcome.SUCCESS)
                .withForm(ResponseForm.WHOLE, AnswerContent.SOME)
                .withPrefillTokens(700),
            row(0, 2, true, Outcome.PENDING).withForm(ResponseForm.OTHER, AnswerContent.UNKNOWN),
            row(0, 3, true, Outcome.SUCCESS));
    accept(batch(1, 0, List.of(slice(0, 5, 0)), rows));
    restart();
    assertThat(open(0).cohorts().getFirst().observations())
        .extracting(Observation::form, Observation::traits)
        .as("the last one is a request without a record")
        .containsExactly(
            tuple(dev.weir.analysis.metric.AnswerForm.STREAM, Set.of(AnswerTrait.EMPTY)),
            tuple(dev.weir.analysis.metric.AnswerForm.WHOLE, Set.of()),
            tuple(dev.weir.analysis.metric.AnswerForm.OTHER, Set.of()),
            tuple(dev.weir.analysis.metric.AnswerForm.UNKNOWN, Set.of()),
            tuple(dev.weir.analysis.metric.AnswerForm.UNKNOWN, Set.of()));
    assertThat(open(0).cohorts().getFirst().observations())
        .extracting(Observation::prefillTokens)
        .containsExactly(0, 700, 0, 0, 0);
  }

  @Test
  void generated_slices_are_cohorts_of_their_own_stratum_after_a_restart_too() throws IOException {
    ArrivalSlice probes =
        new ArrivalSlice(ROLLOUT, 0, 1, 3, 500_000, 995_000, 1_000_000, RequestSource.PROBES, 1, 1);
    accept(batch(1, 0, List.of(slice(0, 1, 0), probes), List.of(row(1, 0, true, Outcome.FAILURE))));
    restart();
    assertThat(open(0).cohorts())
        .extracting(Cohort::stratum, Cohort::rho)
        .containsExactly(
            tuple(dev.weir.analysis.Stratum.CLIENTS, .25),
            tuple(dev.weir.analysis.Stratum.PROBES, .5));
    assertThat(open(0).cohorts().getLast().observations()).hasSize(2);
  }

  @Test
  void mirrored_slices_are_pairs_of_which_one_that_nobody_told_of_is_pending() throws IOException {
    ArrivalSlice pairs =
        new ArrivalSlice(
            ROLLOUT, 0, 0, 3, 500_000, 995_000, 1_000_000, RequestSource.MIRRORED, 2, 2);
    accept(
        batch(
            1,
            0,
            List.of(pairs),
            List.of(
                row(0, 0, false, Outcome.SUCCESS),
                row(0, 1, true, Outcome.FAILURE),
                row(0, 2, false, Outcome.SUCCESS))));
    Cohort cohort = open(0).cohorts().getFirst();
    assertThat(cohort.stratum()).isEqualTo(dev.weir.analysis.Stratum.MIRRORED);
    assertThat(cohort.observations())
        .extracting(Observation::arm, Observation::outcome)
        .containsExactly(
            tuple(Arm.BASELINE, dev.weir.analysis.metric.Outcome.SUCCESS),
            tuple(Arm.CANARY, dev.weir.analysis.metric.Outcome.FAILURE),
            tuple(Arm.BASELINE, dev.weir.analysis.metric.Outcome.SUCCESS),
            tuple(Arm.CANARY, dev.weir.analysis.metric.Outcome.PENDING));
  }

  @Test
  void a_batch_stored_by_the_program_before_is_read() {
    String former =
        "{\"sequence\":1,\"gateway\":\"gw\",\"boot\":\"boot\",\"receivedMillis\":9,\"nowMillis\":9,"
            + "\"missing\":0,\"arrivals\":[],\"records\":[{\"rollout\":\"r\",\"slice\":0,\"index\":0,"
            + "\"canary\":true,\"outcome\":\"SUCCESS\",\"ttftMicros\":1,\"itlMicros\":1,"
            + "\"e2eMicros\":1,\"outputTokens\":1,\"truncated\":false}]}";
    store.observations().put("cohorts", "r/000000000001", former);
    StoredBatch read =
        new ObservationStore(store.observations(), CrashPoints.NONE)
            .get("cohorts", "r/000000000001", StoredBatch.class)
            .orElseThrow();
    assertThat(read.fast()).isEmpty();
    assertThat(read.records().getFirst().traits()).isEmpty();
    assertThat(read.records().getFirst().prefillTokens()).isZero();
  }

  @Test
  void requests_of_a_session_are_one_unit_that_is_waited_for() throws IOException {
    accept(
        batch(1, 0, List.of(), List.of(turn(0, 1, Outcome.SUCCESS), turn(1, 1, Outcome.PENDING))));
    accept(batch(2, 0, List.of(slice(0, 2, 1)), List.of(turn(0, 2, Outcome.FAILURE))));
    restart();
    Cohort cohort = open(0).cohorts().getFirst();
    assertThat(cohort.sessionsEndMillis() - cohort.endMillis()).isEqualTo(Telemetry.SESSION_MILLIS);
    assertThat(cohort.observations()).as("two sessions and one unheard of").hasSize(3);
    assertThat(cohort.observations().getFirst().sessionRequests())
        .extracting(Observation::outcome)
        .containsExactly(dev.weir.analysis.metric.Outcome.FAILURE);
  }

  @Test
  void sessions_that_are_full_are_not_waited_for_and_a_first_that_is_unheard_of_is_pending()
      throws IOException {
    accept(
        batch(
            1,
            0,
            List.of(slice(0, 1, 0)),
            List.of(turn(0, 2, Outcome.SUCCESS), turn(0, 5, Outcome.SUCCESS))));
    Cohort cohort = open(0).cohorts().getFirst();
    assertThat(cohort.sessionsEndMillis()).isEqualTo(cohort.endMillis());
    assertThat(cohort.observations())
        .singleElement()
        .satisfies(unit -> {
          assertThat(unit.outcome()).isEqualTo(dev.weir.analysis.metric.Outcome.PENDING);
          assertThat(unit.sessionRequests()).hasSize(2);
        });
  }

  private static RequestRecord turn(int index, int turn, Outcome outcome) {
    return new RequestRecord(
        ROLLOUT, 0, index, true, outcome, 1_000, -1, 2_000, 5, false, Set.of(), turn);
  }

  @Test
  void a_batch_counts_once_however_often_it_comes() throws IOException {
    Telemetry first =
        batch(1, 0, List.of(slice(0, 1, 1)), List.of(row(0, 0, true, Outcome.SUCCESS)));
    assertThat(accept(first)).isEqualTo(1);
    assertThat(accept(first)).isEqualTo(1);
    restart();
    assertThat(accept(first)).isEqualTo(1);
    assertThat(open(0).cohorts())
        .singleElement()
        .satisfies(c -> assertThat(c.observations()).hasSize(2));
    assertThat(store.observations().list("cohorts", ROLLOUT)).hasSize(1);
  }

  @Test
  void records_are_amended_and_what_nobody_spoke_of_is_pending() throws IOException {
    accept(batch(1, 0, List.of(), List.of(row(0, 0, true, Outcome.PENDING))));
    accept(batch(2, 0, List.of(slice(0, 2, 1)), List.of()));
    accept(batch(3, 0, List.of(), List.of(row(0, 0, true, Outcome.FAILURE))));
    Cohort cohort = open(0).cohorts().getFirst();
    assertThat(cohort.id()).isEqualTo("gw/boot/3/0");
    assertThat(cohort.rho()).isEqualTo(.25);
    assertThat(cohort.observations()).filteredOn(o -> o.arm() == Arm.CANARY).hasSize(2);
    assertThat(cohort.observations())
        .extracting(Observation::outcome)
        .containsExactly(
            dev.weir.analysis.metric.Outcome.FAILURE,
            dev.weir.analysis.metric.Outcome.PENDING,
            dev.weir.analysis.metric.Outcome.PENDING);
  }

  @Test
  void a_cohort_knows_up_to_when_its_gateway_has_told() throws IOException {
    accept(batch(1, 0, List.of(slice(0, 1, 0)), List.of()));
    assertThat(toldAfterItsEnd()).isEqualTo(500);
    accept(batch(2, 0, List.of(), List.of()));
    assertThat(toldAfterItsEnd()).isEqualTo(1_000);
    restart();
    assertThat(toldAfterItsEnd()).isEqualTo(500);
    accept(batch(3, 0, List.of(), List.of(row(0, 0, true, Outcome.SUCCESS))));
    assertThat(toldAfterItsEnd()).isEqualTo(1_500);
  }

  private long toldAfterItsEnd() {
    Cohort cohort = open(0).cohorts().getFirst();
    return cohort.reportedUntilMillis() - cohort.endMillis();
  }

  @Test
  void a_batch_out_of_order_is_put_off_until_its_turn() throws IOException {
    assertThat(accept(batch(1, 0, List.of(slice(0, 1, 0)), List.of()))).isEqualTo(1);
    assertThat(accept(batch(3, 0, List.of(slice(2, 1, 0)), List.of()))).isEqualTo(1);
    assertThat(accept(batch(2, 0, List.of(slice(1, 1, 0)), List.of()))).isEqualTo(2);
    assertThat(accept(batch(3, 0, List.of(slice(2, 1, 0)), List.of()))).isEqualTo(3);
    assertThat(open(0).missing()).isZero();
    assertThat(open(0).cohorts())
        .extracting(Cohort::id)
        .containsExactly("gw/boot/3/0", "gw/boot/3/1", "gw/boot/3/2");
    assertThat(open(0).cohorts()).extracting(Cohort::ordinal).isSorted();
  }

  @Test
  void what_the_gateway_gave_up_is_missing() throws IOException {
    accept(batch(1, 0, List.of(slice(0, 1, 0)), List.of()));
    assertThat(accept(batch(4, 2, List.of(slice(2, 1, 0)), List.of()))).isEqualTo(4);
    OpenCohorts open = open(0);
    assertThat(open.missing()).isEqualTo(2);
    assertThat(open(open.newest()).missing()).isZero();
  }

  @Test
  void a_gap_that_stays_is_missing_in_the_end() throws IOException {
    accept(batch(1, 0, List.of(slice(0, 1, 0)), List.of()));
    Telemetry ahead = batch(5, 0, List.of(slice(3, 1, 0)), List.of());
    accept(ahead);
    accept(ahead);
    assertThat(accept(ahead)).isEqualTo(5);
    assertThat(open(0).missing()).isEqualTo(3);
  }

  @Test
  void a_slice_without_canary_weight_is_no_cohort() throws IOException {
    ArrivalSlice unleased = new ArrivalSlice(ROLLOUT, 0, 0, 3, 0, 995_000, 1_000_000, 0, 9);
    accept(batch(1, 0, List.of(unleased), List.of(row(0, 0, false, Outcome.SUCCESS))));
    assertThat(open(0).cohorts()).isEmpty();
    assertThat(cohortRegistry.freedBy(ROLLOUT, List.of(), open(0).newest())).hasSize(1);
  }

  @Test
  void a_slice_is_as_old_as_its_gateway_says_whatever_the_clocks_show() throws IOException {
    accept(
        new Telemetry(
            "gw",
            "boot",
            1,
            "1",
            List.of(1),
            3,
            "h",
            77_002_000,
            0,
            List.of(),
            List.of(new ArrivalSlice(ROLLOUT, 0, 0, 3, 250_000, 76_995_000, 77_000_000, 1, 1)),
            List.of(),
            List.of()));
    long now = clock.instant().toEpochMilli();
    Cohort cohort = open(0).cohorts().getFirst();
    assertThat(cohort.endMillis()).isEqualTo(now - 2_000);
    assertThat(cohort.startMillis()).isEqualTo(now - 7_000);
    clock.advance(Duration.ofSeconds(9));
    restart();
    assertThat(open(0).cohorts().getFirst().endMillis()).isEqualTo(now - 2_000);
  }

  @Test
  void consumed_cohorts_free_their_batches_and_late_records_keep_none() throws IOException {
    accept(batch(1, 0, List.of(slice(0, 1, 0)), List.of(row(1, 0, true, Outcome.PENDING))));
    accept(batch(2, 0, List.of(slice(1, 1, 0)), List.of(row(0, 0, true, Outcome.SUCCESS))));
    long newest = open(0).newest();
    List<String> first = List.of("gw/boot/3/0");
    assertThat(cohortRegistry.freedBy(ROLLOUT, first, newest)).isEmpty();
    cohortRegistry.forget(ROLLOUT, first, newest);
    assertThat(cohortRegistry.freedBy(ROLLOUT, List.of("gw/boot/3/1"), newest)).hasSize(2);
    cohortRegistry.forget(ROLLOUT, List.of("gw/boot/3/1"), newest);
    accept(batch(3, 0, List.of(), List.of(row(0, 0, true, Outcome.FAILURE))));
    assertThat(open(0).cohorts()).isEmpty();
    assertThat(cohortRegistry.freedBy(ROLLOUT, List.of(), open(0).newest())).hasSize(1);
  }

  @Test
  void what_a_killed_gateway_had_not_closed_is_missing_once_and_an_orderly_end_loses_nothing()
      throws IOException {
    accept(
        batch(
            1,
            0,
            List.of(slice(0, 1, 0)),
            List.of(row(0, 0, true, Outcome.SUCCESS), row(1, 0, true, Outcome.SUCCESS))));
    accept(of("second", 1, List.of(slice(0, 1, 0)), List.of()));
    assertThat(open(0).missing()).isEqualTo(1);
    assertThat(open(0).cohorts())
        .extracting(Cohort::id)
        .containsExactly("gw/boot/3/0", "gw/second/3/0");
    restart();
    accept(of("second", 2, List.of(slice(1, 1, 0)), List.of()));
    accept(of("third", 1, List.of(slice(0, 1, 0)), List.of()));
    assertThat(open(0).missing()).as("the second run had closed all it had opened").isEqualTo(1);
  }

  /// A gateway sends its batches in order, each until it is acknowledged, over a link that loses
  /// either way, repeats what it delivered long ago, and whose control plane dies in between.
  @Test
  void over_any_faulty_link_every_request_is_counted_once_and_none_is_missed() throws IOException {
    for (int seed = 1; seed <= 40; seed++) {
      String boot = "boot-" + seed;
      var random = new SplittableRandom(seed);
      List<Telemetry> made = run(boot, random);
      List<Telemetry> delivered = new ArrayList<>();
      int next = 0;
      while (next < made.size()) {
        if (random.nextInt(12) == 0) {
          restart();
        }
        if (!delivered.isEmpty() && random.nextInt(3) == 0) {
          accept(delivered.get(random.nextInt(delivered.size())));
        }
        boolean arrives = random.nextInt(4) != 0;
        boolean answered = random.nextInt(4) != 0;
        if (arrives) {
          delivered.add(made.get(next));
          long acknowledged = accept(made.get(next));
          next = answered ? (int) Math.max(next, acknowledged) : next;
        }
      }
      List<Cohort> mine =
          open(0).cohorts().stream().filter(c -> c.id().startsWith("gw/" + boot + "/")).toList();
      assertThat(mine.stream().mapToInt(c -> c.observations().size()).sum())
          .as("requests of seed %d", seed)
          .isEqualTo(
              made.stream()
                  .flatMap(t -> t.arrivals().stream())
                  .mapToInt(s -> s.canary() + s.baseline())
                  .sum());
      assertThat(
              mine.stream()
                  .flatMap(c -> c.observations().stream())
                  .filter(o -> o.outcome() == dev.weir.analysis.metric.Outcome.FAILURE)
                  .count())
          .as("failures of seed %d", seed)
          .isEqualTo(
              made.stream()
                  .flatMap(t -> t.records().stream())
                  .filter(r -> r.outcome() == Outcome.FAILURE)
                  .count());
      assertThat(open(0).missing()).as("missing, seed %d", seed).isZero();
    }
  }

  /// Batches with two requests a slice, whose records come a batch before the slice is closed.
  private List<Telemetry> run(String boot, SplittableRandom random) {
    List<Telemetry> batches = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      List<RequestRecord> records =
          i == 11
              ? List.of()
              : List.of(
                  row(i, 0, true, random.nextBoolean() ? Outcome.FAILURE : Outcome.SUCCESS),
                  row(i, 1, false, Outcome.SUCCESS));
      List<ArrivalSlice> slices = i == 0 ? List.of() : List.of(slice(i - 1, 1, 1));
      batches.add(of(boot, i + 1, slices, records));
    }
    return batches;
  }

  private static Telemetry of(
      String boot, long number, List<ArrivalSlice> arrivals, List<RequestRecord> records) {
    Telemetry batch = batch(number, 0, arrivals, records);
    return new Telemetry(
        batch.gateway(),
        boot,
        number,
        batch.version(),
        batch.formatVersions(),
        batch.snapshotSequence(),
        batch.snapshotHash(),
        batch.nowMillis(),
        0,
        List.of(),
        arrivals,
        records,
        List.of());
  }

  @Test
  void the_counters_tell_accepted_from_repeated_and_lost() throws IOException {
    var registry = new SimpleMeterRegistry();
    intake.bindTo(registry);
    accept(batch(1, 0, List.of(), List.of()));
    accept(batch(1, 0, List.of(), List.of()));
    accept(batch(4, 2, List.of(), List.of()));
    assertThat(registry.get("weir.control.telemetry.batches").functionCounter().count())
        .isEqualTo(2);
    assertThat(registry.get("weir.control.telemetry.batches.repeated").functionCounter().count())
        .isEqualTo(1);
    assertThat(registry.get("weir.control.telemetry.batches.lost").functionCounter().count())
        .isEqualTo(2);
  }

  @Test
  void what_is_not_observed_costs_no_disk() throws IOException {
    RequestRecord other =
        new RequestRecord("default/old-7", 0, 0, true, Outcome.SUCCESS, 1, 1, 1, 1, false);
    assertThat(accept(batch(1, 0, List.of(), List.of(other)))).isEqualTo(1);
    assertThat(store.observations().list("cohorts", "")).isEmpty();
    assertThat(store.observations().list("telemetry.marks", "")).isEmpty();
  }
}
