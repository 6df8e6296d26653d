// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.analysis.Agreement;
import dev.weir.analysis.Cohort;
import dev.weir.analysis.FastSlice;
import dev.weir.control.observation.ObservationStore;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.store.Observations.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The cohorts of all live rollouts. The stored batches are authoritative; the state in memory is
/// rebuilt from them on first use.
public final class CohortRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(CohortRegistry.class);

  /// Keeps a stored batch well below the store's size limit for an entry.
  private static final int RECORDS_PER_BATCH = 2_500;

  private static final String NEWEST = "cohorts.newest";

  private final ObservationStore observationStore;
  private final TelemetryOffsets telemetryOffsets;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, CohortAssembler> logs = new HashMap<>();

  /// The open cohorts, and the sequence up to which they are complete.
  ///
  /// @param fast the fast failures in batches after the requested sequence
  /// @param agreement of the pairs in these batches
  /// @param missing slices lost in these batches
  /// @param newest the sequence to pass as `noted` after this was analysed
  public record OpenCohorts(
      List<Cohort> cohorts, List<FastSlice> fast, Agreement agreement, long missing, long newest) {
    public OpenCohorts {
      cohorts = List.copyOf(cohorts);
      fast = List.copyOf(fast);
    }
  }

  public CohortRegistry(ObservationStore observationStore, TelemetryOffsets telemetryOffsets) {
    this.observationStore = observationStore;
    this.telemetryOffsets = telemetryOffsets;
  }

  /// All cohorts that were not removed.
  ///
  /// @param noted the newest batch that the analysis has processed
  public OpenCohorts open(String rollout, long noted) {
    lock.lock();
    try {
      CohortAssembler log = log(rollout);
      return new OpenCohorts(
          log.cohorts(),
          log.fastAfter(noted),
          log.agreementAfter(noted),
          log.missingAfter(noted),
          log.newest());
    } finally {
      lock.unlock();
    }
  }

  /// Whether there are new fast failures of the version under test, so that the analysis must not
  /// wait for its next regular look.
  ///
  /// @param noted the newest batch that the analysis has processed
  public boolean failsFast(String rollout, long noted) {
    lock.lock();
    try {
      return log(rollout).failsFastAfter(noted);
    } finally {
      lock.unlock();
    }
  }

  /// The stored entries that can be removed once the cohorts of `done` are consumed.
  public List<Entry> freedBy(String rollout, Collection<String> done, long noted) {
    lock.lock();
    try {
      return log(rollout).freedBy(done, noted).stream()
          .map(n -> new Entry(StoredBatch.COLLECTION, StoredBatch.key(rollout, n), ""))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /// Removes consumed cohorts from memory, after they are removed from the store.
  public void forget(String rollout, Collection<String> done, long noted) {
    lock.lock();
    try {
      CohortAssembler log = log(rollout);
      log.forget(done, log.freedBy(done, noted));
    } finally {
      lock.unlock();
    }
  }

  /// Records that a run of a gateway has reported everything before this batch, even if the batch
  /// is not stored because it is empty.
  void recordReportedUntil(Telemetry telemetry) {
    lock.lock();
    try {
      logs.values()
          .forEach(log ->
              log.recordReportedUntil(
                  telemetry.gateway(), telemetry.boot(), telemetry.nowMillis()));
    } finally {
      lock.unlock();
    }
  }

  /// Whether the rollout has ever had stored data and was not deleted.
  public boolean hasData(String rollout) {
    return observationStore.get(NEWEST, rollout, Long.class).isPresent();
  }

  /// Whether an analysis look has consumed any data of the rollout.
  public boolean consumed(String rollout) {
    lock.lock();
    try {
      return log(rollout).consumed();
    } finally {
      lock.unlock();
    }
  }

  /// Deletes the data of an ended rollout. The entry for [#hasData] is deleted last.
  public void delete(String rollout) {
    lock.lock();
    try {
      logs.remove(rollout);
      observationStore.deleteAll(StoredBatch.COLLECTION, rollout + "/");
      observationStore.delete(NEWEST, List.of(rollout));
    } finally {
      lock.unlock();
    }
  }

  /// Extracts the parts of a batch that belong to observed rollouts, stores them and the gateway's
  /// new offset in one transaction, then adds them to memory.
  ///
  /// @param parts by rollout
  void keep(
      Telemetry telemetry,
      Map<String, Part> parts,
      TelemetryOffsets.Offset next,
      long receivedMillis) {
    lock.lock();
    try {
      Map<String, List<StoredBatch>> batches = new HashMap<>();
      List<Entry> entries = new ArrayList<>();
      parts.forEach((rollout, part) -> {
        List<StoredBatch> split =
            split(
                telemetry,
                missing(rollout, telemetry, part),
                log(rollout).newest(),
                receivedMillis);
        split.forEach(batch ->
            entries.add(ObservationStore.entry(StoredBatch.COLLECTION, batch.key(rollout), batch)));
        entries.add(ObservationStore.entry(NEWEST, rollout, split.getLast().sequence()));
        batches.put(rollout, split);
      });
      entries.add(telemetryOffsets.entry(telemetry.gateway(), telemetry.boot(), next));
      observationStore.putAll(entries);
      batches.forEach((rollout, split) -> split.forEach(log(rollout)::add));
    } finally {
      lock.unlock();
    }
  }

  /// The part of a batch that belongs to one rollout.
  record Part(
      List<ArrivalSlice> arrivals,
      List<RequestRecord> records,
      List<Telemetry.FastSlice> fast,
      List<Telemetry.Agreement> agreements,
      long missing) {}

  private CohortAssembler log(String rollout) {
    CohortAssembler known = logs.get(rollout);
    if (known != null) {
      return known;
    }
    CohortAssembler log =
        new CohortAssembler(observationStore.get(NEWEST, rollout, Long.class).orElse(0L));
    observationStore
        .list(StoredBatch.COLLECTION, rollout + "/", StoredBatch.class)
        .forEach(storedObservation -> log.add(storedObservation.value()));
    telemetryOffsets.forEach((gateway, boot, offset) ->
        log.dropBefore(gateway, boot, offset.nextSlice().getOrDefault(rollout, 0L)));
    logs.put(rollout, log);
    return log;
  }

  // Slices that a previous run left open are lost.
  private Part missing(String rollout, Telemetry telemetry, Part part) {
    int abandoned = log(rollout).abandoned(telemetry.gateway(), telemetry.boot()).size();
    if (abandoned > 0) {
      LOG.atWarn()
          .addKeyValue("event", "telemetry.missing")
          .addKeyValue("rollout", rollout)
          .addKeyValue("slices", abandoned)
          .addKeyValue("gateway", telemetry.gateway())
          .log("A gateway ended without sending all telemetry");
    }
    return new Part(
        part.arrivals(),
        part.records(),
        part.fast(),
        part.agreements(),
        part.missing() + abandoned);
  }

  private static List<StoredBatch> split(
      Telemetry telemetry, Part part, long newest, long receivedMillis) {
    List<StoredBatch> batches = new ArrayList<>();
    int from = 0;
    do {
      int to = Math.min(part.records().size(), from + RECORDS_PER_BATCH);
      boolean last = to == part.records().size();
      batches.add(
          new StoredBatch(
              newest + 1 + batches.size(),
              telemetry.gateway(),
              telemetry.boot(),
              receivedMillis,
              telemetry.nowMillis(),
              last ? part.missing() : 0,
              last ? part.arrivals() : List.of(),
              part.records().subList(from, to),
              last ? part.fast() : List.of(),
              last ? part.agreements() : List.of()));
      from = to;
    } while (from < part.records().size());
    return batches;
  }
}
