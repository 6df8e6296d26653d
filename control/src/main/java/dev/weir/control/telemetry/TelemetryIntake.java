// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.meter.ControlMeters;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.GatewayRegistry;
import dev.weir.control.publication.TelemetrySink;
import dev.weir.control.telemetry.CohortRegistry.Part;
import dev.weir.control.telemetry.TelemetryOffsets.Offset;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.Agreement;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.FastSlice;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.snapshot.metric.Metric;
import dev.weir.store.StoreException;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Accepts each batch of each run of a gateway exactly once, in order.
///
/// A batch with data of an observed rollout is stored before it is acknowledged; heartbeats and
/// replica slices are not stored. A duplicate batch is acknowledged again. A batch after a gap is
/// deferred until the missing one arrives, unless the gateway reports that it dropped that one or
/// the gap persists; then the gap counts as missing data.
public final class TelemetryIntake implements TelemetrySink {
  private static final Logger LOG = LoggerFactory.getLogger(TelemetryIntake.class);
  private static final int MAX_DEFERRALS = 3;
  private static final int MAX_RUNS = 20_000;

  private final GatewayRegistry gateways;
  private final BaselineStore baselines;
  private final CohortRegistry cohortRegistry;
  private final TelemetryOffsets telemetryOffsets;
  private final ControlClock clock;
  private final Predicate<String> observed;
  private final Consumer<Update> news;
  private final CrashPoints crashPoints;
  private final LongAdder accepted = new LongAdder();
  private final LongAdder repeated = new LongAdder();
  private final LongAdder lostBatches = new LongAdder();
  private final LongAdder attempts = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Run> runs = new LinkedHashMap<>(16, .75f, true);

  /// The new information in a batch.
  ///
  /// @param acknowledged whether the gateway serves another snapshot than before
  /// @param rollouts ids of rollouts with new data
  /// @param slices of replicas, each reported once
  public record Update(boolean acknowledged, List<String> rollouts, List<ReplicaSlice> slices) {}

  /// One run of one gateway, as this process knows it.
  private static final class Run {
    private Offset offset;
    private long last;
    private boolean heard;
    private long lost;
    private int deferrals;

    Run(Offset offset) {
      this.offset = offset;
      this.last = offset.batch();
    }
  }

  /// @param observed whether records of a rollout (`namespace/name`) are needed
  /// @param news called after each accepted batch; must return quickly
  public TelemetryIntake(
      GatewayRegistry gateways,
      BaselineStore baselines,
      CohortRegistry cohortRegistry,
      TelemetryOffsets telemetryOffsets,
      ControlClock clock,
      Predicate<String> observed,
      Consumer<Update> news,
      CrashPoints crashPoints) {
    this.gateways = gateways;
    this.baselines = baselines;
    this.cohortRegistry = cohortRegistry;
    this.telemetryOffsets = telemetryOffsets;
    this.clock = clock;
    this.observed = observed;
    this.news = news;
    this.crashPoints = crashPoints;
  }

  /// Registers the counters of received batches, for comparison with what gateways report as sent.
  public void bindTo(MeterRegistry registry) {
    ControlMeters.counted(registry, Metric.TELEMETRY_BATCHES, accepted);
    ControlMeters.counted(registry, Metric.TELEMETRY_BATCHES_REPEATED, repeated);
    ControlMeters.counted(registry, Metric.TELEMETRY_BATCHES_LOST, lostBatches);
    ControlMeters.counted(registry, Metric.TELEMETRY_ATTEMPTS, attempts);
  }

  @Override
  public long accept(Telemetry telemetry) throws IOException {
    lock.lock();
    try {
      boolean acknowledged = gateways.recordHeartbeat(telemetry);
      Run run = run(telemetry);
      List<String> rollouts = List.of();
      List<ReplicaSlice> slices = List.of();
      OptionalLong lost = lostBefore(run, telemetry);
      if (lost.isPresent()) {
        rollouts = take(run, telemetry, lost.getAsLong());
        slices = telemetry.slices();
        crashPoints.pass(CrashPoint.TELEMETRY_TAKEN);
      } else {
        repeated.increment();
      }
      news.accept(new Update(acknowledged, rollouts, slices));
      return run.last;
    } catch (StoreException e) {
      throw new IOException("telemetry could not be stored: " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void granted(String gateway, long leaseMillis) {
    gateways.granted(gateway, leaseMillis);
  }

  @Override
  public int liveGateways() {
    return gateways.connected().size();
  }

  private Run run(Telemetry telemetry) {
    String key = telemetry.gateway() + "\n" + telemetry.boot();
    Run known = runs.get(key);
    if (known == null) {
      known =
          new Run(
              telemetryOffsets.get(telemetry.gateway(), telemetry.boot()).orElse(Offset.none()));
      runs.put(key, known);
      if (runs.size() > MAX_RUNS) {
        runs.remove(runs.keySet().iterator().next());
      }
    }
    return known;
  }

  /// The number of batches that are permanently lost before this one; empty if this batch is a
  /// duplicate or must wait.
  ///
  /// The batches between the last stored one and the first one after a restart may all have been
  /// acknowledged heartbeats. So only a gap within one process counts.
  private static OptionalLong lostBefore(Run run, Telemetry telemetry) {
    if (telemetry.batch() <= run.last) {
      return OptionalLong.empty();
    }
    if (!run.heard) {
      return OptionalLong.of(telemetry.lostBatches());
    }
    long gap = telemetry.batch() - run.last - 1;
    if (gap > telemetry.lostBatches() && ++run.deferrals < MAX_DEFERRALS) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Math.max(gap, telemetry.lostBatches()));
  }

  private List<String> take(Run run, Telemetry telemetry, long lostBefore) {
    long lost = run.lost + lostBefore;
    Map<String, Part> parts = parts(run, telemetry, lost);
    if (!parts.isEmpty()) {
      Offset next =
          run.offset.with(telemetry.batch(), nextSliceByRollout(telemetry), clock.millis());
      cohortRegistry.keep(telemetry, parts, next, clock.millis());
      run.offset = next;
      lost = 0;
    }
    cohortRegistry.recordReportedUntil(telemetry);
    run.lost = lost;
    run.last = telemetry.batch();
    run.heard = true;
    run.deferrals = 0;
    baselines.add(telemetry.slices());
    accepted.increment();
    lostBatches.add(lostBefore);
    telemetry
        .slices()
        .forEach(s -> attempts.add(s.success() + s.failure() + s.backpressure() + s.neutral()));
    return List.copyOf(parts.keySet());
  }

  private Map<String, Part> parts(Run run, Telemetry telemetry, long lost) {
    Map<String, List<ArrivalSlice>> arrivals = new TreeMap<>();
    Map<String, List<RequestRecord>> records = new TreeMap<>();
    for (ArrivalSlice slice : telemetry.arrivals()) {
      arrivals.computeIfAbsent(slice.rollout(), r -> new ArrayList<>()).add(slice);
    }
    for (RequestRecord row : telemetry.records()) {
      records.computeIfAbsent(row.rollout(), r -> new ArrayList<>()).add(row);
    }
    Map<String, List<FastSlice>> fast = new TreeMap<>();
    for (FastSlice slice : telemetry.fast()) {
      fast.computeIfAbsent(slice.rollout(), r -> new ArrayList<>()).add(slice);
    }
    Map<String, List<Agreement>> agreements = new TreeMap<>();
    for (Agreement agreement : telemetry.agreements()) {
      agreements.computeIfAbsent(agreement.rollout(), r -> new ArrayList<>()).add(agreement);
    }
    agreements.keySet().forEach(rollout -> records.computeIfAbsent(rollout, r -> List.of()));
    arrivals.keySet().forEach(rollout -> records.computeIfAbsent(rollout, r -> List.of()));
    fast.keySet().forEach(rollout -> records.computeIfAbsent(rollout, r -> List.of()));
    Map<String, Part> parts = new TreeMap<>();
    records.forEach((rollout, rows) -> {
      if (observed.test(rollout)) {
        List<ArrivalSlice> slices = arrivals.getOrDefault(rollout, List.of());
        parts.put(
            rollout,
            new Part(
                slices,
                rows,
                fast.getOrDefault(rollout, List.of()),
                agreements.getOrDefault(rollout, List.of()),
                missing(run, rollout, slices, lost)));
      }
    });
    return parts;
  }

  private static long missing(Run run, String rollout, List<ArrivalSlice> slices, long lost) {
    long expected = run.offset.nextSlice().getOrDefault(rollout, 0L);
    long skipped = 0;
    for (ArrivalSlice slice : slices) {
      if (slice.slice() >= expected) {
        skipped += slice.slice() - expected;
        expected = slice.slice() + 1;
      }
    }
    long missing = Math.max(skipped, lost);
    if (missing > 0) {
      LOG.atWarn()
          .addKeyValue("event", "telemetry.missing")
          .addKeyValue("rollout", rollout)
          .addKeyValue("slices", missing)
          .log("Telemetry of a rollout is missing");
    }
    return missing;
  }

  private Map<String, Long> nextSliceByRollout(Telemetry telemetry) {
    Map<String, Long> next = new HashMap<>();
    telemetry.arrivals().forEach(s -> next.merge(s.rollout(), s.slice() + 1, Math::max));
    next.keySet().removeIf(rollout -> !observed.test(rollout));
    return next;
  }
}
