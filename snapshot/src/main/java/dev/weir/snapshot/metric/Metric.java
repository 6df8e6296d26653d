// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot.metric;

import static dev.weir.snapshot.metric.Label.REPLICA;
import static dev.weir.snapshot.metric.Label.ROUTE;
import static dev.weir.snapshot.metric.Label.SERVICE;
import static dev.weir.snapshot.metric.Label.VERSION;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Every metric that Weir exposes. Metrics of a version have the labels `service` and `version`.
public enum Metric {
  REQUESTS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.requests",
      "requests",
      "Finished requests by client outcome and by the version that responded last",
      SERVICE,
      VERSION,
      Label.of("outcome", "success", "client_error", "gateway_error", "engine_error")),
  ATTEMPTS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.attempts",
      "attempts",
      "Finished attempts at replicas: success, engine failure, backpressure (engine at capacity),"
          + " or neutral (caused by the client or by no component)",
      SERVICE,
      VERSION,
      Label.of("outcome", "success", "failure", "backpressure", "neutral")),
  ATTEMPTS_INJECTED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.attempts.injected",
      "attempts",
      "Attempts with an injected fault, whatever their outcome",
      SERVICE,
      VERSION),
  RETRIES(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.retries",
      "attempts",
      "Attempts that were retried on another replica, by their outcome and cause",
      SERVICE,
      VERSION,
      Label.of("outcome", "failure", "backpressure"),
      Label.open("cause", "codes of retryable failures")),
  OVERDUE(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.answers.overdue",
      "answers",
      "First attempts of requests without streaming that exceed the service's 99.9th percentile of"
          + " duration: abandoned for another replica, or still awaited because there is none",
      SERVICE,
      VERSION,
      Label.of("result", "given_up", "awaited")),
  BREAKER_OPENED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.breaker.opened",
      "times",
      "Replica circuit breakers opened, because of consecutive failures or a high failure rate",
      SERVICE,
      VERSION),
  RETRY_BUDGET_EXHAUSTED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.retry.budget.exhausted",
      "requests",
      "Requests that failed because the service's retry budget was exhausted",
      SERVICE,
      VERSION),
  FALLBACKS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.fallbacks",
      "requests",
      "Fallbacks to another service, by route and by the reason why the previous service failed",
      ROUTE,
      Label.of("cause", "down", "saturated", "contextTooLong")),
  RESUMES(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.resumes",
      "streams",
      "Attempts to resume a broken stream on another replica",
      SERVICE,
      VERSION,
      Label.of("result", "continued", "failed")),
  TOKENS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.tokens",
      "tokens",
      "Tokens as reported to clients",
      SERVICE,
      VERSION,
      Label.of("direction", "prompt", "output")),
  REQUESTS_REFUSED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.requests.refused",
      "requests",
      "Requests rejected before a version was selected",
      Label.open("reason", "failure codes")),
  LOOP_LAG(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.eventloop.lag",
      "seconds",
      "Smoothed lag of the gateway's slowest event loop; the gateway rejects requests when it"
          + " exceeds 0.25 for a second"),
  REQUESTS_SHED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.requests.shed",
      "requests",
      "Requests rejected unread (503 gateway_overloaded) because an event loop lacks CPU time"),
  REQUESTS_DROPPED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.requests.dropped",
      "requests",
      "Requests dropped unread because the client disconnected while an event loop lagged"),
  TTFT(
      Plane.GATEWAY,
      Type.HISTOGRAM,
      "weir.request.ttft",
      Metric.SECONDS,
      "Time from a request's arrival to the client's first token, or to the first byte without"
          + " streaming",
      SERVICE,
      VERSION),
  ITL(
      Plane.GATEWAY,
      Type.HISTOGRAM,
      "weir.request.itl",
      Metric.SECONDS,
      "Mean time between the tokens of one attempt",
      SERVICE,
      VERSION),
  DURATION(
      Plane.GATEWAY,
      Type.HISTOGRAM,
      "weir.request.duration",
      Metric.SECONDS,
      "Time from a request's arrival to its end",
      SERVICE,
      VERSION),
  IN_FLIGHT(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.requests.in.flight",
      "requests",
      "Requests in flight, by the version selected first",
      SERVICE,
      VERSION),
  ADMISSION_REFUSED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.admission.refused",
      "requests",
      "Requests rejected by a limit",
      Label.of("scope", "key", "tenant", "service"),
      Label.of("limit", "requests", "tokens", "concurrency")),
  ADMISSION_WAITING(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.admission.waiting",
      "requests",
      "Requests in the admission queues"),
  ADAPTIVE_LIMITED(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.adaptive.limited.services",
      "services",
      "Services with concurrency reduced to their engines' measured capacity because first tokens"
          + " were too late"),
  ADMISSION_WAIT(
      Plane.GATEWAY,
      Type.HISTOGRAM,
      "weir.admission.wait",
      Metric.SECONDS,
      "Time in the admission queue, for requests that waited and were admitted",
      SERVICE,
      VERSION),
  MIRRORED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.mirrored.requests",
      "requests",
      "Copies of requests to a route's mirror: answered, failed, or dropped because too many were"
          + " in flight or no replica was available",
      Label.of("result", "answered", "failed", "dropped")),
  SHADOWED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.shadow.requests",
      "requests",
      "Copies of requests to a version under test while the stable version served the client:"
          + " answered, failed, cancelled because the client disconnected, or dropped because too"
          + " many were in flight or the body is too large",
      Label.of("result", "answered", "failed", "cancelled", "dropped")),
  GENERATED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.generated.requests",
      "requests",
      "Requests that the gateway generated for a release with low client traffic: answered,"
          + " failed, or dropped because client requests used all capacity or no prompt was"
          + " available",
      Label.of("result", "answered", "failed", "dropped")),
  GRADED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.graded.answers",
      "answers",
      "Responses of a release in the graded sample: graded, unreadable grade, failed because the"
          + " judge did not respond, too late, or dropped because too many were queued",
      Label.of("result", "graded", "unreadable", "failed", "late", "dropped")),
  RECORDED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.recorded.requests",
      "requests",
      "Requests sampled for recording: kept, left out because they are too large or cannot be"
          + " redacted, or dropped because there is no key or too many arrived at once",
      Label.of("result", "kept", "left_out", "dropped")),
  RECORDINGS(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.recordings",
      "requests",
      "Stored recorded requests, by whether the current key can decrypt them",
      Label.of("state", "readable", "unreadable")),
  BREAKERS(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.breakers",
      "replicas",
      "Replicas by the state of their circuit breaker",
      Label.of("state", "closed", "open", "half_open")),
  SNAPSHOT_SEQUENCE(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.snapshot.sequence",
      "number",
      "Sequence number of the current snapshot"),
  SNAPSHOT_AGE(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.snapshot.age",
      Metric.SECONDS,
      "Time since the current snapshot was installed"),
  LEASE_REMAINING(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.lease.remaining",
      Metric.SECONDS,
      "Remaining time of the lease for traffic to canaries"),
  STORE_REFUSED(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.store.refused",
      "",
      "1 while the gateway rejects snapshots because they come from another store than the one"
          + " that it follows"),
  TELEMETRY_UNACKED(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.telemetry.unacked",
      "batches",
      "Telemetry batches that the control plane has not acknowledged yet"),
  TELEMETRY_LOST_BATCHES(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.telemetry.lost.batches",
      "batches",
      "Telemetry batches discarded since the start"),
  TELEMETRY_LOST_RECORDS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.telemetry.lost.records",
      "records",
      "Record updates lost since the start"),
  ACCESS_LOG_DROPPED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.accesslog.dropped",
      "lines",
      "Access log lines dropped because the queue was full"),
  CERTIFICATE_REMAINING(
      Plane.BOTH,
      Type.GAUGE,
      "weir.tls.certificate.remaining",
      Metric.SECONDS,
      "Time until the certificate of this listener expires"),

  API_CALLS(
      Plane.CONTROL,
      Type.SUMMARY,
      "weir.control.api.calls",
      Metric.SECONDS,
      "Requests to the control plane's HTTP API, excluding streams",
      Label.open("route", "the API's route templates; `none` for any other path"),
      Label.open("method", "HTTP methods of these routes; `other` with `none`"),
      Label.open("status", "HTTP status codes of the API")),
  API_STREAMS(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.api.streams",
      "streams",
      "Open event streams",
      Label.of("type", "watch", "gateway", "log")),
  RECONCILES(
      Plane.CONTROL,
      Type.COUNTER,
      "weir.control.reconciles",
      "passes",
      "Reconciliations of one Service; idle Services are reconciled twice a minute"),
  RECONCILE_OLDEST_DUE(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.reconcile.oldest.due",
      Metric.SECONDS,
      "How long the next reconciliation has been due; a growing value means that the control plane"
          + " is overloaded",
      Label.of("lane", "urgent", "ordinary")),
  TABLE_OVERFLOW(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.table.overflow.entries",
      "entries",
      "Entries that do not fit into a table of the control plane, so that dependent data is"
          + " incomplete",
      Label.of("table", "engine_gauges", "reconcile_queue")),
  UNCONVERGED(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.gateway.unconverged",
      "gateways",
      "1 for each gateway that does not serve the current snapshot; without a gateway, a revert"
          + " without a target",
      Label.open("gateway", "ids of late gateways, the first 100"),
      Label.open("reason", "reasons of the convergence watchdog")),
  TELEMETRY_BATCHES(
      Plane.CONTROL, Type.COUNTER, "weir.control.telemetry.batches", "batches", "Batches accepted"),
  TELEMETRY_BATCHES_REPEATED(
      Plane.CONTROL,
      Type.COUNTER,
      "weir.control.telemetry.batches.repeated",
      "batches",
      "Duplicate or out-of-order batches"),
  TELEMETRY_BATCHES_LOST(
      Plane.CONTROL,
      Type.COUNTER,
      "weir.control.telemetry.batches.lost",
      "batches",
      "Batches that gateways discarded or that never arrived"),
  TELEMETRY_ATTEMPTS(
      Plane.CONTROL,
      Type.COUNTER,
      "weir.control.telemetry.attempts",
      "attempts",
      "Attempts at replicas counted in accepted batches"),
  ALERTS_FIRING(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.alerts",
      "alerts",
      "Firing alerts, sent to a channel or not",
      Label.open("event", "kinds of alert, about a dozen"),
      Label.of("severity", "info", "warning", "error", "critical")),
  ALERTS_UNDELIVERED(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.alerts.undelivered",
      "alerts",
      "Alert notifications that are not delivered after the first attempt: waiting for a retry, or"
          + " abandoned",
      Label.open("channel", "names of AlertChannels, the first 100"),
      Label.of("state", "waiting", "dead")),
  REPLICA_RUNNING(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.requests.running",
      "requests",
      "Requests that the engine reports as running; absent after 30 s without a report",
      SERVICE,
      VERSION,
      REPLICA),
  REPLICA_WAITING(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.requests.waiting",
      "requests",
      "Requests that the engine reports in its queue; absent after 30 s without a report",
      SERVICE,
      VERSION,
      REPLICA),
  REPLICA_KV_USAGE(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.kv.usage.ratio",
      "ratio, 0 to 1",
      "Share of the engine's KV cache in use; absent after 30 s without a report",
      SERVICE,
      VERSION,
      REPLICA),
  REPLICA_ASLEEP(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.asleep",
      "0 or 1",
      "1 while the engine sleeps with its weights offloaded",
      SERVICE,
      VERSION,
      REPLICA),
  REPLICA_METRICS_MISSING(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.metrics.missing",
      "metrics",
      "Metrics that the engine should expose but does not; `weir doctor` lists them",
      SERVICE,
      VERSION,
      REPLICA),
  REPLICA_METRICS_AGE(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.metrics.age",
      Metric.SECONDS,
      "Time since the engine last reported its load",
      SERVICE,
      VERSION,
      REPLICA);

  /// The unit that becomes part of the exposed name.
  static final String SECONDS = "seconds";

  private final Plane plane;
  private final Type type;
  private final String meterName;
  private final String unit;
  private final String meaning;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<Label> labels;

  /// The plane whose `/metrics` exposes it.
  public enum Plane {
    GATEWAY,
    CONTROL,
    BOTH
  }

  public enum Type {
    COUNTER,
    GAUGE,
    /// With `_bucket`, `_count`, `_sum`, and the gauge `_max` of the last minutes.
    HISTOGRAM,
    /// With `_count`, `_sum`, and the gauge `_max` of the last minutes.
    SUMMARY
  }

  Metric(Plane plane, Type type, String meterName, String unit, String meaning, Label... labels) {
    this.plane = plane;
    this.type = type;
    this.meterName = meterName;
    this.unit = unit;
    this.meaning = meaning;
    this.labels = List.copyOf(Arrays.asList(labels));
  }

  public Plane plane() {
    return plane;
  }

  public Type type() {
    return type;
  }

  /// The name of the meter, with dots.
  public String meterName() {
    return meterName;
  }

  public String unit() {
    return unit;
  }

  public String meaning() {
    return meaning;
  }

  public List<Label> labels() {
    return labels;
  }

  /// Whether the unit is part of the exposed name.
  public boolean inSeconds() {
    return unit.equals(SECONDS);
  }

  /// The name on `/metrics`.
  public String exposedName() {
    String name = meterName.replace('.', '_') + (inSeconds() ? "_" + SECONDS : "");
    return type == Type.COUNTER ? name + "_total" : name;
  }

  /// Checks that a meter matches its declaration.
  ///
  /// @throws IllegalArgumentException if it does not
  public void check(Type registered, Map<String, String> tags) {
    boolean sameLabels =
        tags.keySet().equals(labels.stream().map(Label::name).collect(Collectors.toSet()));
    boolean sameValues =
        labels.stream().allMatch(label -> label.takes(tags.getOrDefault(label.name(), "")));
    if (registered != type || !sameLabels || !sameValues) {
      throw new IllegalArgumentException(
          "metric " + meterName + " is not declared as " + registered + " with " + tags);
    }
  }
}
