// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.ReplicaKey;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.gateway.exchange.StoreWitness;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.SnapshotFormats;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.Agreement;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.FastSlice;
import dev.weir.snapshot.Telemetry.InFlight;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.snapshot.TelemetryRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Creates a batch twice a second, and sends each batch until the control plane acknowledges it.
/// Fast failures do not wait for the next regular batch: a batch is created as soon as their window
/// is complete.
///
/// Collecting and sending have a thread each, so that slices end on time while a send waits for an
/// unresponsive control plane. Batches are sent one at a time and in order.
public final class TelemetrySender implements AutoCloseable {
  static final Duration BEAT = Duration.ofMillis(500);

  /// Lower bound, however many rollouts have windows to report.
  static final Duration SHORTEST_BEAT = Duration.ofMillis(100);

  /// Two minutes of non-empty beats.
  static final int MAX_BATCHES = 240;

  /// At most about 60 MB of records.
  static final long MAX_ITEMS = 400_000;

  static final int MAX_RECORDS_PER_BATCH = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(TelemetrySender.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(3);

  private final ControlLink link;
  private final GatewayIdentity identity;
  private final SnapshotHolder holder;
  private final StoreWitness store;
  private final LeaseSink lease;
  private final GatewayRecorder recorder;
  private final InFlightSource running;
  private final Supplier<List<String>> problems;
  private final SteadyClock clock;
  private final TelemetryBuffer buffer = new TelemetryBuffer(MAX_BATCHES, MAX_ITEMS);
  private final Semaphore wakeUp = new Semaphore(0);
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread collecting;
  private final Thread sending;
  private long sliceStartNanos;
  private long lostRecordsReported;
  private boolean failing;
  private boolean leaseRan;

  /// Receives the lease and the number of gateways from each acknowledgement.
  @FunctionalInterface
  public interface LeaseSink {
    /// @param sentNanos when the batch was sent, monotonic
    /// @param leaseMillis from then
    /// @param gateways number of live gateways, including this one; 0 if unknown
    void renewed(long sentNanos, long leaseMillis, int gateways);
  }

  /// Reports requests in flight. Called at every beat, on a thread of the sender.
  @FunctionalInterface
  public interface InFlightSource {
    /// Requests in flight per replica, including replicas that left the snapshot.
    Map<ReplicaKey, Integer> inFlight();
  }

  /// Does not send before [#start].
  ///
  /// @param problems current problems of the gateway, as text for operators
  public TelemetrySender(
      ControlLink link,
      GatewayIdentity identity,
      SnapshotHolder holder,
      StoreWitness store,
      LeaseSink lease,
      GatewayRecorder recorder,
      InFlightSource running,
      Supplier<List<String>> problems,
      SteadyClock clock) {
    this.link = link;
    this.identity = identity;
    this.holder = holder;
    this.store = store;
    this.lease = lease;
    this.recorder = recorder;
    this.running = running;
    this.problems = problems;
    this.clock = clock;
    this.sliceStartNanos = clock.nanos();
    this.collecting = Thread.ofVirtual().name("telemetry-collect").unstarted(this::collectLoop);
    this.sending = Thread.ofVirtual().name("telemetry-send").unstarted(this::sendLoop);
    recorder.metrics().gaugeTelemetry(buffer::size, buffer::lostTotal, recorder::lostRecords);
  }

  public void start() {
    collecting.start();
    sending.start();
  }

  /// Ends both loops, then creates a last batch and tries once to send all waiting ones.
  @Override
  public void close() {
    stop.countDown();
    wakeUp.release();
    try {
      boolean ended = collecting.getState() == Thread.State.NEW || join(collecting);
      ended &= sending.getState() == Thread.State.NEW || join(sending);
      if (ended) {
        recorder.arrivals().closeAll();
        collect(true);
        sendWaiting();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean join(Thread thread) throws InterruptedException {
    if (thread.join(CLOSE_WAIT)) {
      return true;
    }
    thread.interrupt();
    return false;
  }

  private void collectLoop() {
    try {
      do {
        beat();
        wakeUp.release();
      } while (!stop.await(untilNextBeat(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long untilNextBeat() {
    long fast = recorder.arrivals().untilFastNanos().orElse(Long.MAX_VALUE);
    return Math.clamp(fast, SHORTEST_BEAT.toNanos(), BEAT.toNanos());
  }

  private void sendLoop() {
    try {
      while (stop.getCount() > 0) {
        wakeUp.acquire();
        wakeUp.drainPermits();
        sendWaiting();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// One beat: ends slices that are due, and creates a batch.
  void beat() {
    try {
      logLeaseChange();
      recorder.arrivals().align();
      collect(clock.nanos() - sliceStartNanos >= RolloutRecorder.SLICE.toNanos());
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("event", "telemetry.collect.failed")
          .setCause(e)
          .log("Telemetry cannot be collected");
    }
  }

  private void logLeaseChange() {
    boolean runs = holder.leaseRuns();
    if (runs != leaseRan) {
      leaseRan = runs;
      LOG.atInfo()
          .addKeyValue("event", runs ? "lease.granted" : "lease.ended")
          .log("The canary lease changed; without a lease, canaries get no requests");
    }
  }

  private void collect(boolean sliceEnds) {
    List<ReplicaSlice> slices = List.of();
    if (sliceEnds) {
      sliceStartNanos = clock.nanos();
      slices = recorder.replicas().closeSlice();
      recorder.metrics().forgetUnserved(holder.current());
    }
    long lostRecords = recorder.lostRecords();
    if (lostRecords > lostRecordsReported) {
      lostRecordsReported = lostRecords;
      buffer.countLoss();
    }
    // Read the time first: everything that ended before it is in this batch, so the control plane
    // does not wait for it.
    long now = clock.millis();
    // Take closed slices before records: a record may then belong to a slice that closes later, but
    // not the reverse.
    List<ArrivalSlice> arrivals = recorder.arrivals().takeClosed();
    List<RequestRecord> records = recorder.arrivals().takeRecords(MAX_RECORDS_PER_BATCH);
    add(
        now,
        slices,
        arrivals,
        records,
        recorder.arrivals().takeFast(),
        recorder.arrivals().takeAgreements());
    while (records.size() == MAX_RECORDS_PER_BATCH) {
      records = recorder.arrivals().takeRecords(MAX_RECORDS_PER_BATCH);
      add(now, List.of(), List.of(), records, List.of(), List.of());
    }
  }

  private void add(
      long now,
      List<ReplicaSlice> slices,
      List<ArrivalSlice> arrivals,
      List<RequestRecord> records,
      List<FastSlice> fast,
      List<Agreement> agreements) {
    boolean onlyHeartbeat =
        Stream.of(slices, arrivals, records, fast, agreements).allMatch(List::isEmpty);
    if (onlyHeartbeat && buffer.oldest().isPresent()) {
      return; // a waiting batch is sent at this beat and serves as the heartbeat
    }
    // Read the snapshot before the counts: they then include all earlier requests, so "nothing in
    // flight" is true for the snapshot that the batch acknowledges.
    IndexedSnapshot current = holder.current();
    List<InFlight> inFlight = InFlightList.of(running.inFlight());
    List<String> reported =
        Stream.concat(store.problems().stream(), problems.get().stream())
            .limit(Telemetry.MAX_PROBLEMS)
            .toList();
    buffer.add((batch, lost) ->
        new Telemetry(
            identity.gateway(),
            identity.boot(),
            batch,
            identity.version(),
            SnapshotFormats.READABLE,
            current.sequence(),
            current.hash(),
            now,
            lost,
            slices,
            arrivals,
            records,
            fast,
            agreements,
            reported,
            store.witness(),
            store.refused(),
            inFlight));
  }

  /// Sends waiting batches, oldest first, until none is left or a send fails.
  void sendWaiting() throws InterruptedException {
    for (Optional<Telemetry> next = buffer.oldest(); next.isPresent(); next = buffer.oldest()) {
      if (!sent(next.get())) {
        return;
      }
    }
  }

  private boolean sent(Telemetry batch) throws InterruptedException {
    long sentNanos = clock.nanos();
    try {
      TelemetryAck ack = link.send(batch);
      boolean fromFollowedStore = store.answered(batch.witness(), ack);
      lease.renewed(sentNanos, fromFollowedStore ? ack.leaseMillis() : 0, ack.gateways());
      buffer.acknowledged(ack.batch());
      if (ack.batch() < batch.batch()) {
        failed("the control plane has stored up to batch " + ack.batch() + " only", batch);
        return false;
      }
      if (failing) {
        failing = false;
        LOG.atInfo()
            .addKeyValue("event", "telemetry.recovered")
            .addKeyValue("batch", batch.batch())
            .log("The control plane accepts telemetry again");
      }
      return true;
    } catch (TelemetryRefusedException e) {
      LOG.atError()
          .addKeyValue("event", "telemetry.refused")
          .addKeyValue("batch", batch.batch())
          .addKeyValue("reason", why(e))
          .log("The control plane rejected a telemetry batch permanently; it is lost");
      buffer.refused(batch.batch());
      return true;
    } catch (IOException | RuntimeException e) {
      failed(why(e), batch);
      return false;
    }
  }

  private void failed(String why, Telemetry batch) {
    if (!failing) {
      failing = true; // log once per outage; the metric counts every failure
      LOG.atWarn()
          .addKeyValue("event", "telemetry.failed")
          .addKeyValue("batch", batch.batch())
          .addKeyValue("reason", why)
          .log("Telemetry cannot be sent and is retried");
    }
  }

  private static String why(Exception e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
