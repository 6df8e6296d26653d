// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.gateway.exchange.SnapshotHolder;
import java.util.Optional;

/// Receives each event once and passes it to the counters.
public final class GatewayRecorder implements RequestRecorder {
  /// Limit on changed records that wait for the next beat: more than 20,000 a second.
  static final int MAX_WAITING_RECORDS = 100_000;

  private final ReplicaTally replicas;
  private final ArrivalRecorder arrivals;
  private final GatewayMetrics metrics;
  private final AccessLog accessLog;

  public GatewayRecorder(
      SteadyClock clock, SnapshotHolder holder, GatewayMetrics metrics, AccessLog accessLog) {
    this(clock, holder, metrics, accessLog, MAX_WAITING_RECORDS);
  }

  GatewayRecorder(
      SteadyClock clock,
      SnapshotHolder holder,
      GatewayMetrics metrics,
      AccessLog accessLog,
      int maxWaitingRecords) {
    this.replicas = new ReplicaTally(clock);
    this.arrivals = new ArrivalRecorder(clock, holder, maxWaitingRecords);
    this.metrics = metrics;
    this.accessLog = accessLog;
  }

  /// Call after each snapshot swap: it ends the slices of the previous snapshot.
  public void snapshotSwapped(IndexedSnapshot current) {
    metrics.swapped(current.sequence());
    arrivals.align();
  }

  @Override
  public RequestObserver arrived(AdmittedRequest arrival) {
    boolean counts =
        arrival.decision().membership().recorded() && arrival.decision().rollout().isPresent();
    Optional<ArrivalRecorder.Entered> entered =
        counts ? arrivals.arrived(arrival) : Optional.empty();
    VersionMeters chosen =
        metrics.of(arrival.decision().service().id(), arrival.decision().arm().version());
    chosen.arrived(arrival.queuedNanos());
    return new Followed(arrival, entered, chosen);
  }

  @Override
  public RequestObserver generated(AdmittedRequest arrival) {
    return new Measured(arrivals.counted(arrival).own());
  }

  @Override
  public void refused(String requestId, String method, String path, Failure failure) {
    metrics.refused(failure.kind());
    accessLog.refused(requestId, method, path, failure);
  }

  ReplicaTally replicas() {
    return replicas;
  }

  ArrivalRecorder arrivals() {
    return arrivals;
  }

  GatewayMetrics metrics() {
    return metrics;
  }

  long lostRecords() {
    return arrivals.lostRecords();
  }

  /// A generated request; used by one event loop.
  private record Measured(RequestEntry entry) implements RequestObserver {
    @Override
    public void sent(int prefillTokens) {
      entry.sent(prefillTokens);
    }

    @Override
    public void firstToken(long ttftMicros) {
      entry.firstToken(ttftMicros);
    }

    @Override
    public void overdue(long micros, boolean givenUp) {
      entry.overdue(micros);
    }

    @Override
    public void attemptEnded(AttemptEnd end) {
      entry.ended(end);
    }

    @Override
    public void finished(CompletedRequest completed) {
      entry.endedWithoutAttempt(completed.e2eMicros());
    }

    @Override
    public void graded(int thousandths) {
      entry.graded(thousandths);
    }
  }

  /// One request in flight; used by one event loop.
  private final class Followed implements RequestObserver {
    private final AdmittedRequest arrival;
    private final Optional<RequestEntry> entry;
    private final Optional<MirroredPair> mirroredPair;
    private final VersionMeters chosen;
    private Optional<AttemptEnd> previous = Optional.empty();

    Followed(
        AdmittedRequest arrival, Optional<ArrivalRecorder.Entered> entered, VersionMeters chosen) {
      this.arrival = arrival;
      this.entry = entered.map(ArrivalRecorder.Entered::own);
      this.mirroredPair = entered.flatMap(ArrivalRecorder.Entered::mirroredPair);
      this.chosen = chosen;
    }

    @Override
    public void sent(int prefillTokens) {
      entry.ifPresent(e -> e.sent(prefillTokens));
    }

    @Override
    public void firstToken(long ttftMicros) {
      entry.ifPresent(e -> e.firstToken(ttftMicros));
    }

    @Override
    public void overdue(long micros, boolean givenUp) {
      entry.ifPresent(e -> e.overdue(micros));
      chosen.overdue(givenUp);
    }

    @Override
    public void attemptEnded(AttemptEnd end) {
      if (end.number() == 1) {
        entry.ifPresent(e -> e.ended(end));
        mirroredPair.ifPresent(p -> p.answered(end));
      }
      replicas.ended(end.service(), end, arrival.form().notStreamed());
      // The previous attempt was retried, unless it was truncated; then the stream was resumed.
      previous.filter(b -> !b.truncated()).flatMap(AttemptEnd::failure).ifPresent(this::retried);
      metersOf(end).attemptEnded(end);
      previous = Optional.of(end);
    }

    /// Copies appear only in the rollout's records, because replica health and SLOs are about what
    /// clients received.
    @Override
    public RequestObserver copy() {
      return mirroredPair.<RequestObserver>map(p -> p).orElse(UNRECORDED);
    }

    @Override
    public void graded(int thousandths) {
      entry.ifPresent(e -> e.graded(thousandths));
    }

    private void retried(Failure failure) {
      metersOf(previous.orElseThrow()).retried(failure.kind());
    }

    @Override
    public void finished(CompletedRequest completed) {
      entry.ifPresent(e -> e.endedWithoutAttempt(completed.e2eMicros()));
      chosen.left();
      metersOf(completed.service(), completed.version()).finished(completed);
      metrics.fellBack(completed.fallbackTrace());
      accessLog.finished(completed);
    }

    private VersionMeters metersOf(AttemptEnd end) {
      return metersOf(end.service(), end.version());
    }

    private VersionMeters metersOf(String service, String version) {
      boolean first =
          version.equals(arrival.decision().arm().version())
              && service.equals(arrival.decision().service().id());
      return version.isEmpty() || first ? chosen : metrics.of(service, version);
    }
  }
}
