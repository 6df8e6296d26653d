// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FallbackTrace;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.SessionUnit;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.gateway.exchange.answer.AnswerSketch;
import dev.weir.gateway.exchange.answer.AnswerWatch;
import dev.weir.snapshot.ResponseForm;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry.Outcome;
import java.util.List;
import java.util.Optional;

/// Requests to service `default/chat` as the request path reports them.
final class Requests {
  static final String ROLLOUT = "default/chat-1";
  static final Arm STABLE =
      Snapshots.arm("chat@1", "http://127.0.0.1:9001", "http://127.0.0.1:9002");
  static final Arm CANARY = Snapshots.arm("chat@2", "http://127.0.0.1:9003");

  private Requests() {}

  static RoutingSnapshot withoutCanary(long sequence) {
    return Snapshots.of(sequence, Snapshots.service("chat", STABLE));
  }

  static RoutingSnapshot withCanary(long sequence, int step, int weightMillionths) {
    return Snapshots.of(
        sequence,
        Snapshots.withCanary(Snapshots.service("chat", STABLE), CANARY, step, weightMillionths));
  }

  /// The canary is a shadow that gets this share.
  static RoutingSnapshot withShadow(long sequence, int step, int shareMillionths) {
    ServiceEntry service = Snapshots.service("chat", STABLE);
    CanaryArm shadow =
        new CanaryArm(CANARY, ROLLOUT, step, "salt", 0, true).shadowing(shareMillionths);
    return Snapshots.of(sequence, service.withCanary(Optional.of(shadow)));
  }

  /// A request that counts and is mirrored.
  static AdmittedRequest mirrored(IndexedSnapshot current) {
    return mirrored(current, CohortMembership.COUNTED, Optional.empty(), 0);
  }

  /// A mirrored request of a session.
  static AdmittedRequest mirrored(
      IndexedSnapshot current,
      CohortMembership membership,
      Optional<SessionUnit> session,
      int turn) {
    AdmittedRequest plain = arrival(current, false, 500_000);
    VersionDecision drawn = plain.decision();
    return new AdmittedRequest(
        plain.requestId(),
        plain.path(),
        plain.model(),
        plain.stream(),
        plain.key(),
        new VersionDecision(
            drawn.service(),
            drawn.arm(),
            false,
            drawn.rollout(),
            500_000,
            membership,
            session,
            turn,
            true),
        current,
        0);
  }

  /// The same request for another service.
  static AdmittedRequest withForm(ResponseForm form, AdmittedRequest arrival) {
    return new AdmittedRequest(
        arrival.requestId(),
        arrival.path(),
        arrival.model(),
        form,
        arrival.key(),
        arrival.decision(),
        arrival.current(),
        arrival.arrivalNanos(),
        arrival.queuedNanos(),
        arrival.traceparent(),
        arrival.graded());
  }

  /// The same request in the graded sample.
  static AdmittedRequest inSample(AdmittedRequest arrival) {
    return new AdmittedRequest(
        arrival.requestId(),
        arrival.path(),
        arrival.model(),
        arrival.form(),
        arrival.key(),
        arrival.decision(),
        arrival.current(),
        arrival.arrivalNanos(),
        arrival.queuedNanos(),
        arrival.traceparent(),
        true);
  }

  /// A whole answer that is compared.
  static AttemptEnd withText(String text, boolean greedy, Arm arm) {
    AnswerWatch watch =
        new AnswerWatch(false, Optional.of(new AnswerSketch(greedy)), Optional.empty());
    watch.text(text);
    AttemptEnd plain = success(1, arm);
    return new AttemptEnd(
        1,
        plain.service(),
        plain.version(),
        plain.replica(),
        plain.outcome(),
        plain.failure(),
        plain.opened(),
        plain.ttftMicros(),
        plain.itlMicros(),
        plain.e2eMicros(),
        plain.promptTokens(),
        plain.outputTokens(),
        plain.truncated(),
        plain.traits(),
        plain.answerContent(),
        watch.sketch(),
        plain.injected());
  }

  /// A request that counts, drawn under a weight.
  static AdmittedRequest arrival(IndexedSnapshot current, boolean toCanary, int weightMillionths) {
    return arrival(current, toCanary, weightMillionths, CohortMembership.COUNTED);
  }

  static AdmittedRequest arrival(
      IndexedSnapshot current,
      boolean toCanary,
      int weightMillionths,
      CohortMembership membership) {
    ServiceEntry service = current.service("default/chat").orElseThrow();
    Optional<CanaryArm> rollout = service.canary().stream().findFirst();
    return new AdmittedRequest(
        "req-1",
        "/v1/chat/completions",
        "chat",
        true,
        Snapshots.key(Snapshots.KEY),
        new VersionDecision(
            service,
            toCanary ? rollout.orElseThrow().arm() : service.stable(),
            toCanary,
            rollout,
            weightMillionths,
            membership),
        current,
        0);
  }

  /// A successful attempt at the first replica of an arm: 20 ms, 5 ms, 500 ms; 12 and 34 tokens.
  static AttemptEnd success(int number, Arm arm) {
    return new AttemptEnd(
        number,
        "default/chat",
        arm.version(),
        Optional.of(arm.replicas().getFirst()),
        Outcome.SUCCESS,
        Optional.empty(),
        false,
        20_000,
        5_000,
        500_000,
        12,
        34,
        false,
        "");
  }

  /// An attempt that failed after 3 ms, before its first byte.
  static AttemptEnd failure(int number, Arm arm, Failure.Kind kind) {
    return new AttemptEnd(
        number,
        "default/chat",
        arm.version(),
        Optional.of(arm.replicas().getFirst()),
        kind.outcome(),
        Optional.of(new Failure(kind, "on purpose")),
        false,
        -1,
        -1,
        3_000,
        0,
        0,
        false,
        "");
  }

  /// The same with an injected fault.
  static AttemptEnd injected(AttemptEnd end) {
    return new AttemptEnd(
        end.number(),
        end.service(),
        end.version(),
        end.replica(),
        end.outcome(),
        end.failure(),
        end.opened(),
        end.ttftMicros(),
        end.itlMicros(),
        end.e2eMicros(),
        end.promptTokens(),
        end.outputTokens(),
        end.truncated(),
        "injected fault chat-flt-7: cut after 10 events");
  }

  /// An attempt that failed in the middle of its answer.
  static AttemptEnd cut(int number, Arm arm) {
    return begun(number, arm, Failure.Kind.CUT, 100_000);
  }

  /// A stream that ended after its first token and before its end.
  static AttemptEnd begun(int number, Arm arm, Failure.Kind kind, long e2eMicros) {
    return new AttemptEnd(
        number,
        "default/chat",
        arm.version(),
        Optional.of(arm.replicas().getFirst()),
        kind.outcome(),
        Optional.of(new Failure(kind, "on purpose")),
        false,
        20_000,
        5_000,
        e2eMicros,
        0,
        9,
        kind == Failure.Kind.CUT,
        "");
  }

  /// The end of a request for the client after the given number of attempts.
  static CompletedRequest finished(
      AdmittedRequest arrival,
      String version,
      int attempts,
      int resumes,
      Optional<Failure> failure) {
    return finished(arrival, version, attempts, resumes, failure, List.of());
  }

  /// A request that was answered despite injected faults.
  static CompletedRequest withFault(AdmittedRequest arrival, List<String> faults) {
    return finished(arrival, "chat@1", 2, 1, Optional.empty(), faults);
  }

  private static CompletedRequest finished(
      AdmittedRequest arrival,
      String version,
      int attempts,
      int resumes,
      Optional<Failure> failure,
      List<String> faults) {
    return new CompletedRequest(
        arrival,
        failure.map(f -> f.kind().status()).orElse(200),
        failure,
        arrival.decision().service().id(),
        version,
        version.isEmpty() ? "" : version.replace('@', '-') + "-0",
        attempts,
        resumes,
        false,
        new FallbackTrace(arrival.model(), List.of()),
        false,
        failure.isPresent() ? -1 : 20_000,
        500_000,
        12,
        34,
        faults);
  }

  /// A request that was answered with the given number of tokens; 0 means not counted.
  static CompletedRequest counted(AdmittedRequest arrival, long promptTokens, long outputTokens) {
    CompletedRequest plain = finished(arrival, "chat@1", 1, 0, Optional.empty());
    return new CompletedRequest(
        arrival,
        plain.status(),
        plain.failure(),
        plain.service(),
        plain.version(),
        plain.replica(),
        plain.attempts(),
        plain.resumes(),
        plain.fellBack(),
        plain.fallbackTrace(),
        plain.budgetExhausted(),
        plain.ttftMicros(),
        plain.e2eMicros(),
        promptTokens,
        outputTokens,
        plain.faults());
  }
}
