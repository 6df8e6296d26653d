// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.dialect.AskWriter;
import dev.weir.gateway.dialect.ContextLimit;
import dev.weir.gateway.dialect.WholeAnswer;
import dev.weir.gateway.exchange.Arrival;
import dev.weir.gateway.exchange.Current;
import dev.weir.gateway.exchange.Decision;
import dev.weir.gateway.exchange.Detours;
import dev.weir.gateway.exchange.Ending;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Injection;
import dev.weir.gateway.exchange.Timeline;
import dev.weir.gateway.exchange.Transcript;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import dev.weir.gateway.upstream.Deadlines;
import dev.weir.gateway.upstream.Manner;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// A request that the gateway makes itself, of the version that was drawn for it. Its one attempt
/// is read and measured like a client's and recorded as such; there is no retry, fallback or
/// resume, no limit, and nobody is given the answer. The replica's health remembers how it went.
final class GeneratedRequest {
  private static final int NO_ANSWER = 0;

  private final RequestPipeline.Parts parts;
  private final EventLoop loop;
  private final Question question;
  private final Decision decision;
  private final Arrival arrival;
  private final Ledger ledger;
  private final Transcript transcript;
  private final Consumer<Optional<Failure>> ended;

  /// @param ended told once how it went
  GeneratedRequest(
      RequestPipeline.Parts parts,
      EventLoop loop,
      Question question,
      Decision decision,
      Current current,
      Consumer<Optional<Failure>> ended) {
    this.parts = parts;
    this.loop = loop;
    this.question = question;
    this.decision = decision;
    Optional<Sampled> sampled =
        Sampled.draw(parts, loop, decision, question.api(), question.body());
    this.arrival = question.arrival(parts, decision, current, sampled.isPresent());
    this.ledger =
        new Ledger(parts.recorder().generated(arrival), arrival, sampled, parts.nanoTime());
    this.transcript =
        new Transcript(
            false, Leg.terms(decision.service(), question.api().family(), question.ask()));
    this.ended = ended;
  }

  private ServiceEntry service() {
    return decision.service();
  }

  void send() {
    parts
        .balancer()
        .pick(service(), decision.arm(), Set.of(), parts.random())
        .ifPresentOrElse(this::attempt, this::noReplica);
  }

  /// As for clients: an arm without replicas fails what it is asked.
  private void noReplica() {
    Failure failure =
        TriedReplicas.none(
            decision.arm().version(), parts.balancer().told(service(), decision.arm()));
    ledger.nothingToAttempt(failure);
    finish(NO_ANSWER, Optional.of(failure));
  }

  private void attempt(Balancer.Pick chosen) {
    String version = decision.arm().version();
    Optional<Injection> injection =
        parts.faults().draw(service().id(), version, chosen.replica(), parts.random());
    Timeline timeline = ledger.attempt(service().id(), version, chosen, injection);
    timeline.watchBy(question.ask().watch(false, arrival.graded()));
    Relay relay = new Relay(job(timeline));
    Deadlines deadlines =
        Leg.deadlines(
            service().timeouts(), question.ask(), Optional.empty(), arrival.arrivalNanos());
    awaitAnswer(relay, chosen, deadlines);
    relay.control(
        parts
            .upstreams()
            .open(
                chosen.key(),
                Manner.of(chosen.replica()),
                (base, authority) -> request(chosen.replica().servedModel(), base, authority),
                deadlines,
                relay,
                injection));
  }

  /// As for clients, but there is no other attempt.
  private void awaitAnswer(Relay relay, Balancer.Pick chosen, Deadlines deadlines) {
    AnswerWait wait =
        new AnswerWait(
            parts,
            loop,
            service(),
            question.api(),
            question.ask(),
            question.body().readableBytes(),
            chosen,
            deadlines);
    ledger.waitBy(
        wait.bounded(() -> {
          ledger.overdue(true);
          relay.giveUp(wait.failure());
        }));
  }

  private RelayJob job(Timeline timeline) {
    return new RelayJob(
        new NoClient(loop),
        question.api().family().stream(),
        transcript,
        timeline,
        false,
        false,
        (_, headers) -> headers,
        (body, into) -> WholeAnswer.into(into, question.api().family(), body),
        ContextLimit::exceeded,
        _ -> false,
        ledger::firstToken,
        this::ended,
        parts.nanoTime());
  }

  private FullHttpRequest request(String servedModel, String base, String authority) {
    ByteBuf sent = AskWriter.body(question.body(), question.ask(), servedModel);
    return Outgoing.own(
        arrival.requestId(),
        question.api(),
        sent,
        base,
        authority,
        decision.stratum().name().toLowerCase(Locale.ROOT));
  }

  private void ended(Ending ending) {
    ledger.attemptEnded(ending);
    switch (ending) {
      case Ending.Complete(int status, Optional<Failure> despite) -> finish(status, despite);
      case Ending.FailedBeforeFirstByte(Failure failure, Optional<Ending.Held> answer) -> {
        answer.ifPresent(Ending.Held::release);
        finish(answer.map(Ending.Held::status).orElse(NO_ANSWER), Optional.of(failure));
      }
      case Ending.CutMidStream(Failure failure, _) -> finish(NO_ANSWER, Optional.of(failure));
      case Ending.Broken(Failure failure, _, Optional<ByteBuf> error) -> {
        error.ifPresent(ByteBuf::release);
        finish(NO_ANSWER, Optional.of(failure));
      }
      case Ending.Cancelled _ ->
          throw new IllegalStateException("nobody is there who could go away");
    }
  }

  private void finish(int status, Optional<Failure> failure) {
    Optional<Failure> told =
        failure.isEmpty() && status / 100 == 4
            ? Optional.of(
                new Failure(
                    Failure.Kind.REJECTED_BY_ENGINE,
                    "the model server rejects the request: " + status))
            : failure;
    ledger.finished(status, told, transcript, new Detours("", List.of()));
    ended.accept(told);
  }
}
