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

/// A sample of clients' requests, for services that want one: taken in on event loops, which only
/// copy and hand over, and given out there from a small stock. All work on keys, texts and files is
/// done by a [RecordingWorker] on a thread of its own; when it does not keep up, requests are not
/// recorded.
public final class Recordings {
  /// Requests with larger bodies are not recorded.
  static final int MAX_BODY = 64 * 1024;

  /// Hand-overs that may wait.
  static final int MAX_WAITING = 256;

  /// In clear text in memory, for one service that they are asked again of.
  static final int STOCK = 32;

  /// After the last one was asked again.
  private static final long STOCK_STAYS_MILLIS = 600_000;

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
  private final boolean keeps;

  /// What the clerk is to do.
  sealed interface RecordingTask {
    /// @param atMillis UTC epoch, by this gateway's clock
    /// @param body JSON
    record Keep(String service, Recording rules, String path, ByteBuffer body, long atMillis)
        implements RecordingTask {}

    /// @param rollout that they are to be asked in
    record Fetch(String service, Recording rules, String rollout) implements RecordingTask {}
  }

  /// A request to be asked again.
  ///
  /// @param json body
  public record ReplayRequest(String path, String json) {}

  /// What there is of a service.
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

  private Recordings(LongSupplier millis, boolean keeps) {
    this.millis = millis;
    this.keeps = keeps;
  }

  /// @param millis UTC epoch
  public static Recordings with(LongSupplier millis) {
    return new Recordings(millis, true);
  }

  /// Of a gateway that keeps nothing.
  public static Recordings none() {
    return new Recordings(() -> 0, false);
  }

  // --- on event loops

  /// A request of that service is sent: it may be recorded.
  ///
  /// @param path of the API
  /// @param declined whether the client wants it not to be
  public void offer(
      ServiceEntry service, String path, boolean declined, ByteBuf body, RandomGenerator random) {
    Recording rules = service.recording();
    boolean drawn =
        keeps && rules.sampleMillionths() > 0 && random.nextInt(MILLION) < rules.sampleMillionths();
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

  /// One to be asked again, each once in a rollout; empty while there is none at hand.
  ///
  /// @param rollout id, `namespace/name`
  public Optional<ReplayRequest> take(ServiceEntry service, String rollout) {
    if (!keeps || service.recording().key().isEmpty()) {
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

  // --- told by others

  /// How many requests were `kept`, `left_out` (too large, or not to be redacted) and `dropped`
  /// (too many at a time, or no key), by that name.
  public Map<String, LongSupplier> counts() {
    return Map.of("kept", kept::sum, "left_out", leftOut::sum, "dropped", dropped::sum);
  }

  /// How many recordings there are that are `readable` and `unreadable` (sealed with another key),
  /// by that name.
  public Map<String, LongSupplier> held() {
    return Map.of(
        "readable",
        () -> held.values().stream().mapToLong(Held::readable).sum(),
        "unreadable",
        () -> held.values().stream().mapToLong(Held::unreadable).sum());
  }

  /// Services that want recordings which are not made, and why, in the order of their ids.
  public List<String> problems() {
    return new TreeMap<>(problems)
        .entrySet().stream()
            .map(problem ->
                "service %s: spec.traffic.recording.key: %s; nothing is recorded"
                    .formatted(problem.getKey(), problem.getValue()))
            .toList();
  }

  // --- the clerk's side

  BlockingQueue<RecordingTask> recordingTasks() {
    return recordingTasks;
  }

  void became(ServiceRecordings.Outcome outcome) {
    switch (outcome) {
      case KEPT -> kept.increment();
      case LEFT_OUT -> leftOut.increment();
      case OFF -> dropped.increment();
    }
  }

  /// What was fetched, if anything.
  void stock(String service, String rollout, List<RecordedRequest> fetched) {
    Stock stock = stocks.get(service);
    if (stock != null && stock.rollout.equals(rollout)) {
      fetched.forEach(one -> stock.ready.add(new ReplayRequest(one.path(), one.body())));
      stock.fetching.set(false);
    }
  }

  /// Forgets what is in memory of services that are not among these, or was not asked for lately.
  void retain(Set<String> services) {
    long idle = millis.getAsLong() - STOCK_STAYS_MILLIS;
    stocks
        .entrySet()
        .removeIf(
            stock -> !services.contains(stock.getKey()) || stock.getValue().askedMillis < idle);
    problems.keySet().retainAll(services);
    held.keySet().retainAll(services);
  }

  void holds(String service, Held what) {
    held.put(service, what);
  }

  void problem(String service, Optional<String> why) {
    why.ifPresentOrElse(what -> problems.put(service, what), () -> problems.remove(service));
  }
}
