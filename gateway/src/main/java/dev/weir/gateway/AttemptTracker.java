// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.OutputLengths;
import dev.weir.gateway.balance.AttemptOutcome;
import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FallbackTrace;
import dev.weir.gateway.exchange.FaultInjection;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.gateway.exchange.answer.Timeline;
import dev.weir.gateway.exchange.answer.Transcript;
import dev.weir.gateway.exchange.load.RetryAfter;
import dev.weir.snapshot.AnswerContent;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// Tracks the attempts of one request and reports each fact once to the recorder.
final class AttemptTracker {
  private final RequestRecorder.RequestObserver observer;
  private final AdmittedRequest arrival;
  private final Optional<SampledAnswer> sampled;
  private final LongSupplier nanoTime;
  private int attempts;
  private int resumes;
  private boolean fellBack;
  private boolean budgetExhausted;
  private long clientTtftMicros = -1;
  private Timeline timeline;
  private String service;
  private String version;
  private Optional<Balancer.Pick> pick = Optional.empty();
  private Optional<FaultInjection> injection = Optional.empty();
  private List<String> faults = List.of();
  private Optional<AnswerWait> wait = Optional.empty();
  private int overdueAttempt;

  /// @param observer records what happens to the request
  /// @param sampled set if a judge grades the first answer
  AttemptTracker(
      RequestRecorder.RequestObserver observer,
      AdmittedRequest arrival,
      Optional<SampledAnswer> sampled,
      LongSupplier nanoTime) {
    this.observer = observer;
    this.arrival = arrival;
    this.sampled = sampled;
    this.nanoTime = nanoTime;
    this.timeline = new Timeline(arrival.arrivalNanos());
    this.service = arrival.decision().service().id();
    this.version = arrival.decision().arm().version();
  }

  int attempts() {
    return attempts;
  }

  /// See [RequestRecorder.RequestObserver#traceparent()].
  String traceparent() {
    return observer.traceparent();
  }

  String version() {
    return version;
  }

  /// Name of the current attempt's replica, or empty.
  String replica() {
    return pick.map(chosen -> chosen.replica().name()).orElse("");
  }

  Optional<Balancer.Pick> pick() {
    return pick;
  }

  // --- attempts

  /// An attempt begins.
  ///
  /// @param service id of the service that receives it
  /// @param injected the fault to inject
  /// @param body of the client's request
  /// @return its timeline; the first one starts at the request's arrival
  Timeline attempt(
      String service,
      String version,
      Balancer.Pick chosen,
      Optional<FaultInjection> injected,
      ByteBuf body) {
    attempts++;
    injection = injected;
    budgetExhausted = false;
    this.service = service;
    pick = Optional.of(chosen);
    this.version = version;
    long prefillTokens = OutputLengths.promptTokens(chosen.receive(body));
    if (attempts == 1) {
      observer.sent(Math.max(1, (int) prefillTokens));
    }
    timeline = new Timeline(attempts == 1 ? arrival.arrivalNanos() : nanoTime.getAsLong());
    return timeline;
  }

  /// Sets how long the current attempt waits for its answer.
  void waitBy(AnswerWait begun) {
    wait = Optional.of(begun);
  }

  /// The answer of the current attempt did not arrive in time.
  ///
  /// @param givenUp whether the request is sent to another replica instead
  void overdue(boolean givenUp) {
    overdueAttempt = attempts;
    if (attempts == 1) {
      observer.overdue(timeline.elapsedMicros(nanoTime.getAsLong()), givenUp);
    }
  }

  /// Whether any attempt of this request was overdue.
  boolean wasOverdue() {
    return overdueAttempt > 0;
  }

  /// The chosen version has no replica: this counts as its failure.
  void endWithoutAttempt(Failure failure) {
    attempts++;
    injection = Optional.empty();
    attemptEnded(failure, false);
  }

  void firstToken() {
    wait.ifPresent(AnswerWait::over);
    pick.ifPresent(Balancer.Pick::firstByte);
    if (arrival.stream()) {
      pick.ifPresent(Balancer.Pick::firstToken);
    }
    if (attempts == 1) {
      observer.firstToken(timeline.ttftMicros());
    }
    if (clientTtftMicros < 0) {
      clientTtftMicros = sinceArrivalMicros();
    }
  }

  void attemptEnded(AttemptResult ending) {
    wait.ifPresent(AnswerWait::over);
    switch (ending) {
      case AttemptResult.Complete complete -> complete(complete);
      case AttemptResult.FailedBeforeFirstByte(Failure failure, _)
          when failure.kind() == Failure.Kind.CLIENT_DEADLINE ->
          attemptEnded(unlessOverdue(failure), false);
      case AttemptResult.FailedBeforeFirstByte failed ->
          attemptEnded(AttemptOutcome.of(failed.failure(), RetryAfter.of(failed)), false);
      case AttemptResult.CutMidStream cut -> attemptEnded(cut.failure(), isEngines(cut.failure()));
      case AttemptResult.Broken broken ->
          attemptEnded(broken.failure(), isEngines(broken.failure()));
      case AttemptResult.Cancelled _ -> attemptEnded(unlessOverdue(clientDisconnected()), false);
    }
  }

  /// If the client leaves because the answer is overdue, the replica is charged.
  private Failure unlessOverdue(Failure clients) {
    return overdueAttempt == attempts ? wait.map(AnswerWait::failure).orElse(clients) : clients;
  }

  private void complete(AttemptResult.Complete complete) {
    if (complete.despite().isPresent()) {
      Failure despite = complete.despite().get();
      attemptEnded(despite, isEngines(despite));
    } else if (complete.status() / 100 == 4) {
      String message = "the model server rejects the request: " + complete.status();
      attemptEnded(new Failure(Failure.Kind.REJECTED_BY_ENGINE, message), false);
    } else {
      if (resumes == 0) {
        wait.ifPresent(w -> w.answered(version, timeline.outputTokens()));
      }
      attemptEnded(AttemptOutcome.SUCCESS, false);
    }
  }

  static Failure clientDisconnected() {
    return new Failure(Failure.Kind.CLIENT_GONE, "the client closed its connection");
  }

  private static boolean isEngines(Failure failure) {
    return failure.kind().attribution() == Failure.Attribution.ENGINE;
  }

  private void attemptEnded(Failure failure, boolean truncated) {
    attemptEnded(AttemptOutcome.of(failure, Optional.empty()), truncated);
  }

  private void attemptEnded(AttemptOutcome attemptOutcome, boolean truncated) {
    faults = faults();
    boolean whole = attemptOutcome.failure().isEmpty() && !truncated;
    boolean opened = pick.map(chosen -> chosen.ended(attemptOutcome)).orElse(false);
    observer.attemptEnded(
        new AttemptEnd(
            attempts,
            service,
            version,
            pick.map(Balancer.Pick::replica),
            attemptOutcome.outcome(),
            attemptOutcome.failure(),
            opened,
            timeline.ttftMicros(),
            timeline.itlMicros(),
            timeline.elapsedMicros(nanoTime.getAsLong()),
            timeline.promptTokens(),
            timeline.outputTokens(),
            truncated,
            timeline.traits(),
            whole ? timeline.answerContent() : AnswerContent.UNKNOWN,
            timeline.sketch(),
            injection.filter(FaultInjection::injected).map(FaultInjection::describe).orElse("")));
    if (attempts == 1 && whole) {
      sampled.ifPresent(
          asked -> timeline.text().ifPresent(answer -> asked.answered(answer, observer)));
    }
  }

  /// Names of the faults injected so far, including those of the current attempt.
  List<String> faults() {
    Optional<String> now = injection.filter(FaultInjection::injected).map(i -> i.fault().name());
    return now.isEmpty()
        ? faults
        : Stream.concat(faults.stream(), now.stream()).distinct().toList();
  }

  // --- the whole request

  void fellBack() {
    fellBack = true;
  }

  boolean hasFallenBack() {
    return fellBack;
  }

  /// The budget did not allow a retry.
  void budgetExhausted() {
    budgetExhausted = true;
  }

  void resumed() {
    resumes++;
  }

  int resumes() {
    return resumes;
  }

  /// The sampled question, if a judge grades the first answer.
  Optional<SampledAnswer> sampled() {
    return sampled;
  }

  /// Returns the observer for the copy of a mirrored request.
  RequestRecorder.RequestObserver copy() {
    return observer.copy();
  }

  void mirrored(String mirror, String result) {
    observer.mirrored(mirror, result);
  }

  CompletedRequest finished(
      int status, Optional<Failure> failure, Transcript transcript, FallbackTrace fallbackTrace) {
    boolean resumed = resumes > 0;
    CompletedRequest completed =
        new CompletedRequest(
            arrival,
            status,
            failure,
            service,
            version,
            pick.map(chosen -> chosen.replica().name()).orElse(""),
            attempts,
            resumes,
            fellBack,
            fallbackTrace,
            budgetExhausted,
            clientTtftMicros,
            sinceArrivalMicros(),
            resumed ? transcript.promptTokens() : timeline.promptTokens(),
            resumed ? transcript.outputTokens() : timeline.outputTokens(),
            faults);
    observer.finished(completed);
    return completed;
  }

  private long sinceArrivalMicros() {
    return (nanoTime.getAsLong() - arrival.arrivalNanos() + arrival.queuedNanos()) / 1_000;
  }
}
