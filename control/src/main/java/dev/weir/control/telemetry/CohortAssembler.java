// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.analysis.Agreement;
import dev.weir.analysis.Cohort;
import dev.weir.analysis.FastSlice;
import dev.weir.analysis.Stratum;
import dev.weir.analysis.metric.AnswerForm;
import dev.weir.analysis.metric.AnswerTrait;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.sequential.SliceCounts;
import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.RequestRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The open cohorts of one rollout, assembled from stored batches and rebuilt from them after a
/// restart. Not thread-safe: [CohortRegistry] guards it.
///
/// A slice without canary weight (the lease had ended) is not a cohort, because it has no
/// randomised requests. A request that a slice counts but that has no record is pending, in the arm
/// that lacks records.
final class CohortAssembler {
  private static final double MILLION = 1_000_000;
  private static final int ORDINALS_PER_BATCH = 10_000;

  private final Map<SliceKey, Slice> slices = new LinkedHashMap<>();
  private final Map<String, Long> nextSlice = new HashMap<>();
  private final Map<String, Long> reportedUntil = new HashMap<>();
  private final Map<Long, Set<SliceKey>> uses = new TreeMap<>();
  private final Map<Long, Long> missing = new TreeMap<>();
  private final NavigableMap<Long, List<FastSlice>> fast = new TreeMap<>();
  private final NavigableMap<Long, Agreement> agreements = new TreeMap<>();
  private long newest;

  record SliceKey(String gateway, String boot, long slice) {
    String source() {
      return gateway + "/" + boot;
    }
  }

  /// The known part of a slice.
  private static final class Slice {
    private final NavigableMap<Integer, NavigableMap<Integer, RequestRecord>> records =
        new TreeMap<>();
    private final Set<Long> batches = new HashSet<>();
    private @Nullable Closed closed;
    private @Nullable Cohort made;
  }

  private record Closed(
      ArrivalSlice slice, String id, long ordinal, long startMillis, long endMillis) {
    /// Converts a time of the gateway's clock to the control clock.
    long onLookClock(long gatewayMillis) {
      return endMillis + gatewayMillis - slice.endMillis();
    }
  }

  /// @param newest the highest sequence that was assigned in this rollout
  CohortAssembler(long newest) {
    this.newest = newest;
  }

  long newest() {
    return newest;
  }

  /// Whether batches were removed: sequences count from 1 without gaps.
  boolean consumed() {
    return uses.size() < newest;
  }

  /// Adds one accepted batch; batches come in order of sequence.
  void add(StoredBatch batch) {
    newest = Math.max(newest, batch.sequence());
    recordReportedUntil(batch.gateway(), batch.boot(), batch.nowMillis());
    uses.put(batch.sequence(), new HashSet<>());
    if (batch.missing() > 0) {
      missing.put(batch.sequence(), batch.missing());
    }
    if (!batch.fast().isEmpty()) {
      fast.put(batch.sequence(), fastSlices(batch));
    }
    if (!batch.agreements().isEmpty()) {
      agreements.put(batch.sequence(), agreement(batch));
    }
    abandoned(batch.gateway(), batch.boot()).forEach(this::remove);
    for (RequestRecord row : batch.records()) {
      addRecord(batch, row);
    }
    for (int i = 0; i < batch.arrivals().size(); i++) {
      addSlice(batch, batch.arrivals().get(i), i);
    }
  }

  /// Records the time up to which a run of a gateway has reported everything, on its clock.
  void recordReportedUntil(String gateway, String boot, long gatewayMillis) {
    reportedUntil.merge(gateway + "/" + boot, gatewayMillis, Math::max);
  }

  /// Slices that will never be closed: they have records, but the gateway has started another run.
  /// The previous run was killed and lost what it had not sent.
  List<SliceKey> abandoned(String gateway, String boot) {
    return slices.entrySet().stream()
        .filter(e -> e.getValue().closed == null)
        .map(Map.Entry::getKey)
        .filter(key -> key.gateway().equals(gateway) && !key.boot().equals(boot))
        .toList();
  }

  /// Removes records of slices that ended before this log started.
  ///
  /// @param next the first slice of this gateway and boot that is not closed
  void dropBefore(String gateway, String boot, long next) {
    List<SliceKey> stale =
        slices.entrySet().stream()
            .filter(e -> e.getKey().gateway().equals(gateway) && e.getKey().boot().equals(boot))
            .filter(e -> e.getKey().slice() < next && e.getValue().closed == null)
            .map(Map.Entry::getKey)
            .toList();
    stale.forEach(this::remove);
    nextSlice.merge(gateway + "/" + boot, next, Math::max);
  }

  /// All closed cohorts that were not removed, in order.
  List<Cohort> cohorts() {
    List<Cohort> cohorts = new ArrayList<>();
    slices.forEach((key, slice) -> {
      if (slice.closed != null) {
        Cohort made = slice.made == null ? cohort(slice.closed, slice.records) : slice.made;
        slice.made = made;
        cohorts.add(
            made.withReportedUntil(
                slice.closed.onLookClock(reportedUntil.getOrDefault(key.source(), 0L))));
      }
    });
    cohorts.sort(Comparator.comparingLong(Cohort::ordinal));
    return cohorts;
  }

  /// The number of lost slices that batches after `noted` report.
  long missingAfter(long noted) {
    return missing.entrySet().stream()
        .filter(e -> e.getKey() > noted)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /// The batches up to `noted` that are unused once the cohorts of `done` are removed.
  List<Long> freedBy(Collection<String> done, long noted) {
    Set<SliceKey> going = keys(done);
    return uses.entrySet().stream()
        .filter(e -> e.getKey() <= noted && going.containsAll(e.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /// Removes consumed cohorts and the batches that were freed with them.
  void forget(Collection<String> done, List<Long> freed) {
    keys(done).forEach(this::remove);
    freed.forEach(uses::remove);
    freed.forEach(missing::remove);
    freed.forEach(fast::remove);
    freed.forEach(agreements::remove);
  }

  /// The fast failures in batches after this sequence.
  List<FastSlice> fastAfter(long noted) {
    return fast.tailMap(noted, false).values().stream().flatMap(List::stream).toList();
  }

  /// Whether batches after this sequence contain a fast failure of the canary.
  boolean failsFastAfter(long noted) {
    return fast.tailMap(noted, false).values().stream()
        .flatMap(List::stream)
        .anyMatch(slice -> slice.counts().canaryBad() > 0);
  }

  /// The agreement of the pairs in batches after this sequence.
  Agreement agreementAfter(long noted) {
    return agreements.tailMap(noted, false).values().stream()
        .reduce(Agreement.NONE, Agreement::plus);
  }

  private static Agreement agreement(StoredBatch batch) {
    return batch.agreements().stream()
        .map(reported ->
            new Agreement(
                reported.pairs(),
                Math.clamp(reported.similarityMillionths() / MILLION, 0, reported.pairs()),
                reported.greedy(),
                reported.identical()))
        .reduce(Agreement.NONE, Agreement::plus);
  }

  private static List<FastSlice> fastSlices(StoredBatch batch) {
    List<FastSlice> slices = new ArrayList<>();
    for (Telemetry.FastSlice reported : batch.fast()) {
      if (reported.weightMillionths() > 0 && reported.weightMillionths() < MILLION) {
        int place = Math.min(slices.size(), ORDINALS_PER_BATCH - 1);
        slices.add(
            new FastSlice(
                batch.sequence() * ORDINALS_PER_BATCH + place,
                batch.onLookClock(reported.startMillis()),
                batch.onLookClock(reported.endMillis()),
                reported.weightMillionths() / MILLION,
                stratum(reported.stratum()),
                new SliceCounts(
                    reported.canaryFailed(),
                    reported.canary(),
                    reported.baselineFailed(),
                    reported.baseline())));
      }
    }
    return slices;
  }

  private Set<SliceKey> keys(Collection<String> cohortIds) {
    Set<String> ids = new HashSet<>(cohortIds);
    Set<SliceKey> keys = new HashSet<>();
    slices.forEach((key, slice) -> {
      if (slice.closed != null && ids.contains(slice.closed.id())) {
        keys.add(key);
      }
    });
    return keys;
  }

  private void addRecord(StoredBatch batch, RequestRecord row) {
    SliceKey key = new SliceKey(batch.gateway(), batch.boot(), row.slice());
    Slice slice = slices.get(key);
    if (slice == null) {
      long next = nextSlice.getOrDefault(batch.gateway() + "/" + batch.boot(), 0L);
      if (row.slice() < next) {
        return; // its cohort is consumed: too late to count
      }
      slice = new Slice();
      slices.put(key, slice);
    }
    slice.records.computeIfAbsent(row.index(), _ -> new TreeMap<>()).put(row.turn(), row);
    slice.made = null;
    use(batch, key, slice);
  }

  private void addSlice(StoredBatch batch, ArrivalSlice arrived, int index) {
    String source = batch.gateway() + "/" + batch.boot();
    if (arrived.slice() < nextSlice.getOrDefault(source, 0L)) {
      return; // already reported
    }
    nextSlice.put(source, arrived.slice() + 1);
    SliceKey key = new SliceKey(batch.gateway(), batch.boot(), arrived.slice());
    if (arrived.weightMillionths() <= 0 || arrived.weightMillionths() >= MILLION) {
      remove(key);
      return;
    }
    Slice slice = slices.computeIfAbsent(key, k -> new Slice());
    long end = batch.onLookClock(arrived.endMillis());
    slice.closed =
        new Closed(
            arrived,
            source + "/" + arrived.snapshotSequence() + "/" + arrived.slice(),
            batch.sequence() * ORDINALS_PER_BATCH + Math.min(index, ORDINALS_PER_BATCH - 1),
            end - Math.max(0, arrived.endMillis() - arrived.startMillis()),
            end);
    slice.made = null;
    use(batch, key, slice);
  }

  private void use(StoredBatch batch, SliceKey key, Slice slice) {
    slice.batches.add(batch.sequence());
    Optional.ofNullable(uses.get(batch.sequence())).ifPresent(keys -> keys.add(key));
  }

  private void remove(SliceKey key) {
    Slice slice = slices.remove(key);
    if (slice != null) {
      for (long batch : slice.batches) {
        Optional.ofNullable(uses.get(batch)).ifPresent(keys -> keys.remove(key));
      }
    }
  }

  /// @param units records by index and turn; a session may have several
  private static Cohort cohort(
      Closed closed, NavigableMap<Integer, NavigableMap<Integer, RequestRecord>> units) {
    ArrivalSlice slice = closed.slice();
    int canaryLeft = slice.canary();
    int baselineLeft = slice.baseline();
    List<Observation> observations = new ArrayList<>();
    for (NavigableMap<Integer, RequestRecord> unit : units.values()) {
      if (unit.firstEntry().getValue().canary() ? canaryLeft-- > 0 : baselineLeft-- > 0) {
        observations.add(observation(unit));
      }
    }
    addPending(observations, Arm.CANARY, canaryLeft);
    addPending(observations, Arm.BASELINE, baselineLeft);
    boolean grows = units.values().stream().anyMatch(CohortAssembler::mayGrow);
    return new Cohort(
        closed.id(),
        closed.ordinal(),
        closed.startMillis(),
        closed.endMillis(),
        slice.weightMillionths() / MILLION,
        closed.endMillis(),
        closed.endMillis() + (grows ? Telemetry.SESSION_MILLIS : 0),
        stratum(slice.stratum()),
        observations);
  }

  private static Stratum stratum(dev.weir.snapshot.RequestSource source) {
    return switch (source) {
      case CLIENTS -> Stratum.CLIENTS;
      case PROBES -> Stratum.PROBES;
      case RECORDED -> Stratum.RECORDED;
      case MIRRORED -> Stratum.MIRRORED;
    };
  }

  private static boolean mayGrow(NavigableMap<Integer, RequestRecord> unit) {
    int turn = unit.lastKey();
    return turn > 0 && turn < Telemetry.MAX_SESSION_REQUESTS;
  }

  /// The observation of a unit. If the first request of a session has no record yet, it is pending.
  private static Observation observation(NavigableMap<Integer, RequestRecord> unit) {
    RequestRecord first = unit.firstEntry().getValue();
    if (first.turn() > 1) {
      Arm arm = first.canary() ? Arm.CANARY : Arm.BASELINE;
      return Observation.pending(arm).withSessionRequests(observations(unit.values()));
    }
    return unit.size() == 1
        ? observation(first)
        : observation(first)
            .withSessionRequests(observations(unit.tailMap(first.turn(), false).values()));
  }

  private static List<Observation> observations(Collection<RequestRecord> rows) {
    return rows.stream().map(CohortAssembler::observation).toList();
  }

  private static void addPending(List<Observation> to, Arm arm, int count) {
    for (int i = 0; i < count; i++) {
      to.add(Observation.pending(arm));
    }
  }

  private static Observation observation(RequestRecord row) {
    Arm arm = row.canary() ? Arm.CANARY : Arm.BASELINE;
    Outcome outcome = outcome(row);
    boolean ended = outcome != Outcome.PENDING;
    return new Observation(
            arm,
            outcome,
            micros(row.ttftMicros()),
            ended ? micros(row.itlMicros()) : OptionalLong.empty(),
            ended ? micros(row.e2eMicros()) : OptionalLong.empty(),
            ended && row.truncated(),
            ended && row.outputTokens() > 0
                ? OptionalLong.of(row.outputTokens())
                : OptionalLong.empty(),
            ended ? traits(row) : Set.of())
        .graded(quality(row))
        .withForm(form(row))
        .withPrefillTokens(row.prefillTokens());
  }

  private static AnswerForm form(RequestRecord row) {
    return switch (row.form()) {
      case UNKNOWN -> AnswerForm.UNKNOWN;
      case STREAM -> AnswerForm.STREAM;
      case WHOLE -> AnswerForm.WHOLE;
      case OTHER -> AnswerForm.OTHER;
    };
  }

  private static int quality(RequestRecord row) {
    return switch (row.quality()) {
      case Telemetry.NOT_GRADED -> Observation.NOT_GRADED;
      case Telemetry.NO_GRADE -> Observation.NO_GRADE;
      default -> row.quality() * Observation.BEST / Telemetry.BEST;
    };
  }

  private static Set<AnswerTrait> traits(RequestRecord row) {
    Set<AnswerTrait> traits = EnumSet.noneOf(AnswerTrait.class);
    for (Telemetry.Trait trait : row.traits()) {
      traits.add(
          switch (trait) {
            case JSON_ASKED -> AnswerTrait.JSON_ASKED;
            case INVALID_JSON -> AnswerTrait.INVALID_JSON;
            case REFUSAL -> AnswerTrait.REFUSAL;
            case REPETITION -> AnswerTrait.REPETITION;
          });
    }
    if (row.content() == AnswerContent.NONE) {
      traits.add(AnswerTrait.EMPTY);
    }
    return traits;
  }

  private static Outcome outcome(RequestRecord row) {
    return switch (row.outcome()) {
      case PENDING -> Outcome.PENDING;
      case SUCCESS -> Outcome.SUCCESS;
      case FAILURE -> Outcome.FAILURE;
      case BACKPRESSURE -> Outcome.BACKPRESSURE;
      case NEUTRAL -> Outcome.NEUTRAL;
    };
  }

  private static OptionalLong micros(long value) {
    return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
