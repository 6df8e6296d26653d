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
import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.gateway.exchange.TriedReplicas;
import dev.weir.gateway.exchange.answer.Timeline;
import dev.weir.gateway.exchange.answer.Transcript;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import dev.weir.gateway.upstream.UpstreamAuth;
import dev.weir.snapshot.EngineCapabilities;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The copy of a request that the version under test receives while the stable version answers. The
/// same relay that reads clients' answers reads its answer and discards it, so that it is measured
/// like a canary's: same deadlines, same parsing, one attempt.
///
/// The request does not depend on the copy. The copy depends on the request in one respect: a
/// client that disconnects ends both, as it would have ended the canary's answer. Otherwise the
/// canary alone would be measured on answers longer than clients wait for.
final class ShadowRequest {
  private final RequestPipeline.Components components;
  private final RequestPipeline.AuthenticatedRequest in;
  private final ByteBuf body;
  private final ParsedRequest parsedRequest;
  private final ServiceAttempt serviceAttempt;
  private final Transcript transcript;
  private final AdmittedRequest original;
  private final Optional<SampledAnswer> sampled;
  private final RequestRecorder.RequestObserver observer;
  private final String traceparent;
  private final Consumer<String> onResult;
  private @Nullable Relay relay;
  private boolean gone;
  private boolean asksForIds;

  /// @param body retained for the copy, released when it ends
  /// @param serviceAttempt of the request: its deadlines apply to the copy too
  /// @param original how the request itself arrived
  /// @param sampled set if a judge grades the answers, including the copy's
  /// @param observer records the copy
  /// @param onResult receives the result; see [ShadowTracker#counts]
  ShadowRequest(
      RequestPipeline.Components components,
      RequestPipeline.AuthenticatedRequest in,
      ByteBuf body,
      ParsedRequest parsedRequest,
      ServiceAttempt serviceAttempt,
      AdmittedRequest original,
      Optional<SampledAnswer> sampled,
      RequestRecorder.RequestObserver observer,
      String traceparent,
      Consumer<String> onResult) {
    this.components = components;
    this.in = in;
    this.body = body;
    this.parsedRequest = parsedRequest;
    this.serviceAttempt = serviceAttempt;
    this.transcript =
        new Transcript(
            false,
            serviceAttempt.transcript().ids(),
            serviceAttempt.transcript().resumeConstraints());
    this.original = original;
    this.sampled = sampled;
    this.observer = observer;
    this.traceparent = traceparent;
    this.onResult = onResult;
  }

  /// Sends the copy. Its time runs from now: its engine is not charged for the wait until the
  /// request itself is sent.
  void send() {
    AdmittedRequest arrival = original.ofCopy(components.nanoTime().getAsLong());
    AttemptTracker own = new AttemptTracker(observer, arrival, sampled, components.nanoTime());
    if (gone) {
      finish(own, new AttemptResult.Cancelled());
      return;
    }
    components
        .balancer()
        .pick(serviceAttempt.service(), arrival.decision().arm(), Set.of(), components.random())
        .ifPresentOrElse(
            chosen -> attempt(own, arrival, chosen), () -> failWithoutReplica(own, arrival));
  }

  /// Copies to a version without replicas fail, as its requests would.
  private void failWithoutReplica(AttemptTracker own, AdmittedRequest arrival) {
    Failure failure =
        TriedReplicas.none(
            arrival.decision().arm().version(),
            components.balancer().describeArm(serviceAttempt.service(), arrival.decision().arm()));
    own.endWithoutAttempt(failure);
    finish(own, new AttemptResult.FailedBeforeFirstByte(failure, Optional.empty()));
  }

  private void attempt(AttemptTracker own, AdmittedRequest arrival, Balancer.Pick chosen) {
    String version = arrival.decision().arm().version();
    Optional<FaultInjection> injection =
        components
            .faults()
            .draw(serviceAttempt.service().id(), version, chosen.replica(), components.random());
    Timeline timeline =
        own.attempt(serviceAttempt.service().id(), version, chosen, injection, body);
    if (arrival.decision().membership().recorded()) {
      timeline.watchBy(parsedRequest.watch(true, arrival.graded()));
    }
    Relay next = new Relay(job(own, timeline));
    relay = next;
    AnswerWait wait = AnswerWait.of(components, in, parsedRequest, body, serviceAttempt, chosen);
    own.waitBy(
        wait.bounded(() -> {
          own.overdue(true);
          next.giveUp(wait.failure());
        }));
    next.control(
        components
            .upstreams()
            .open(
                chosen.key(),
                UpstreamAuth.of(chosen.replica()),
                (base, authority) -> request(chosen.replica(), base, authority),
                serviceAttempt.deadlines(),
                next,
                injection));
  }

  private FullHttpRequest request(ReplicaEntry replica, String base, String authority) {
    asksForIds = methods().asksForIds(serviceAttempt);
    ByteBuf sent =
        asksForIds
            ? RequestBodyWriter.bodyWithIds(body, parsedRequest, replica.servedModel())
            : RequestBodyWriter.body(body, parsedRequest, replica.servedModel());
    FullHttpRequest copy = UpstreamRequests.request(in, in.api().path(), sent, base, authority);
    return UpstreamRequests.traced(UpstreamRequests.marked(copy), traceparent);
  }

  private RelayJob job(AttemptTracker own, Timeline timeline) {
    EngineCapabilities engine = original.decision().ofCopy().arm().capabilities();
    return new RelayJob(
        new DiscardingClient(in.rejection().client().loop()),
        in.api().family().stream(),
        transcript,
        timeline,
        false,
        false,
        (_, _) -> EmptyHttpHeaders.INSTANCE,
        (whole, into) -> WholeAnswer.into(into, in.api().family(), whole),
        error -> ContextLimit.exceeded(engine, error),
        error -> asksForIds && RequestBodyWriter.namesIds(error),
        own::firstToken,
        ending -> ended(own, ending),
        components.nanoTime());
  }

  private ContinuationMethods methods() {
    return new ContinuationMethods(
        components.continuationSupport(),
        in.api().family(),
        serviceAttempt.service().id(),
        original.decision().ofCopy().arm());
  }

  private void ended(AttemptTracker own, AttemptResult ending) {
    relay = null;
    if (ending instanceof AttemptResult.FailedBeforeFirstByte failed
        && failed.failure().kind() == Failure.Kind.UNSUPPORTED_BY_ENGINE) {
      methods().unsupported(Optional.empty());
    }
    own.attemptEnded(ending);
    finish(own, ending);
  }

  private void finish(AttemptTracker own, AttemptResult ending) {
    own.finished(
        status(ending),
        Optional.empty(),
        transcript,
        new FallbackTrace(original.model(), List.of()));
    release(ending);
    body.release();
    onResult.accept(components.shadows().left(serviceAttempt.service().id(), ending));
  }

  private static int status(AttemptResult ending) {
    return switch (ending) {
      case AttemptResult.Complete complete -> complete.status();
      case AttemptResult.FailedBeforeFirstByte failed -> failed.failure().kind().status();
      case AttemptResult.CutMidStream _, AttemptResult.Broken _ -> 200;
      case AttemptResult.Cancelled _ -> Failure.Kind.CLIENT_GONE.status();
    };
  }

  private static void release(AttemptResult ending) {
    switch (ending) {
      case AttemptResult.FailedBeforeFirstByte failed ->
          failed.answer().ifPresent(AttemptResult.Held::release);
      case AttemptResult.Broken broken -> broken.engineError().ifPresent(ByteBuf::release);
      case AttemptResult.Complete _, AttemptResult.CutMidStream _, AttemptResult.Cancelled _ -> {}
    }
  }

  /// The client disconnected before the request's answer ended.
  void clientGone() {
    gone = true;
    Relay running = relay;
    if (running != null) {
      running.gone();
    }
  }
}
