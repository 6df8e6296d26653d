// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.balance.Verdict;
import dev.weir.gateway.exchange.Arrival;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.Detours;
import dev.weir.gateway.exchange.Ending;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Finished;
import dev.weir.gateway.exchange.Injection;
import dev.weir.gateway.exchange.Recorder;
import dev.weir.gateway.exchange.Timeline;
import dev.weir.gateway.exchange.Transcript;
import dev.weir.snapshot.Content;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// Keeps count of one request's attempts and tells the recorder each fact once.
final class Ledger {
  private final Recorder.Ticket ticket;
  private final Arrival arrival;
  private final Optional<Sampled> sampled;
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
  private Optional<Injection> injection = Optional.empty();
  private List<String> faults = List.of();
  private Optional<AnswerWait> wait = Optional.empty();
  private int overdueAttempt;

  /// @param ticket what the recorder follows the request by
  /// @param sampled whose first answer a judge is to grade
  Ledger(
      Recorder.Ticket ticket, Arrival arrival, Optional<Sampled> sampled, LongSupplier nanoTime) {
    this.ticket = ticket;
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

  /// See [Recorder.Ticket#traceparent()].
  String traceparent() {
    return ticket.traceparent();
  }

  String version() {
    return version;
  }

  /// Name of the replica of the present attempt, or empty.
  String replica() {
    return pick.map(chosen -> chosen.replica().name()).orElse("");
  }

  Optional<Balancer.Pick> pick() {
    return pick;
  }

  // --- attempts

  /// An attempt begins.
  ///
  /// @param service id of the service that is asked
  /// @param injected a fault that it is to have
  /// @return its timeline; the first one's starts at the request's arrival
  Timeline attempt(
      String service, String version, Balancer.Pick chosen, Optional<Injection> injected) {
    attempts++;
    injection = injected;
    budgetExhausted = false;
    this.service = service;
    pick = Optional.of(chosen);
    this.version = version;
    timeline = new Timeline(attempts == 1 ? arrival.arrivalNanos() : nanoTime.getAsLong());
    return timeline;
  }

  /// How long the answer of the attempt that begins is waited for.
  void waitBy(AnswerWait begun) {
    wait = Optional.of(begun);
  }

  /// The answer of the present attempt did not come in time.
  ///
  /// @param givenUp whether another replica is asked instead
  void overdue(boolean givenUp) {
    overdueAttempt = attempts;
    if (attempts == 1) {
      ticket.overdue(timeline.elapsedMicros(nanoTime.getAsLong()), givenUp);
    }
  }

  /// Whether an attempt of this request was overdue, the present one or one before.
  boolean wasOverdue() {
    return overdueAttempt > 0;
  }

  /// The version first chosen has no replica: that counts as its failure.
  void nothingToAttempt(Failure failure) {
    attempts++;
    injection = Optional.empty();
    attemptEnded(failure, false);
  }

  void firstToken() {
    wait.ifPresent(AnswerWait::over);
    pick.ifPresent(Balancer.Pick::delivers);
    if (arrival.stream()) {
      pick.ifPresent(Balancer.Pick::answers);
    }
    if (attempts == 1) {
      ticket.firstToken(timeline.ttftMicros());
    }
    if (clientTtftMicros < 0) {
      clientTtftMicros = sinceArrivalMicros();
    }
  }

  void attemptEnded(Ending ending) {
    wait.ifPresent(AnswerWait::over);
    switch (ending) {
      case Ending.Complete complete -> complete(complete);
      case Ending.FailedBeforeFirstByte(Failure failure, _)
          when failure.kind() == Failure.Kind.CLIENT_DEADLINE ->
          attemptEnded(unlessOverdue(failure), false);
      case Ending.FailedBeforeFirstByte failed ->
          attemptEnded(Verdict.of(failed.failure(), RetryAfter.of(failed)), false);
      case Ending.CutMidStream cut -> attemptEnded(cut.failure(), isEngines(cut.failure()));
      case Ending.Broken broken -> attemptEnded(broken.failure(), isEngines(broken.failure()));
      case Ending.Cancelled _ -> attemptEnded(unlessOverdue(clientGone()), false);
    }
  }

  /// Who leaves because the answer is overdue does so for the replica's reason.
  private Failure unlessOverdue(Failure clients) {
    return overdueAttempt == attempts ? wait.map(AnswerWait::failure).orElse(clients) : clients;
  }

  private void complete(Ending.Complete complete) {
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
      attemptEnded(Verdict.SUCCESS, false);
    }
  }

  static Failure clientGone() {
    return new Failure(Failure.Kind.CLIENT_GONE, "the client closed its connection");
  }

  private static boolean isEngines(Failure failure) {
    return failure.kind().fault() == Failure.Fault.ENGINE;
  }

  private void attemptEnded(Failure failure, boolean truncated) {
    attemptEnded(Verdict.of(failure, Optional.empty()), truncated);
  }

  private void attemptEnded(Verdict verdict, boolean truncated) {
    faults = faults();
    boolean whole = verdict.failure().isEmpty() && !truncated;
    boolean opened = pick.map(chosen -> chosen.ended(verdict)).orElse(false);
    ticket.attemptEnded(
        new AttemptEnd(
            attempts,
            service,
            version,
            pick.map(Balancer.Pick::replica),
            verdict.outcome(),
            verdict.failure(),
            opened,
            timeline.ttftMicros(),
            timeline.itlMicros(),
            timeline.elapsedMicros(nanoTime.getAsLong()),
            timeline.promptTokens(),
            timeline.outputTokens(),
            truncated,
            timeline.traits(),
            whole ? timeline.content() : Content.UNKNOWN,
            timeline.sketch(),
            injection.filter(Injection::struck).map(Injection::told).orElse("")));
    if (attempts == 1 && whole) {
      sampled.ifPresent(
          asked -> timeline.text().ifPresent(answer -> asked.answered(answer, ticket)));
    }
  }

  /// Names of the injected faults that struck so far, the running attempt's included.
  List<String> faults() {
    Optional<String> now = injection.filter(Injection::struck).map(i -> i.fault().name());
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

  /// A retry was wanted that the budget did not allow.
  void budgetExhausted() {
    budgetExhausted = true;
  }

  void resumed() {
    resumes++;
  }

  int resumes() {
    return resumes;
  }

  /// The question, where a judge is to grade the first answer.
  Optional<Sampled> sampled() {
    return sampled;
  }

  /// Follows the copy of a mirrored request.
  Recorder.Ticket copy() {
    return ticket.copy();
  }

  void mirrored(String mirror, String result) {
    ticket.mirrored(mirror, result);
  }

  Finished finished(int status, Optional<Failure> failure, Transcript transcript, Detours detours) {
    boolean told = resumes > 0;
    Finished finished =
        new Finished(
            arrival,
            status,
            failure,
            service,
            version,
            pick.map(chosen -> chosen.replica().name()).orElse(""),
            attempts,
            resumes,
            fellBack,
            detours,
            budgetExhausted,
            clientTtftMicros,
            sinceArrivalMicros(),
            told ? transcript.promptTokens() : timeline.promptTokens(),
            told ? transcript.outputTokens() : timeline.outputTokens(),
            faults);
    ticket.finished(finished);
    return finished;
  }

  private long sinceArrivalMicros() {
    return (nanoTime.getAsLong() - arrival.arrivalNanos() + arrival.queuedNanos()) / 1_000;
  }
}
