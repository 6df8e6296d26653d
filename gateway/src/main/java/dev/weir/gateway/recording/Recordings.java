// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import dev.weir.snapshot.RoutingSnapshot.Recording;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// A sample of clients' requests, for services that request it. Event loops only copy and enqueue
/// recordings, and take replay requests from a small stock. A [RecordingWorker] does all work on
/// keys, texts and files on its own thread; when it does not keep up, requests are not recorded.
public final class Recordings {
  /// Requests with larger bodies are not recorded.
  static final int MAX_BODY = 64 * 1024;

  /// Maximum waiting tasks.
  static final int MAX_WAITING = 256;

  /// Replay requests in clear text in memory, per service.
  static final int STOCK = 32;

  /// Replay requests are removed this long after the last one was taken.
  private static final long STOCK_RETENTION_MILLIS = 600_000;

  private static final int MILLION = 1_000_000;
  private static final Set<String> PATHS =
      Set.of("/v1/chat/completions", "/v1/completions", "/v1/messages", "/v1/responses");

  private final LongSupplier millis;
  private final BlockingQueue<RecordingTask> recordingTasks = new ArrayBlockingQueue<>(MAX_WAITING);
  private final Map<String, Stock> stocks = new ConcurrentHashMap<>();
  private final Map<String, String> problems = new ConcurrentHashMap<>();
  private final Map<String, Held> held = new ConcurrentHashMap<>();
  private final LongAdder kept = new LongAdder();
  private final LongAdder leftOut = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final boolean enabled;

  /// A task of the worker.
  sealed interface RecordingTask {
    /// @param atMillis UTC epoch, by this gateway's clock
    /// @param body JSON
    record Keep(String service, Recording rules, String path, ByteBuffer body, long atMillis)
        implements RecordingTask {}

    /// @param rollout that replays them
    record Fetch(String service, Recording rules, String rollout) implements RecordingTask {}
  }

  /// A request to replay.
  ///
  /// @param json body
  public record ReplayRequest(String path, String json) {}

  /// The recordings of a service.
  ///
  /// @param unreadable sealed with another key
  record Held(int readable, int unreadable) {}

  private static final class Stock {
    private final String rollout;
    private final ConcurrentLinkedQueue<ReplayRequest> ready = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean fetching = new AtomicBoolean();
    private volatile long askedMillis;

    Stock(String rollout) {
      this.rollout = rollout;
    }
  }

  private Recordings(LongSupplier millis, boolean enabled) {
    this.millis = millis;
    this.enabled = enabled;
  }

  /// @param millis UTC epoch
  public static Recordings with(LongSupplier millis) {
    return new Recordings(millis, true);
  }

  /// For a gateway without recordings.
  public static Recordings none() {
    return new Recordings(() -> 0, false);
  }

  // --- on event loops

  /// Offers a request that is sent to a service; it may be recorded.
  ///
  /// @param path of the API
  /// @param declined whether the client opts out of recording
  public void offer(
      ServiceEntry service, String path, boolean declined, ByteBuf body, RandomGenerator random) {
    Recording rules = service.recording();
    boolean drawn =
        enabled
            && rules.sampleMillionths() > 0
            && random.nextInt(MILLION) < rules.sampleMillionths();
    if (!drawn || declined || !PATHS.contains(path)) {
      return;
    }
    if (body.readableBytes() > MAX_BODY) {
      leftOut.increment();
      return;
    }
    byte[] copy = new byte[body.readableBytes()];
    body.getBytes(body.readerIndex(), copy);
    if (!recordingTasks.offer(
        new RecordingTask.Keep(
            service.id(), rules, path, ByteBuffer.wrap(copy), millis.getAsLong()))) {
      dropped.increment();
    }
  }

  /// A request to replay, each at most once per rollout; empty if none is available now.
  ///
  /// @param rollout id, `namespace/name`
  public Optional<ReplayRequest> take(ServiceEntry service, String rollout) {
    if (!enabled || service.recording().key().isEmpty()) {
      return Optional.empty();
    }
    Stock stock =
        stocks.compute(
            service.id(),
            (_, known) ->
                known != null && known.rollout.equals(rollout) ? known : new Stock(rollout));
    stock.askedMillis = millis.getAsLong();
    ReplayRequest next = stock.ready.poll();
    if (stock.ready.size() < STOCK / 2 && stock.fetching.compareAndSet(false, true)) {
      boolean asked =
          recordingTasks.offer(new RecordingTask.Fetch(service.id(), service.recording(), rollout));
      stock.fetching.compareAndSet(true, asked);
    }
    return Optional.ofNullable(next);
  }

  // --- metrics and problems

  /// Number of requests per result: `kept`, `left_out` (too large, or not redactable) and `dropped`
  /// (queue full, or no key).
  public Map<String, LongSupplier> counts() {
    return Map.of("kept", kept::sum, "left_out", leftOut::sum, "dropped", dropped::sum);
  }

  /// Number of stored recordings: `readable` and `unreadable` (sealed with another key).
  public Map<String, LongSupplier> held() {
    return Map.of(
        "readable",
        () -> held.values().stream().mapToLong(Held::readable).sum(),
        "unreadable",
        () -> held.values().stream().mapToLong(Held::unreadable).sum());
  }

  /// Services whose requested recordings are not made, with the reason, ordered by id.
  public List<String> problems() {
    return new TreeMap<>(problems)
        .entrySet().stream()
            .map(problem ->
                "service %s: spec.traffic.recording.key: %s; nothing is recorded"
                    .formatted(problem.getKey(), problem.getValue()))
            .toList();
  }

  // --- for the worker

  BlockingQueue<RecordingTask> recordingTasks() {
    return recordingTasks;
  }

  void countOutcome(ServiceRecordings.Outcome outcome) {
    switch (outcome) {
      case KEPT -> kept.increment();
      case LEFT_OUT -> leftOut.increment();
      case OFF -> dropped.increment();
    }
  }

  /// Adds fetched requests, if any.
  void stock(String service, String rollout, List<RecordedRequest> fetched) {
    Stock stock = stocks.get(service);
    if (stock != null && stock.rollout.equals(rollout)) {
      fetched.forEach(one -> stock.ready.add(new ReplayRequest(one.path(), one.body())));
      stock.fetching.set(false);
    }
  }

  /// Removes in-memory state of other services, and stocks that were not used recently.
  void retain(Set<String> services) {
    long idle = millis.getAsLong() - STOCK_RETENTION_MILLIS;
    stocks
        .entrySet()
        .removeIf(
            stock -> !services.contains(stock.getKey()) || stock.getValue().askedMillis < idle);
    problems.keySet().retainAll(services);
    held.keySet().retainAll(services);
  }

  void setStored(String service, Held what) {
    held.put(service, what);
  }

  void problem(String service, Optional<String> why) {
    why.ifPresentOrElse(what -> problems.put(service, what), () -> problems.remove(service));
  }
}
