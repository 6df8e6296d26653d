// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.dialect.ContextLimit;
import dev.weir.gateway.dialect.RequestBodyWriter;
import dev.weir.gateway.dialect.WholeAnswer;
import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FallbackTrace;
import dev.weir.gateway.exchange.FaultInjection;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.TriedReplicas;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.gateway.exchange.answer.Timeline;
import dev.weir.gateway.exchange.answer.Transcript;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import dev.weir.gateway.upstream.Deadlines;
import dev.weir.gateway.upstream.UpstreamAuth;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// A request that the gateway generates for the version drawn for it. Its only attempt is read,
/// measured and recorded like a client's. There is no retry, fallback, resume or limit, and the
/// answer is discarded. The result counts towards the replica's health.
final class GeneratedRequest {
  private static final int NO_ANSWER = 0;

  private final RequestPipeline.Components components;
  private final EventLoop loop;
  private final SyntheticRequest syntheticRequest;
  private final VersionDecision decision;
  private final AdmittedRequest arrival;
  private final AttemptTracker attemptTracker;
  private final Transcript transcript;
  private final Consumer<Optional<Failure>> ended;

  /// @param ended called once with the result
  GeneratedRequest(
      RequestPipeline.Components components,
      EventLoop loop,
      SyntheticRequest syntheticRequest,
      VersionDecision decision,
      IndexedSnapshot current,
      Consumer<Optional<Failure>> ended) {
    this.components = components;
    this.loop = loop;
    this.syntheticRequest = syntheticRequest;
    this.decision = decision;
    Optional<SampledAnswer> sampled =
        SampledAnswer.draw(
            components, loop, decision, syntheticRequest.api(), syntheticRequest.body());
    this.arrival = syntheticRequest.arrival(components, decision, current, sampled.isPresent());
    this.attemptTracker =
        new AttemptTracker(
            components.recorder().generated(arrival), arrival, sampled, components.nanoTime());
    this.transcript =
        new Transcript(
            false,
            ServiceAttempt.resumeConstraints(
                decision.service(),
                syntheticRequest.api().family(),
                syntheticRequest.parsedRequest()));
    this.ended = ended;
  }

  private ServiceEntry service() {
    return decision.service();
  }

  void send() {
    components
        .balancer()
        .pick(service(), decision.arm(), Set.of(), components.random())
        .ifPresentOrElse(this::attempt, this::noReplica);
  }

  /// As for clients: requests to an arm without replicas fail.
  private void noReplica() {
    Failure failure =
        TriedReplicas.none(
            decision.arm().version(), components.balancer().describeArm(service(), decision.arm()));
    attemptTracker.endWithoutAttempt(failure);
    finish(NO_ANSWER, Optional.of(failure));
  }

  private void attempt(Balancer.Pick chosen) {
    String version = decision.arm().version();
    Optional<FaultInjection> injection =
        components.faults().draw(service().id(), version, chosen.replica(), components.random());
    Timeline timeline =
        attemptTracker.attempt(service().id(), version, chosen, injection, syntheticRequest.body());
    timeline.watchBy(syntheticRequest.parsedRequest().watch(false, arrival.graded()));
    Relay relay = new Relay(job(timeline));
    Deadlines deadlines =
        ServiceAttempt.deadlines(
            service().timeouts(),
            syntheticRequest.parsedRequest(),
            Optional.empty(),
            arrival.arrivalNanos());
    awaitAnswer(relay, chosen, deadlines);
    relay.control(
        components
            .upstreams()
            .open(
                chosen.key(),
                UpstreamAuth.of(chosen.replica()),
                (base, authority) -> request(chosen.replica().servedModel(), base, authority),
                deadlines,
                relay,
                injection));
  }

  /// As for clients, but there is no other attempt.
  private void awaitAnswer(Relay relay, Balancer.Pick chosen, Deadlines deadlines) {
    AnswerWait wait =
        new AnswerWait(
            components,
            loop,
            service(),
            syntheticRequest.api(),
            syntheticRequest.parsedRequest(),
            syntheticRequest.body().readableBytes(),
            chosen,
            deadlines);
    attemptTracker.waitBy(
        wait.bounded(() -> {
          attemptTracker.overdue(true);
          relay.giveUp(wait.failure());
        }));
  }

  private RelayJob job(Timeline timeline) {
    return new RelayJob(
        new DiscardingClient(loop),
        syntheticRequest.api().family().stream(),
        transcript,
        timeline,
        false,
        false,
        (_, headers) -> headers,
        (body, into) -> WholeAnswer.into(into, syntheticRequest.api().family(), body),
        error -> ContextLimit.exceeded(decision.arm().capabilities(), error),
        _ -> false,
        attemptTracker::firstToken,
        this::ended,
        components.nanoTime());
  }

  private FullHttpRequest request(String servedModel, String base, String authority) {
    ByteBuf sent =
        RequestBodyWriter.body(
            syntheticRequest.body(), syntheticRequest.parsedRequest(), servedModel);
    return UpstreamRequests.own(
        arrival.requestId(),
        syntheticRequest.api(),
        sent,
        base,
        authority,
        decision.stratum().name().toLowerCase(Locale.ROOT));
  }

  private void ended(AttemptResult ending) {
    attemptTracker.attemptEnded(ending);
    switch (ending) {
      case AttemptResult.Complete(int status, Optional<Failure> despite) -> finish(status, despite);
      case AttemptResult.FailedBeforeFirstByte(
              Failure failure,
              Optional<AttemptResult.Held> answer) -> {
        answer.ifPresent(AttemptResult.Held::release);
        finish(answer.map(AttemptResult.Held::status).orElse(NO_ANSWER), Optional.of(failure));
      }
      case AttemptResult.CutMidStream(Failure failure, _) ->
          finish(NO_ANSWER, Optional.of(failure));
      case AttemptResult.Broken(Failure failure, _, Optional<ByteBuf> error) -> {
        error.ifPresent(ByteBuf::release);
        finish(NO_ANSWER, Optional.of(failure));
      }
      case AttemptResult.Cancelled _ ->
          throw new IllegalStateException("a generated request has no client");
    }
  }

  private void finish(int status, Optional<Failure> failure) {
    Optional<Failure> reported =
        failure.isEmpty() && status / 100 == 4
            ? Optional.of(
                new Failure(
                    Failure.Kind.REJECTED_BY_ENGINE,
                    "the model server rejects the request: " + status))
            : failure;
    attemptTracker.finished(status, reported, transcript, new FallbackTrace("", List.of()));
    ended.accept(reported);
  }
}
