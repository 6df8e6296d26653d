// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.analysis.BaselineSeed;
import dev.weir.analysis.BaselineSeed.Rate;
import dev.weir.analysis.Metric;
import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.LogHistogram;
import dev.weir.control.observation.LookClock;
import dev.weir.control.observation.Notes;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/// What each version of each Service has lately been like, from the slices that every gateway
/// always sends: what a rollout's analysis starts from.
///
/// Counts decay by 0.97 every 5 s (time constant about 165 s), as the analysis' own do. They only
/// decide how soon its tests have power, never whether they are right, so losing the last minute of
/// them in a crash is no harm.
public final class BaselineBook {
  private static final String COLLECTION = "baseline";
  private static final double DECAY = .97;
  private static final long SLICE_MILLIS = 5_000;
  private static final long MOST_DECAYS = 1_000;
  private static final long KEEP_EVERY_MILLIS = 60_000;
  private static final long FORGET_AFTER_MILLIS = 3_600_000;
  private static final int MOST_VERSIONS = 2_000;

  private final Notes notes;
  private final LookClock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Lately> byVersion = new HashMap<>();
  private long keptMillis;

  private static final class Lately {
    private final LogHistogram ttft = new LogHistogram();
    private final LogHistogram itl = new LogHistogram();
    private final LogHistogram e2e = new LogHistogram();
    private double requests;
    private double errors;
    private double answered;
    private double truncated;
    private long decayedMillis;
    private long fedMillis;
  }

  /// A version's counts as kept.
  record Kept(
      Buckets ttft,
      Buckets itl,
      Buckets e2e,
      double requests,
      double errors,
      double answered,
      double truncated,
      long atMillis) {}

  public BaselineBook(Notes notes, LookClock clock) {
    this.notes = notes;
    this.clock = clock;
    this.keptMillis = clock.millis();
    notes
        .list(COLLECTION, "", Kept.class)
        .forEach(note -> byVersion.put(note.key(), restored(note.value())));
  }

  public void add(List<ReplicaSlice> slices) {
    lock.lock();
    try {
      slices.forEach(this::add);
    } finally {
      lock.unlock();
    }
    keepNowAndThen();
  }

  /// What is known of the version now; nothing when it has not been heard of.
  public BaselineSeed seed(String service, String version) {
    lock.lock();
    try {
      Lately lately = byVersion.get(key(service, version));
      if (lately == null) {
        return BaselineSeed.none();
      }
      age(lately);
      return new BaselineSeed(
          Map.of(
              Metric.ERROR, new Rate(lately.errors, Math.max(lately.requests, lately.errors)),
              Metric.TRUNCATED,
                  new Rate(lately.truncated, Math.max(lately.answered, lately.truncated))),
          Map.of(Metric.TTFT, lately.ttft.buckets(), Metric.ITL, lately.itl.buckets()),
          lately.e2e.buckets());
    } finally {
      lock.unlock();
    }
  }

  /// Writes everything down.
  public void keep() {
    Map<String, Kept> kept = new TreeMap<>();
    List<String> gone = new ArrayList<>();
    lock.lock();
    try {
      long now = clock.millis();
      keptMillis = now;
      byVersion.forEach(
          (key, lately) -> {
            if (now - lately.fedMillis > FORGET_AFTER_MILLIS) {
              gone.add(key);
            } else {
              age(lately);
              kept.put(key, kept(lately, now));
            }
          });
      gone.forEach(byVersion::remove);
    } finally {
      lock.unlock();
    }
    kept.forEach((key, value) -> notes.put(COLLECTION, key, value));
    notes.delete(COLLECTION, gone);
  }

  private void keepNowAndThen() {
    lock.lock();
    try {
      if (clock.millis() - keptMillis < KEEP_EVERY_MILLIS) {
        return;
      }
      keptMillis = clock.millis();
    } finally {
      lock.unlock();
    }
    keep();
  }

  private void add(ReplicaSlice slice) {
    String key = key(slice.service(), slice.version());
    if (!byVersion.containsKey(key) && byVersion.size() >= MOST_VERSIONS) {
      return;
    }
    Lately lately = byVersion.computeIfAbsent(key, k -> fresh());
    age(lately);
    lately.fedMillis = clock.millis();
    lately.ttft.merge(buckets(slice.ttft()));
    lately.itl.merge(buckets(slice.itl()));
    lately.e2e.merge(buckets(slice.e2e()));
    long bad = slice.failure() + slice.backpressure();
    lately.requests += slice.success() + bad;
    lately.errors += bad;
    lately.answered += slice.success();
    lately.truncated += Math.min(slice.truncated(), slice.success());
  }

  private void age(Lately lately) {
    long now = clock.millis();
    long slices = Math.clamp((now - lately.decayedMillis) / SLICE_MILLIS, 0, MOST_DECAYS);
    if (slices > 0) {
      double factor = Math.pow(DECAY, slices);
      lately.ttft.decay(factor);
      lately.itl.decay(factor);
      lately.e2e.decay(factor);
      lately.requests *= factor;
      lately.errors *= factor;
      lately.answered *= factor;
      lately.truncated *= factor;
      lately.decayedMillis += slices * SLICE_MILLIS;
    }
  }

  private Lately fresh() {
    Lately lately = new Lately();
    lately.decayedMillis = clock.millis();
    lately.fedMillis = clock.millis();
    return lately;
  }

  private static Lately restored(Kept kept) {
    Lately lately = new Lately();
    lately.ttft.merge(kept.ttft());
    lately.itl.merge(kept.itl());
    lately.e2e.merge(kept.e2e());
    lately.requests = kept.requests();
    lately.errors = kept.errors();
    lately.answered = kept.answered();
    lately.truncated = kept.truncated();
    lately.decayedMillis = kept.atMillis();
    lately.fedMillis = kept.atMillis();
    return lately;
  }

  private static Kept kept(Lately lately, long nowMillis) {
    return new Kept(
        lately.ttft.buckets(),
        lately.itl.buckets(),
        lately.e2e.buckets(),
        lately.requests,
        lately.errors,
        lately.answered,
        lately.truncated,
        nowMillis);
  }

  private static Buckets buckets(Map<Integer, Long> counts) {
    List<Integer> indexes = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    double total = 0;
    for (Map.Entry<Integer, Long> bucket : new TreeMap<>(counts).entrySet()) {
      int index = bucket.getKey();
      if (index >= 0 && index < LogHistogram.BUCKETS && bucket.getValue() > 0) {
        indexes.add(index);
        weights.add((double) bucket.getValue());
        total += bucket.getValue();
      }
    }
    return new Buckets(indexes, weights, total);
  }

  private static String key(String service, String version) {
    return service + " " + version;
  }
}
