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

/// Accepts each batch of each gateway's run exactly once, in order.
///
/// Batches that speak of an observed rollout are durable before they are acknowledged; plain
/// heartbeats and replica slices cost no disk. A batch that came before is acknowledged again. A
/// batch that jumps ahead is put off until the one before it arrives, unless the gateway says that
/// it gave that one up or the gap stays; then the gap counts as missing data.
public final class TelemetryIntake implements TelemetrySink {
  private static final Logger LOG = LoggerFactory.getLogger(TelemetryIntake.class);
  private static final int PATIENCE = 3;
  private static final int MOST_RUNS = 20_000;

  private final GatewayRegistry gateways;
  private final BaselineStore baselines;
  private final CohortRegistry cohortRegistry;
  private final TelemetryOffsets telemetryOffsets;
  private final ControlClock clock;
  private final Predicate<String> observed;
  private final Consumer<News> news;
  private final CrashPoints crashPoints;
  private final LongAdder accepted = new LongAdder();
  private final LongAdder repeated = new LongAdder();
  private final LongAdder given = new LongAdder();
  private final LongAdder attempts = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Run> runs = new LinkedHashMap<>(16, .75f, true);

  /// What a batch brought.
  ///
  /// @param acknowledged whether the gateway serves another snapshot than before
  /// @param rollouts ids of rollouts that there is new data of
  /// @param slices of replicas, each told once
  public record News(boolean acknowledged, List<String> rollouts, List<ReplicaSlice> slices) {}

  /// One run of one gateway, as far as this process has seen it.
  private static final class Run {
    private Offset offset;
    private long last;
    private boolean heard;
    private long lost;
    private int putOff;

    Run(Offset offset) {
      this.offset = offset;
      this.last = offset.batch();
    }
  }

  /// @param observed whether records of that rollout (`namespace/name`) are wanted
  /// @param news told, quickly, after a batch was accepted
  public TelemetryIntake(
      GatewayRegistry gateways,
      BaselineStore baselines,
      CohortRegistry cohortRegistry,
      TelemetryOffsets telemetryOffsets,
      ControlClock clock,
      Predicate<String> observed,
      Consumer<News> news,
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

  /// What came since the start, so that one can compare it with what gateways say they sent.
  public void bindTo(MeterRegistry registry) {
    ControlMeters.counted(registry, Metric.TELEMETRY_BATCHES, accepted);
    ControlMeters.counted(registry, Metric.TELEMETRY_BATCHES_REPEATED, repeated);
    ControlMeters.counted(registry, Metric.TELEMETRY_BATCHES_LOST, given);
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
      news.accept(new News(acknowledged, rollouts, slices));
      return run.last;
    } catch (StoreException e) {
      throw new IOException("telemetry could not be kept: " + e.getMessage(), e);
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
      if (runs.size() > MOST_RUNS) {
        runs.remove(runs.keySet().iterator().next());
      }
    }
    return known;
  }

  /// How many batches are lost for good before this one; empty when it is not its turn.
  ///
  /// What lies between the last batch that was kept and the first that this process hears may all
  /// have been heartbeats, acknowledged before a restart: only a jump within one life is a gap.
  private static OptionalLong lostBefore(Run run, Telemetry telemetry) {
    if (telemetry.batch() <= run.last) {
      return OptionalLong.empty();
    }
    if (!run.heard) {
      return OptionalLong.of(telemetry.lostBatches());
    }
    long gap = telemetry.batch() - run.last - 1;
    if (gap > telemetry.lostBatches() && ++run.putOff < PATIENCE) {
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
    run.putOff = 0;
    baselines.add(telemetry.slices());
    accepted.increment();
    given.add(lostBefore);
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
    for (Agreement told : telemetry.agreements()) {
      agreements.computeIfAbsent(told.rollout(), r -> new ArrayList<>()).add(told);
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
      LOG.warn("telemetry is missing rollout={} slices={}", rollout, missing);
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
