// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.analysis.BaselineSeed;
import dev.weir.analysis.BaselineSeed.Rate;
import dev.weir.analysis.Calibration;
import dev.weir.analysis.Metric;
import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.LogHistogram;
import dev.weir.analysis.sequential.Shape;
import dev.weir.control.observation.LookClock;
import dev.weir.control.observation.Notes;
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
  private static final int MOST_VERSIONS = 40_000;

  /// A canary group is as large as its baseline, so at equal weights a pod has equal traffic.
  private static final double SAME_TRAFFIC = 1;

  private final Notes notes;
  private final LookClock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Lately> byVersion = new HashMap<>();
  private long keptMillis;

  private static final class Lately {
    private final LogHistogram ttft = new LogHistogram();
    private final LogHistogram itl = new LogHistogram();
    private final LogHistogram e2e = new LogHistogram();

    /// The two kinds of which `ttft` is made: of streams, and of answers in one piece.
    private final LogHistogram firstTokens = new LogHistogram();

    private final LogHistogram firstBytes = new LogHistogram();
    private final PodHistory pods;
    private double requests;
    private double errors;
    private double streams;
    private double truncated;
    private long decayedMillis;
    private long fedMillis;
    private long sinceMillis;
    private Optional<Calibration> used = Optional.empty();

    Lately(PodHistory pods) {
      this.pods = pods;
    }
  }

  /// A version's counts as kept.
  ///
  /// @param answered streams that had begun; of the program before all answers
  /// @param pods how its replicas differed
  /// @param used divisors that the last rollout from or to it used, none or one; of the program
  ///   before neither
  /// @param kinds of `ttft` the first tokens of streams and the first bytes of answers in one
  ///   piece; of the program before none
  record Kept(
      Buckets ttft,
      Buckets itl,
      Buckets e2e,
      double requests,
      double errors,
      double answered,
      double truncated,
      long atMillis,
      List<PodHistory.Kept> pods,
      List<Calibration> used,
      List<Buckets> kinds) {
    Kept {
      kinds = kinds == null ? List.of() : List.copyOf(kinds);
      pods = pods == null ? List.of() : List.copyOf(pods);
      used = used == null ? List.of() : List.copyOf(used);
    }
  }

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
                  new Rate(lately.truncated, Math.max(lately.streams, lately.truncated))),
          Map.of(Metric.TTFT, lately.firstTokens.buckets(), Metric.ITL, lately.itl.buckets()),
          lately.e2e.buckets(),
          lately.firstBytes.buckets());
    } finally {
      lock.unlock();
    }
  }

  /// About how many requests a second the version was sent lately.
  public double requestsPerSecond(String service, String version) {
    lock.lock();
    try {
      Lately lately = byVersion.get(key(service, version));
      if (lately == null) {
        return 0;
      }
      age(lately);
      double lived = Math.max(1, (clock.millis() - lately.sinceMillis) / (double) SLICE_MILLIS);
      double slices = (1 - Math.pow(DECAY, lived)) / (1 - DECAY);
      return lately.requests / slices * 1000 / SLICE_MILLIS;
    } finally {
      lock.unlock();
    }
  }

  /// How much noise of single replicas a rollout has to reckon with: measured on the version that
  /// it leaves, else what the last rollout of these versions reckoned with.
  ///
  /// @return empty when nothing is known
  public Optional<Calibration> calibration(String service, String from, String to) {
    lock.lock();
    try {
      long now = clock.millis();
      Lately history = byVersion.get(key(service, from));
      if (history == null) {
        return Optional.empty();
      }
      Map<Metric, List<Double>> phi = history.pods.phi(now);
      Optional<Calibration> found =
          phi.isEmpty()
              ? history.used.map(Calibration::asEarlier)
              : Optional.of(new Calibration(withWhole(phi), SAME_TRAFFIC, false));
      found.ifPresent(calibration -> {
        history.used = Optional.of(calibration);
        lately(key(service, to)).ifPresent(lately -> lately.used = Optional.of(calibration));
      });
      return found;
    } finally {
      lock.unlock();
    }
  }

  /// A whole answer is its first token and the others: what makes either noisy makes it noisy.
  private static Map<Metric, List<Double>> withWhole(Map<Metric, List<Double>> phi) {
    Map<Metric, List<Double>> all = new EnumMap<>(phi);
    List<Double> whole = new ArrayList<>(Collections.nCopies(Shape.LATENCY.harm().size(), 1.0));
    for (List<Double> of : phi.values()) {
      for (int i = 0; i < whole.size(); i++) {
        whole.set(i, Math.max(whole.get(i), of.get(i)));
      }
    }
    all.put(Metric.E2E_PER_TOKEN, whole);
    return all;
  }

  private Optional<Lately> lately(String key) {
    return byVersion.size() >= MOST_VERSIONS && !byVersion.containsKey(key)
        ? Optional.empty()
        : Optional.of(byVersion.computeIfAbsent(key, _ -> fresh()));
  }

  /// Writes everything down.
  public void keep() {
    Map<String, Kept> kept = new TreeMap<>();
    List<String> gone = new ArrayList<>();
    lock.lock();
    try {
      long now = clock.millis();
      keptMillis = now;
      byVersion.forEach((key, lately) -> {
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
    lately(key(slice.service(), slice.version())).ifPresent(lately -> add(slice, lately));
  }

  private void add(ReplicaSlice slice, Lately lately) {
    age(lately);
    lately.pods.turn(clock.millis(), lately.ttft, lately.itl);
    lately.pods.add(slice.replica(), slice.ttft(), slice.itl());
    lately.fedMillis = clock.millis();
    lately.ttft.merge(buckets(slice.ttft()));
    lately.itl.merge(buckets(slice.itl()));
    lately.e2e.merge(buckets(slice.e2e()));
    Buckets firstTokens = buckets(slice.firstTokens());
    lately.firstTokens.merge(firstTokens);
    lately.firstBytes.merge(buckets(slice.firstBytes()));
    long bad = slice.failure() + slice.backpressure();
    long cut = Math.min(slice.truncated(), bad);
    lately.requests += (double) (slice.success() + bad);
    lately.errors += (double) (bad - cut);
    lately.streams += firstTokens.total();
    lately.truncated += Math.min((double) cut, firstTokens.total());
  }

  private void age(Lately lately) {
    long now = clock.millis();
    long slices = Math.clamp((now - lately.decayedMillis) / SLICE_MILLIS, 0, MOST_DECAYS);
    if (slices > 0) {
      double factor = Math.pow(DECAY, (double) slices);
      lately.ttft.decay(factor);
      lately.itl.decay(factor);
      lately.e2e.decay(factor);
      lately.firstTokens.decay(factor);
      lately.firstBytes.decay(factor);
      lately.requests *= factor;
      lately.errors *= factor;
      lately.streams *= factor;
      lately.truncated *= factor;
      lately.decayedMillis += slices * SLICE_MILLIS;
    }
  }

  private Lately fresh() {
    Lately lately = new Lately(new PodHistory());
    lately.decayedMillis = clock.millis();
    lately.fedMillis = clock.millis();
    lately.sinceMillis = clock.millis();
    return lately;
  }

  private static Lately restored(Kept kept) {
    Lately lately = new Lately(new PodHistory(kept.pods()));
    lately.used = kept.used().stream().findFirst();
    lately.ttft.merge(kept.ttft());
    lately.itl.merge(kept.itl());
    lately.e2e.merge(kept.e2e());
    if (kept.kinds().isEmpty()) {
      lately.firstTokens.merge(kept.ttft());
    } else {
      lately.firstTokens.merge(kept.kinds().getFirst());
      lately.firstBytes.merge(kept.kinds().getLast());
    }
    lately.requests = kept.requests();
    lately.errors = kept.errors();
    lately.streams = kept.answered();
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
        lately.streams,
        lately.truncated,
        nowMillis,
        lately.pods.kept(),
        lately.used.stream().toList(),
        List.of(lately.firstTokens.buckets(), lately.firstBytes.buckets()));
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
