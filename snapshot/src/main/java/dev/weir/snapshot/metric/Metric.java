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

/// Every metric that Weir shows. Whatever belongs to a version has the labels `service` and
/// `version`.
public enum Metric {
  REQUESTS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.requests",
      "requests",
      "Requests ended, as the client saw them, by the version that answered last",
      SERVICE,
      VERSION,
      Label.of("outcome", "success", "client_error", "gateway_error", "engine_error")),
  ATTEMPTS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.attempts",
      "attempts",
      "Attempts at replicas ended: with success, with a failure of the engine, with backpressure"
          + " when it was full, or neutral when it was nobody's or the client's doing",
      SERVICE,
      VERSION,
      Label.of("outcome", "success", "failure", "backpressure", "neutral")),
  ATTEMPTS_INJECTED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.attempts.injected",
      "attempts",
      "Attempts that an injected fault struck, whatever became of them",
      SERVICE,
      VERSION),
  RETRIES(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.retries",
      "attempts",
      "Attempts after which another replica was tried, by why they ended",
      SERVICE,
      VERSION,
      Label.of("outcome", "failure", "backpressure"),
      Label.open("cause", "the codes of failures that another replica may mend")),
  OVERDUE(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.answers.overdue",
      "answers",
      "First attempts whose whole answer took longer than 99.9 % of the service's answers take:"
          + " given up for another replica, or awaited further because there was none",
      SERVICE,
      VERSION,
      Label.of("result", "given_up", "awaited")),
  EJECTIONS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.ejections",
      "ejections",
      "Breakers of replicas opened, for failures in a row or for most attempts failing",
      SERVICE,
      VERSION),
  RETRY_BUDGET_EXHAUSTED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.retry.budget.exhausted",
      "requests",
      "Requests that failed for good because the service's retry budget was used up",
      SERVICE,
      VERSION),
  FALLBACKS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.fallbacks",
      "requests",
      "Requests taken to another service, once for each, by the route that names it and why the one"
          + " before did not answer",
      ROUTE,
      Label.of("cause", "down", "saturated", "contextTooLong")),
  RESUMES(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.resumes",
      "streams",
      "Broken streams continued on another replica",
      SERVICE,
      VERSION,
      Label.of("result", "continued", "failed")),
  TOKENS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.tokens",
      "tokens",
      "Tokens as told to clients",
      SERVICE,
      VERSION,
      Label.of("direction", "prompt", "output")),
  REQUESTS_REFUSED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.requests.refused",
      "requests",
      "Requests turned away before a version was chosen",
      Label.open("reason", "the codes of failures")),
  LOOP_LAG(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.eventloop.lag",
      "seconds",
      "How late the gateway's latest event loop is, smoothed; above 0.25 for a second it refuses"
          + " requests"),
  REQUESTS_SHED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.requests.shed",
      "requests",
      "Requests refused unread (503 gateway_overloaded) because an event loop is short of CPU"),
  REQUESTS_DROPPED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.requests.dropped",
      "requests",
      "Requests dropped unread because their client had left while an event loop was late"),
  TTFT(
      Plane.GATEWAY,
      Type.HISTOGRAM,
      "weir.request.ttft",
      Metric.SECONDS,
      "From a request's arrival to the first token the client got, of an answer in one piece to its"
          + " first byte",
      SERVICE,
      VERSION),
  ITL(
      Plane.GATEWAY,
      Type.HISTOGRAM,
      "weir.request.itl",
      Metric.SECONDS,
      "Mean gap between the tokens of one attempt",
      SERVICE,
      VERSION),
  DURATION(
      Plane.GATEWAY,
      Type.HISTOGRAM,
      "weir.request.duration",
      Metric.SECONDS,
      "From a request's arrival to its end",
      SERVICE,
      VERSION),
  IN_FLIGHT(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.inflight",
      "requests",
      "Requests under way, by the version first chosen",
      SERVICE,
      VERSION),
  ADMISSION_REFUSED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.admission.refused",
      "requests",
      "Requests that a limit turned away",
      Label.of("scope", "key", "tenant", "model"),
      Label.of("limit", "requests", "tokens", "concurrency")),
  ADMISSION_WAITING(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.admission.waiting",
      "requests",
      "Requests that wait for a place at their service"),
  ADMISSION_LIMITED(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.admission.limited",
      "services",
      "Services of which no more requests are let run than their engines were found to take,"
          + " because first tokens came too late"),
  ADMISSION_WAIT(
      Plane.GATEWAY,
      Type.HISTOGRAM,
      "weir.admission.wait",
      Metric.SECONDS,
      "How long requests waited for a place, of those that waited and got one",
      SERVICE,
      VERSION),
  MIRRORED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.mirrored.requests",
      "requests",
      "Copies of requests that a route's mirror answered or failed, or did not get because too many"
          + " were under way or nobody was there",
      Label.of("result", "answered", "failed", "dropped")),
  SHADOWED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.shadow.requests",
      "requests",
      "Copies of requests that a version under test answered or failed while the stable version"
          + " answered the client, that ended because the client left, or that were not sent"
          + " because too many were under way or the body is too large",
      Label.of("result", "answered", "failed", "cancelled", "dropped")),
  GENERATED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.generated.requests",
      "requests",
      "Requests that the gateway made itself for a release with few clients: answered, failed, or"
          + " not made because clients left no room or there was nothing to ask",
      Label.of("result", "answered", "failed", "dropped")),
  GRADED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.graded.answers",
      "answers",
      "Answers of a release that a judge was to grade: graded, answered with something that is no"
          + " grade, failed because the judge gave no answer, too late, or dropped because too many"
          + " waited",
      Label.of("result", "graded", "unreadable", "failed", "late", "dropped")),
  RECORDED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.recorded.requests",
      "requests",
      "Requests drawn to be recorded: kept, left out because they are too large or cannot be"
          + " redacted, or dropped because there is no key or too many came at a time",
      Label.of("result", "kept", "left_out", "dropped")),
  RECORDINGS(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.recordings",
      "requests",
      "Recorded requests that there are, by whether the key of now opens them",
      Label.of("state", "readable", "unreadable")),
  BREAKERS(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.breakers",
      "replicas",
      "Replicas by the state of their breaker",
      Label.of("state", "closed", "open", "half_open")),
  SNAPSHOT_SEQUENCE(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.snapshot.sequence",
      "number",
      "Number of the snapshot that is served"),
  SNAPSHOT_AGE(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.snapshot.age",
      Metric.SECONDS,
      "Since the snapshot that is served was put in place"),
  LEASE_REMAINING(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.lease.remaining",
      Metric.SECONDS,
      "How long canary arms may still be fed without a renewal"),
  STORE_REFUSED(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.store.refused",
      "",
      "1 while snapshots are refused because they are of another store than the one that is followed"),
  TELEMETRY_UNACKED(
      Plane.GATEWAY,
      Type.GAUGE,
      "weir.telemetry.unacked",
      "batches",
      "Batches that the control plane has not got yet"),
  TELEMETRY_LOST_BATCHES(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.telemetry.lost.batches",
      "batches",
      "Batches given up since the start"),
  TELEMETRY_LOST_RECORDS(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.telemetry.lost.records",
      "records",
      "Changes of records lost since the start"),
  ACCESS_LOG_DROPPED(
      Plane.GATEWAY,
      Type.COUNTER,
      "weir.accesslog.dropped",
      "lines",
      "Access lines dropped because too many waited"),
  CERTIFICATE_REMAINING(
      Plane.BOTH,
      Type.GAUGE,
      "weir.tls.certificate.remaining",
      Metric.SECONDS,
      "Until the certificate of this listener expires"),

  API_CALLS(
      Plane.CONTROL,
      Type.SUMMARY,
      "weir.control.api.calls",
      Metric.SECONDS,
      "Calls of the control plane's HTTP API, streams excluded",
      Label.open("route", "the API's route templates; `none` for any other path"),
      Label.open("method", "the methods of these; `other` with `none`"),
      Label.open("status", "HTTP status codes that the API answers with")),
  API_STREAMS(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.api.streams",
      "streams",
      "Open event streams",
      Label.of("sort", "watch", "gateway", "log")),
  RECONCILES(
      Plane.CONTROL,
      Type.COUNTER,
      "weir.control.reconciles",
      "passes",
      "Passes over one Service; idle Services are passed over twice a minute"),
  RECONCILE_OLDEST_DUE(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.reconcile.oldest.due",
      Metric.SECONDS,
      "For how long the next reconciliation has been due; a value that grows means that the control"
          + " plane gets more work than it can do",
      Label.of("lane", "urgent", "ordinary")),
  LEFT_OUT(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.left.out",
      "entries",
      "Entries that a table of the control plane has no room for: what they feed is incomplete",
      Label.of("table", "engine_gauges", "reconcile_queue")),
  UNCONVERGED(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.gateway.unconverged",
      "gateways",
      "1 for each gateway that does not serve what it should; without a gateway, a revert without a"
          + " target",
      Label.open("gateway", "ids of gateways, the first 100 that are late"),
      Label.open("reason", "the reasons of the convergence watchdog")),
  TELEMETRY_BATCHES(
      Plane.CONTROL, Type.COUNTER, "weir.control.telemetry.batches", "batches", "Batches accepted"),
  TELEMETRY_BATCHES_REPEATED(
      Plane.CONTROL,
      Type.COUNTER,
      "weir.control.telemetry.batches.repeated",
      "batches",
      "Batches that had come before or not in turn"),
  TELEMETRY_BATCHES_LOST(
      Plane.CONTROL,
      Type.COUNTER,
      "weir.control.telemetry.batches.lost",
      "batches",
      "Batches that gateways gave up or that never came"),
  TELEMETRY_ATTEMPTS(
      Plane.CONTROL,
      Type.COUNTER,
      "weir.control.telemetry.attempts",
      "attempts",
      "Attempts on replicas that accepted batches count"),
  ALERTS_FIRING(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.alerts",
      "alerts",
      "Alerts that are so now, told to a channel or not",
      Label.open("event", "what an alert can be about: a dozen"),
      Label.of("severity", "info", "warning", "error", "critical")),
  ALERTS_UNDELIVERED(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.control.alerts.undelivered",
      "alerts",
      "Messages that a channel has not got after a first attempt: still tried, or given up",
      Label.open("channel", "names of AlertChannels, the first 100"),
      Label.of("state", "waiting", "dead")),
  REPLICA_RUNNING(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.requests.running",
      "requests",
      "Requests that the engine says it works on; none when it said nothing for 30 s",
      SERVICE,
      VERSION,
      REPLICA),
  REPLICA_WAITING(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.requests.waiting",
      "requests",
      "Requests that the engine says are in its queue; none when it said nothing for 30 s",
      SERVICE,
      VERSION,
      REPLICA),
  REPLICA_KV_USAGE(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.kv.usage.ratio",
      "ratio, 0 to 1",
      "Share of the engine's KV cache in use; none when it said nothing for 30 s",
      SERVICE,
      VERSION,
      REPLICA),
  REPLICA_ASLEEP(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.asleep",
      "0 or 1",
      "1 while the engine has let go of its weights",
      SERVICE,
      VERSION,
      REPLICA),
  REPLICA_METRICS_MISSING(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.metrics.missing",
      "metrics",
      "Metrics that the engine should show and does not; `weir doctor` names them",
      SERVICE,
      VERSION,
      REPLICA),
  REPLICA_METRICS_AGE(
      Plane.CONTROL,
      Type.GAUGE,
      "weir.replica.metrics.age",
      Metric.SECONDS,
      "Since the engine last told its load",
      SERVICE,
      VERSION,
      REPLICA);

  /// The unit that is part of the exposed name.
  static final String SECONDS = "seconds";

  private final Plane plane;
  private final Type type;
  private final String meterName;
  private final String unit;
  private final String meaning;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<Label> labels;

  /// Whose `/metrics` has it.
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

  /// As meters are named, with dots.
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

  /// As `/metrics` names it.
  public String exposedName() {
    String name = meterName.replace('.', '_') + (inSeconds() ? "_" + SECONDS : "");
    return type == Type.COUNTER ? name + "_total" : name;
  }

  /// Says no to a meter that was not declared so.
  ///
  /// @throws IllegalArgumentException naming what is wrong
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
