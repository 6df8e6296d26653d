// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.analysis.Calibration;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.BaselineSeed.Rate;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.ComparedQuantiles;
import dev.weir.analysis.sequential.LogHistogram;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ObservationStore;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/// Recent outcomes of each version of each Service, from the slices that gateways send: the
/// baseline from which the analysis of a rollout starts.
///
/// Counts decay by 0.97 every 5 s (time constant about 165 s), like those of the analysis. They
/// affect only the power of its tests, never their validity, so losing the last minute of counts in
/// a crash is harmless.
public final class BaselineStore {
  private static final String COLLECTION = "baseline";
  private static final double DECAY = .97;

  /// Decay of the count of the newest requests: about ten seconds.
  private static final double DECAY_OF_NEWEST = .6;

  /// Traffic that is this many times the recent rate has just begun.
  private static final double SUDDEN = 3;

  private static final long SLICE_MILLIS = 5_000;
  private static final long MAX_DECAYS = 1_000;
  private static final long SAVE_EVERY_MILLIS = 60_000;
  private static final long FORGET_AFTER_MILLIS = 3_600_000;
  private static final int MAX_VERSIONS = 40_000;

  /// A canary group is as large as its baseline, so at equal weights all pods have equal traffic.
  private static final double SAME_TRAFFIC = 1;

  private final ObservationStore observationStore;
  private final ControlClock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, RecentCounts> byVersion = new HashMap<>();
  private long savedMillis;

  private static final class RecentCounts {
    private final LogHistogram ttft = new LogHistogram();
    private final LogHistogram itl = new LogHistogram();
    private final LogHistogram e2e = new LogHistogram();

    /// The two parts of `ttft`: first tokens of streams, and first bytes of unstreamed answers.
    private final LogHistogram firstTokens = new LogHistogram();

    private final LogHistogram firstBytes = new LogHistogram();
    private final PodHistory pods;
    private double requests;

    /// Requests of the last seconds; not stored.
    private double newest;

    private double errors;
    private double streams;
    private double truncated;
    private long decayedMillis;
    private long fedMillis;
    private long sinceMillis;
    private Optional<Calibration> used = Optional.empty();

    RecentCounts(PodHistory pods) {
      this.pods = pods;
    }
  }

  /// The stored counts of a version.
  ///
  /// @param answered streams that have started; in data of an earlier version of Weir, all answers
  /// @param pods the noise between its replicas
  /// @param used the calibration of the last rollout from or to this version, at most one; empty in
  ///   data of an earlier version of Weir
  /// @param kinds the two parts of `ttft`: first tokens of streams, and first bytes of unstreamed
  ///   answers; empty in data of an earlier version of Weir
  record Stored(
      Buckets ttft,
      Buckets itl,
      Buckets e2e,
      double requests,
      double errors,
      double answered,
      double truncated,
      long atMillis,
      List<PodHistory.StoredBatch> pods,
      List<Calibration> used,
      List<Buckets> kinds) {
    Stored {
      kinds = kinds == null ? List.of() : List.copyOf(kinds);
      pods = pods == null ? List.of() : List.copyOf(pods);
      used = used == null ? List.of() : List.copyOf(used);
    }
  }

  public BaselineStore(ObservationStore observationStore, ControlClock clock) {
    this.observationStore = observationStore;
    this.clock = clock;
    this.savedMillis = clock.millis();
    observationStore
        .list(COLLECTION, "", Stored.class)
        .forEach(storedObservation ->
            byVersion.put(storedObservation.key(), restored(storedObservation.value())));
  }

  public void add(List<ReplicaSlice> slices) {
    lock.lock();
    try {
      slices.forEach(this::add);
    } finally {
      lock.unlock();
    }
    savePeriodically();
  }

  /// The current baseline of the version; empty if there are no counts.
  public BaselineSeed seed(String service, String version) {
    lock.lock();
    try {
      RecentCounts recentCounts = byVersion.get(key(service, version));
      if (recentCounts == null) {
        return BaselineSeed.none();
      }
      age(recentCounts);
      return new BaselineSeed(
          Map.of(
              ReleaseMetric.ERROR,
                  new Rate(
                      recentCounts.errors, Math.max(recentCounts.requests, recentCounts.errors)),
              ReleaseMetric.TRUNCATED,
                  new Rate(
                      recentCounts.truncated,
                      Math.max(recentCounts.streams, recentCounts.truncated))),
          Map.of(
              ReleaseMetric.TTFT,
              recentCounts.firstTokens.buckets(),
              ReleaseMetric.ITL,
              recentCounts.itl.buckets()),
          recentCounts.e2e.buckets(),
          recentCounts.firstBytes.buckets());
    } finally {
      lock.unlock();
    }
  }

  /// The approximate recent request rate of the version, in requests per second.
  public double requestsPerSecond(String service, String version) {
    lock.lock();
    try {
      RecentCounts recentCounts = byVersion.get(key(service, version));
      if (recentCounts == null) {
        return 0;
      }
      age(recentCounts);
      double ageSlices =
          Math.max(1, (clock.millis() - recentCounts.sinceMillis) / (double) SLICE_MILLIS);
      double slices = (1 - Math.pow(DECAY, ageSlices)) / (1 - DECAY);
      return recentCounts.requests / slices * 1000 / SLICE_MILLIS;
    } finally {
      lock.unlock();
    }
  }

  /// The rate of client requests with which a release begins: the recent rate, or that of the last
  /// seconds if the traffic has just begun. A rate that is too low would expose too many requests
  /// to the new version at once.
  public double startingRequestsPerSecond(String service, String version) {
    double recent = requestsPerSecond(service, version);
    double newest = newestRequestsPerSecond(service, version);
    return newest > SUDDEN * recent ? newest : recent;
  }

  private double newestRequestsPerSecond(String service, String version) {
    lock.lock();
    try {
      RecentCounts recentCounts = byVersion.get(key(service, version));
      if (recentCounts == null) {
        return 0;
      }
      age(recentCounts);
      return recentCounts.newest * (1 - DECAY_OF_NEWEST) * 1000 / SLICE_MILLIS;
    } finally {
      lock.unlock();
    }
  }

  /// The noise between replicas that a rollout must take into account: measured on the version that
  /// it replaces, or else taken from the last rollout of these versions.
  ///
  /// @return empty if there are no data
  public Optional<Calibration> calibration(String service, String from, String to) {
    lock.lock();
    try {
      long now = clock.millis();
      RecentCounts history = byVersion.get(key(service, from));
      if (history == null) {
        return Optional.empty();
      }
      Map<ReleaseMetric, List<Double>> phi = history.pods.phi(now);
      Optional<Calibration> found =
          phi.isEmpty()
              ? history.used.map(Calibration::asEarlier)
              : Optional.of(new Calibration(withWhole(phi), SAME_TRAFFIC, false));
      found.ifPresent(calibration -> {
        history.used = Optional.of(calibration);
        recent(key(service, to))
            .ifPresent(recentCounts -> recentCounts.used = Optional.of(calibration));
      });
      return found;
    } finally {
      lock.unlock();
    }
  }

  /// The latency of a whole answer includes the first and the later tokens, so it has the larger
  /// noise of both.
  private static Map<ReleaseMetric, List<Double>> withWhole(Map<ReleaseMetric, List<Double>> phi) {
    Map<ReleaseMetric, List<Double>> all = new EnumMap<>(phi);
    List<Double> whole =
        new ArrayList<>(Collections.nCopies(ComparedQuantiles.LATENCY.harm().size(), 1.0));
    for (List<Double> of : phi.values()) {
      for (int i = 0; i < whole.size(); i++) {
        whole.set(i, Math.max(whole.get(i), of.get(i)));
      }
    }
    all.put(ReleaseMetric.E2E_PER_TOKEN, whole);
    return all;
  }

  private Optional<RecentCounts> recent(String key) {
    return byVersion.size() >= MAX_VERSIONS && !byVersion.containsKey(key)
        ? Optional.empty()
        : Optional.of(byVersion.computeIfAbsent(key, _ -> fresh()));
  }

  /// Saves all counts, and removes versions without recent traffic.
  public void save() {
    Map<String, Stored> kept = new TreeMap<>();
    List<String> removed = new ArrayList<>();
    lock.lock();
    try {
      long now = clock.millis();
      savedMillis = now;
      byVersion.forEach((key, recentCounts) -> {
        if (now - recentCounts.fedMillis > FORGET_AFTER_MILLIS) {
          removed.add(key);
        } else {
          age(recentCounts);
          kept.put(key, kept(recentCounts, now));
        }
      });
      removed.forEach(byVersion::remove);
    } finally {
      lock.unlock();
    }
    kept.forEach((key, value) -> observationStore.put(COLLECTION, key, value));
    observationStore.delete(COLLECTION, removed);
  }

  private void savePeriodically() {
    lock.lock();
    try {
      if (clock.millis() - savedMillis < SAVE_EVERY_MILLIS) {
        return;
      }
      savedMillis = clock.millis();
    } finally {
      lock.unlock();
    }
    save();
  }

  private void add(ReplicaSlice slice) {
    recent(key(slice.service(), slice.version()))
        .ifPresent(recentCounts -> add(slice, recentCounts));
  }

  private void add(ReplicaSlice slice, RecentCounts recentCounts) {
    age(recentCounts);
    recentCounts.pods.rotate(clock.millis(), recentCounts.ttft, recentCounts.itl);
    recentCounts.pods.add(slice.replica(), slice.ttft(), slice.itl());
    recentCounts.fedMillis = clock.millis();
    recentCounts.ttft.merge(buckets(slice.ttft()));
    recentCounts.itl.merge(buckets(slice.itl()));
    recentCounts.e2e.merge(buckets(slice.e2e()));
    Buckets firstTokens = buckets(slice.firstTokens());
    recentCounts.firstTokens.merge(firstTokens);
    recentCounts.firstBytes.merge(buckets(slice.firstBytes()));
    long bad = slice.failure() + slice.backpressure();
    long cut = Math.min(slice.truncated(), bad);
    recentCounts.requests += (double) (slice.success() + bad);
    recentCounts.newest += (double) (slice.success() + bad);
    recentCounts.errors += (double) (bad - cut);
    recentCounts.streams += firstTokens.total();
    recentCounts.truncated += Math.min((double) cut, firstTokens.total());
  }

  private void age(RecentCounts recentCounts) {
    long now = clock.millis();
    long slices = Math.clamp((now - recentCounts.decayedMillis) / SLICE_MILLIS, 0, MAX_DECAYS);
    if (slices > 0) {
      double factor = Math.pow(DECAY, (double) slices);
      recentCounts.ttft.decay(factor);
      recentCounts.itl.decay(factor);
      recentCounts.e2e.decay(factor);
      recentCounts.firstTokens.decay(factor);
      recentCounts.firstBytes.decay(factor);
      recentCounts.requests *= factor;
      recentCounts.newest *= Math.pow(DECAY_OF_NEWEST, (double) slices);
      recentCounts.errors *= factor;
      recentCounts.streams *= factor;
      recentCounts.truncated *= factor;
      recentCounts.decayedMillis += slices * SLICE_MILLIS;
    }
  }

  private RecentCounts fresh() {
    RecentCounts recentCounts = new RecentCounts(new PodHistory());
    recentCounts.decayedMillis = clock.millis();
    recentCounts.fedMillis = clock.millis();
    recentCounts.sinceMillis = clock.millis();
    return recentCounts;
  }

  private static RecentCounts restored(Stored kept) {
    RecentCounts recentCounts = new RecentCounts(new PodHistory(kept.pods()));
    recentCounts.used = kept.used().stream().findFirst();
    recentCounts.ttft.merge(kept.ttft());
    recentCounts.itl.merge(kept.itl());
    recentCounts.e2e.merge(kept.e2e());
    if (kept.kinds().isEmpty()) {
      recentCounts.firstTokens.merge(kept.ttft());
    } else {
      recentCounts.firstTokens.merge(kept.kinds().getFirst());
      recentCounts.firstBytes.merge(kept.kinds().getLast());
    }
    recentCounts.requests = kept.requests();
    recentCounts.errors = kept.errors();
    recentCounts.streams = kept.answered();
    recentCounts.truncated = kept.truncated();
    recentCounts.decayedMillis = kept.atMillis();
    recentCounts.fedMillis = kept.atMillis();
    return recentCounts;
  }

  private static Stored kept(RecentCounts recentCounts, long nowMillis) {
    return new Stored(
        recentCounts.ttft.buckets(),
        recentCounts.itl.buckets(),
        recentCounts.e2e.buckets(),
        recentCounts.requests,
        recentCounts.errors,
        recentCounts.streams,
        recentCounts.truncated,
        nowMillis,
        recentCounts.pods.kept(),
        recentCounts.used.stream().toList(),
        List.of(recentCounts.firstTokens.buckets(), recentCounts.firstBytes.buckets()));
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
        total += (double) bucket.getValue();
      }
    }
    return new Buckets(indexes, weights, total);
  }

  private static String key(String service, String version) {
    return service + " " + version;
  }
}
