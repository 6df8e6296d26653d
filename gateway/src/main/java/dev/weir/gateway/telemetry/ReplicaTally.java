// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Counts attempts per replica. Sharded by thread: an event loop shares its shard only with the
/// collector, once per slice, so its lock is uncontended.
///
/// Replicas without an attempt in the slice are absent.
final class ReplicaTally {
  /// More than the number of event loops in practice; a power of two. Threads with consecutive ids,
  /// such as event loops, map to different shards.
  private static final int SHARDS = 32;

  private final SteadyClock clock;
  private final Shard[] shards = new Shard[SHARDS];
  private long startMillis;

  ReplicaTally(SteadyClock clock) {
    this.clock = clock;
    this.startMillis = clock.millis();
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new Shard();
    }
  }

  private record Key(String service, String version, String replica) {}

  /// Counts an attempt that called a replica.
  ///
  /// @param inOnePiece whether its first byte is not a first token
  void ended(String service, AttemptEnd end, boolean inOnePiece) {
    if (end.replica().isPresent()) {
      ReplicaEntry replica = end.replica().get();
      int shard = (int) Thread.currentThread().threadId() & (SHARDS - 1);
      shards[shard].add(new Key(service, end.version(), replica.name()), end, inOnePiece);
    }
  }

  /// Ends the slice and starts the next. Called by one thread.
  List<ReplicaSlice> closeSlice() {
    Map<Key, Counts> merged = new HashMap<>();
    for (Shard shard : shards) {
      shard.drain().forEach((key, counts) -> merged.merge(key, counts, Counts::plus));
    }
    long endMillis = clock.millis();
    List<ReplicaSlice> slices = new ArrayList<>(merged.size());
    merged.forEach((key, counts) -> slices.add(counts.toSlice(key, startMillis, endMillis)));
    startMillis = endMillis;
    return slices;
  }

  private static final class Shard {
    private Map<Key, Counts> counts = new HashMap<>();

    synchronized void add(Key key, AttemptEnd end, boolean inOnePiece) {
      counts.computeIfAbsent(key, _ -> new Counts()).add(end, inOnePiece);
    }

    synchronized Map<Key, Counts> drain() {
      Map<Key, Counts> full = counts;
      counts = new HashMap<>();
      return full;
    }
  }

  private static final class Counts {
    private long success;
    private long failure;
    private long backpressure;
    private long neutral;
    private long truncated;
    private long promptTokens;
    private long outputTokens;
    private final BucketCounts ttft = new BucketCounts();
    private final BucketCounts itl = new BucketCounts();
    private final BucketCounts e2e = new BucketCounts();
    private final BucketCounts firstBytes = new BucketCounts();

    void add(AttemptEnd end, boolean inOnePiece) {
      switch (end.outcome()) {
        case SUCCESS -> success++;
        case FAILURE -> failure++;
        case BACKPRESSURE -> backpressure++;
        case NEUTRAL -> neutral++;
        case PENDING -> throw new IllegalStateException("AttemptEnd refuses PENDING");
      }
      truncated += end.truncated() ? 1 : 0;
      promptTokens += end.promptTokens();
      outputTokens += end.outputTokens();
      ttft.add(end.ttftMicros());
      itl.add(end.itlMicros());
      e2e.add(end.e2eMicros());
      if (inOnePiece) {
        firstBytes.add(end.ttftMicros());
      }
    }

    Counts plus(Counts other) {
      success += other.success;
      failure += other.failure;
      backpressure += other.backpressure;
      neutral += other.neutral;
      truncated += other.truncated;
      promptTokens += other.promptTokens;
      outputTokens += other.outputTokens;
      ttft.addAll(other.ttft);
      itl.addAll(other.itl);
      e2e.addAll(other.e2e);
      firstBytes.addAll(other.firstBytes);
      return this;
    }

    ReplicaSlice toSlice(Key key, long startMillis, long endMillis) {
      return new ReplicaSlice(
          key.service(),
          key.version(),
          key.replica(),
          startMillis,
          endMillis,
          success,
          failure,
          backpressure,
          neutral,
          truncated,
          promptTokens,
          outputTokens,
          ttft.toMap(),
          itl.toMap(),
          e2e.toMap(),
          firstBytes.toMap());
    }
  }
}
