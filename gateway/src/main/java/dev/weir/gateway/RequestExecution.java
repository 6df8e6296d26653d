// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.OutputLengths;
import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.balance.RetryPause;
import dev.weir.gateway.dialect.ApiPath;
import dev.weir.gateway.dialect.ContextLimit;
import dev.weir.gateway.dialect.RequestBodyWriter;
import dev.weir.gateway.dialect.WholeAnswer;
import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FaultInjection;
import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.exchange.TriedReplicas;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.gateway.exchange.answer.Continuation;
import dev.weir.gateway.exchange.answer.Timeline;
import dev.weir.gateway.exchange.load.RetryAfter;
import dev.weir.gateway.relay.AnswerHeaders;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import dev.weir.gateway.upstream.UpstreamAuth;
import dev.weir.snapshot.EngineCapabilities;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The execution of an admitted request: its attempts until it is finished.
final class RequestExecution implements ClientStream.Listener {
  /// Further replicas and fallback services are tried only while there were fewer attempts.
  private static final int MAX_ATTEMPTS = 10;

  private static final int CLIENT_GONE = Failure.Kind.CLIENT_GONE.status();

  private final RequestPipeline.Components components;
  private final RequestPipeline.AuthenticatedRequest in;
  private final ByteBuf body;
  private final ParsedRequest parsedRequest;
  private final AdmittedRequest arrival;
  private final VersionDecision decision;
  private final ServiceFallback fallback;
  private final ClientStream client;
  private final long promptEstimate;
  private final AttemptTracker attemptTracker;
  private final TriedReplicas tried = new TriedReplicas();

  private ServiceAttempt serviceAttempt;
  private Arm arm;
  private int attemptsOfLeg;
  private boolean asksForIds;
  private boolean inBulkhead = true;

  /// Number of those attempts that reached a replica.
  private int askedOfLeg;

  private Optional<Continuation> continuation = Optional.empty();
  private Optional<AttemptResult.Held> lastAnswer = Optional.empty();
  private @Nullable Relay relay;
  private @Nullable ShadowRequest shadow;

  /// Set between two attempts.
  private @Nullable ScheduledFuture<?> pause;

  RequestExecution(
      RequestPipeline.Components components,
      RequestPipeline.AuthenticatedRequest in,
      ByteBuf body,
      ParsedRequest parsedRequest,
      AdmittedRequest arrival,
      Optional<SampledAnswer> sampled,
      ServiceAttempt serviceAttempt,
      ServiceFallback fallback) {
    this.components = components;
    this.in = in;
    this.body = body;
    this.parsedRequest = parsedRequest;
    this.arrival = arrival;
    this.decision = arrival.decision();
    this.serviceAttempt = serviceAttempt;
    this.fallback = fallback;
    this.client = in.rejection().client();
    this.promptEstimate = OutputLengths.promptTokens(body.readableBytes());
    this.attemptTracker =
        new AttemptTracker(
            components.recorder().arrived(arrival), arrival, sampled, components.nanoTime());
    this.arm = decision.arm();
    client.listen(this);
  }

  private ServiceEntry service() {
    return serviceAttempt.service();
  }

  /// Retries, fallbacks and canary requests do not reflect how busy the service's engines are.
  private void firstToken() {
    attemptTracker.firstToken();
    if (reflectsServiceLoad()) {
      serviceAttempt.permit().firstToken(attemptTracker.replica(), sinceDeparture());
    }
  }

  private boolean reflectsServiceLoad() {
    boolean plain = attemptTracker.attempts() == 1 && !fallback.fallbackTrace().any();
    return parsedRequest.stream() && plain && arm.version().equals(service().stable().version());
  }

  private long sinceDeparture() {
    return components.nanoTime().getAsLong() - arrival.arrivalNanos();
  }

  // --- 6. choose the replica

  void chooseReplica() {
    components
        .balancer()
        .pick(service(), arm, tried.names(), components.random())
        .ifPresentOrElse(this::attempt, this::noReplica);
  }

  /// Requests to an arm without replicas fail like requests to an unreachable replica.
  private void noReplica() {
    Failure failure =
        TriedReplicas.none(arm.version(), components.balancer().describeArm(service(), arm));
    if (attemptTracker.attempts() == 0) {
      attemptTracker.endWithoutAttempt(failure);
    }
    if (canFallBackToStable()) {
      fallBackToStable();
    } else {
      giveUp(failure);
    }
  }

  // --- 7. one attempt at the upstream, relayed

  private void attempt(Balancer.Pick chosen) {
    attemptsOfLeg++;
    tried.attempt(chosen.replica().name());
    Optional<FaultInjection> injection =
        components
            .faults()
            .draw(service().id(), arm.version(), chosen.replica(), components.random());
    Timeline timeline =
        attemptTracker.attempt(service().id(), arm.version(), chosen, injection, body);
    if (attemptTracker.attempts() == 1 && decision.membership().recorded()) {
      timeline.watchBy(parsedRequest.watch(decision.mirrored(), arrival.graded()));
    }
    Relay next = new Relay(relayJob(timeline));
    relay = next;
    awaitAnswer(chosen);
    next.control(
        components
            .upstreams()
            .open(
                chosen.key(),
                UpstreamAuth.of(chosen.replica()),
                (base, authority) -> request(chosen, base, authority),
                serviceAttempt.deadlines(),
                next,
                injection));
  }

  /// A request is given up at most once: if all replicas are slow, one of them must answer.
  private void awaitAnswer(Balancer.Pick chosen) {
    AnswerWait wait = AnswerWait.of(components, in, parsedRequest, body, serviceAttempt, chosen);
    attemptTracker.waitBy(attemptTracker.wasOverdue() ? wait : wait.bounded(() -> overdue(wait)));
  }

  /// If no other replica can be tried in time, the late one is awaited to the end.
  private void overdue(AnswerWait wait) {
    Relay running = relay;
    boolean givenUp = running != null && wait.leavesTime() && mayAskAnother();
    attemptTracker.overdue(givenUp);
    if (running != null && givenUp) {
      running.giveUp(wait.failure());
    }
  }

  private boolean mayAskAnother() {
    boolean attemptsRemain =
        askedOfLeg + 1 < service().maxAttempts() && attemptTracker.attempts() < MAX_ATTEMPTS;
    return attemptsRemain && (canFallBackToStable() || (anotherReplica() && takeRetry()));
  }

  private FullHttpRequest request(Balancer.Pick chosen, String base, String authority) {
    ByteBuf sent = upstreamBody(chosen.replica());
    return UpstreamRequests.traced(
        UpstreamRequests.request(in, upstreamPath(), sent, base, authority),
        attemptTracker.traceparent());
  }

  private String upstreamPath() {
    boolean fromIds = continuation.flatMap(Continuation::ids).isPresent();
    return fromIds ? ApiPath.COMPLETIONS : in.api().path();
  }

  private ByteBuf upstreamBody(ReplicaEntry replica) {
    if (continuation.isEmpty()) {
      asksForIds = methods().asksForIds(serviceAttempt);
      return asksForIds
          ? RequestBodyWriter.bodyWithIds(body, parsedRequest, replica.servedModel())
          : RequestBodyWriter.body(body, parsedRequest, replica.servedModel());
    }
    return methods()
        .body(
            body,
            continuation.get(),
            serviceAttempt.transcript().resumeConstraints(),
            replica.servedModel());
  }

  private RelayJob relayJob(Timeline timeline) {
    EngineCapabilities engine = arm.capabilities();
    return new RelayJob(
        client,
        in.api().family().stream(),
        serviceAttempt.transcript(),
        timeline,
        continuation.isPresent(),
        continuation.filter(Continuation::usageOnly).isPresent(),
        this::clientHeaders,
        (whole, into) -> WholeAnswer.into(into, in.api().family(), whole),
        error -> ContextLimit.exceeded(engine, error),
        error -> asksForIds && RequestBodyWriter.namesIds(error),
        this::firstToken,
        this::ended,
        components.nanoTime());
  }

  private HttpHeaders clientHeaders(int status, HttpHeaders from) {
    return AnswerHeaders.of(status, from, ownHeaders());
  }

  private Map<String, String> ownHeaders() {
    Map<String, String> own = new LinkedHashMap<>();
    own.put("x-request-id", in.rejection().requestId());
    own.put("x-weir-service", service().id());
    own.put("x-weir-version", arm.version());
    attemptTracker
        .pick()
        .filter(_ -> attemptsOfLeg > 0)
        .ifPresent(chosen -> own.put("x-weir-replica", chosen.replica().name()));
    own.put("x-weir-attempts", Integer.toString(attemptTracker.attempts()));
    if (fallback.fallbackTrace().any()) {
      own.put("x-weir-fallback", fallback.fallbackTrace().headerValue());
    }
    if (!attemptTracker.faults().isEmpty()) {
      own.put("x-weir-fault", faults());
    }
    own.putAll(serviceAttempt.permit().headers());
    return own;
  }

  /// Shows clients which failures are injected, so that they are not investigated.
  private String faults() {
    return String.join(", ", attemptTracker.faults());
  }

  // --- 8. an attempt ended: record it, then answer or retry

  private void ended(AttemptResult ending) {
    relay = null;
    attemptTracker.attemptEnded(ending);
    switch (ending) {
      case AttemptResult.Complete complete -> finish(complete.status(), Optional.empty());
      case AttemptResult.FailedBeforeFirstByte(Failure failure, _)
          when failure.kind().refusesAddition() ->
          askWithoutIds(failure);
      case AttemptResult.FailedBeforeFirstByte failed -> retryOrGiveUp(failed);
      case AttemptResult.CutMidStream(Failure failure, Continuation from)
          when failure.kind().refusesAddition() ->
          continueOtherwise(failure, from);
      case AttemptResult.CutMidStream cut -> resumeElsewhere(cut);
      case AttemptResult.Broken broken -> sendErrorMidStream(broken);
      case AttemptResult.Cancelled _ ->
          finish(
              Failure.Kind.CLIENT_GONE.status(), Optional.of(AttemptTracker.clientDisconnected()));
    }
  }

  private void retryOrGiveUp(AttemptResult.FailedBeforeFirstByte failed) {
    Failure failure = failed.failure();
    if (failure.kind() == Failure.Kind.FIRST_TOKEN_TIMEOUT && reflectsServiceLoad()) {
      serviceAttempt.permit().noFirstToken(attemptTracker.replica(), sinceDeparture());
    }
    tried.failed(failure);
    lastAnswer.ifPresent(AttemptResult.Held::release);
    lastAnswer = failed.answer();
    askedOfLeg += failure.kind().unreachable() ? 0 : 1;
    boolean mayRetry =
        failure.kind().retryable()
            && askedOfLeg < service().maxAttempts()
            && attemptTracker.attempts() < MAX_ATTEMPTS;
    if (mayRetry && canFallBackToStable()) {
      fallBackToStable();
    } else if (mayRetry && anotherReplica()) {
      retry(failure);
    } else {
      giveUp(failure);
    }
  }

  private ContinuationMethods methods() {
    return new ContinuationMethods(
        components.continuationSupport(), in.api().family(), service().id(), arm);
  }

  /// The gateway added the rejected field itself, so the request is repeated without it.
  private void askWithoutIds(Failure refusal) {
    methods().unsupported(Optional.empty());
    tried.forget(attemptTracker.replica());
    if (attemptTracker.attempts() < MAX_ATTEMPTS) {
      chooseReplica();
    } else {
      giveUp(refusal);
    }
  }

  private void retry(Failure failure) {
    long nanos = RetryPause.after(failure.kind(), askedOfLeg, components.random());
    boolean inTime =
        serviceAttempt.deadlines().totalAtNanos() - components.nanoTime().getAsLong() > nanos;
    boolean hasRoom = failure.kind().next() != Failure.Next.RETRY_AFTER || roomElsewhere();
    boolean freeOfBudget = failure.kind().unreachable() || failure.kind() == Failure.Kind.NO_ANSWER;
    boolean mayRetry = inTime && hasRoom && (freeOfBudget || withinBudget());
    if (!mayRetry) {
      giveUp(failure);
    } else if (nanos == 0) {
      chooseReplica();
    } else {
      pause = client.loop().schedule(this::resumeAfterPause, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private boolean roomElsewhere() {
    return components.balancer().hasRoomElsewhere(service(), arm, tried.names());
  }

  private void resumeAfterPause() {
    pause = null;
    chooseReplica();
  }

  /// A failed canary request falls back to the stable version. A pinned request requires its
  /// version and gets no other.
  private boolean canFallBackToStable() {
    return decision.toCanary()
        && !fallback.fallbackTrace().any()
        && decision.membership() != CohortMembership.PINNED
        && !attemptTracker.hasFallenBack();
  }

  /// Not charged to the retry budget: it goes to another version, and there are no more of these
  /// than the canary's weight.
  private void fallBackToStable() {
    attemptTracker.fellBack();
    arm = service().stable();
    tried.clear();
    chooseReplica();
  }

  /// Reads the current replicas of the same version: during a long request some come and go.
  private boolean anotherReplica() {
    arm =
        components.snapshots().current().service(service().id()).stream()
            .flatMap(RequestExecution::arms)
            .filter(other -> other.version().equals(arm.version()))
            .findFirst()
            .orElse(arm);
    return arm.replicas().stream().anyMatch(replica -> !tried.names().contains(replica.name()));
  }

  /// Charges the retry budget. Not charged are connection failures, which cost no engine anything,
  /// and overdue answers, which are given up only for a retry that is already charged.
  private boolean withinBudget() {
    boolean within = takeRetry();
    if (!within) {
      attemptTracker.budgetExhausted();
    }
    return within;
  }

  private boolean takeRetry() {
    return components.budgets().of(service().id()).takeRetry(service().retryBudgetPercent());
  }

  /// Continuations are not charged to the retry budget: a replica that dies cuts all its streams at
  /// once, and each is continued a bounded number of times. A continuation that reaches no replica
  /// does not count.
  private void resumeElsewhere(AttemptResult.CutMidStream cut) {
    boolean reachedReplica = !cut.failure().kind().unreachable();
    boolean exhausted =
        reachedReplica && attemptTracker.resumes() >= service().breaks().maxResumes();
    Optional<Continuation> next =
        exhausted || !anotherReplica() ? Optional.empty() : methods().possible(cut.continuation());
    if (next.isEmpty()) {
      sendErrorMidStream(new AttemptResult.Broken(cut.failure(), true, Optional.empty()));
      return;
    }
    if (reachedReplica) {
      countResume();
    }
    continuation = next;
    if (!attemptTracker.faults().isEmpty()) {
      client.trailer("x-weir-fault", faults());
    }
    client.flush();
    chooseReplica();
  }

  private void countResume() {
    attemptTracker.resumed();
    serviceAttempt.transcript().resumed();
    client.trailer("x-weir-resumed", Integer.toString(attemptTracker.resumes()));
  }

  /// The replica did not fail; it rejected a field that this gateway added. A different kind of
  /// continuation may work. Otherwise the stream ends as a cut one.
  private void continueOtherwise(Failure refusal, Continuation from) {
    boolean unsupported = refusal.kind() == Failure.Kind.UNSUPPORTED_BY_ENGINE;
    if (unsupported) {
      methods().unsupported(continuation);
    }
    Optional<Continuation> other =
        unsupported && attemptTracker.attempts() < MAX_ATTEMPTS
            ? methods().possible(from)
            : Optional.empty();
    if (other.isPresent()) {
      continuation = other;
      tried.forget(attemptTracker.replica());
      chooseReplica();
    } else {
      String message = "a replica's answer stopped midway; " + refusal.message();
      Failure cut = new Failure(Failure.Kind.CUT, message);
      sendErrorMidStream(new AttemptResult.Broken(cut, true, Optional.empty()));
    }
  }

  // --- 9. the end

  /// Tries the next service of the route that is configured for this cause; otherwise answers the
  /// client.
  private void giveUp(Failure cause) {
    Optional<ServiceAttempt> next =
        continuation.isEmpty() && attemptTracker.attempts() < MAX_ATTEMPTS
            ? fallback.next(cause, this::leaveService)
            : Optional.empty();
    next.ifPresentOrElse(this::continueAtService, () -> sendFailure(cause));
  }

  /// Releases the admission slot last: the request admitted next needs the bulkhead slot.
  private void leaveService() {
    leaveBulkhead();
    serviceAttempt.permit().cancel();
  }

  private void leaveBulkhead() {
    if (inBulkhead) {
      inBulkhead = false;
      components.bulkheads().of(service().id()).leave();
    }
  }

  /// Not charged to the first service's retry budget, because that service does not receive the
  /// request. The deadline does not change.
  private void continueAtService(ServiceAttempt next) {
    leaveBulkhead();
    lastAnswer.ifPresent(AttemptResult.Held::release);
    lastAnswer = Optional.empty();
    inBulkhead = true;
    serviceAttempt = next.within(serviceAttempt.deadlines());
    arm = service().stable();
    attemptsOfLeg = 0;
    askedOfLeg = 0;
    tried.clear();
    components.budgets().of(service().id()).request();
    chooseReplica();
  }

  /// Sends the engine's last answer unmodified if there is one, otherwise an answer of the gateway.
  private void sendFailure(Failure cause) {
    List<String> states = components.balancer().describeArm(service(), arm);
    Failure failure = tried.last(cause, arm.version(), states);
    int status = lastAnswer.map(AttemptResult.Held::status).orElse(failure.kind().status());
    if (lastAnswer.isPresent()) {
      AttemptResult.Held held = lastAnswer.get();
      HttpHeaders headers = clientHeaders(status, held.headers());
      if (failure.kind().hasRetryAfter()) {
        headers.set(
            HttpHeaderNames.RETRY_AFTER,
            RetryAfter.seconds(
                RetryAfter.of(held).map(Duration::toNanos).orElseGet(this::nanosUntilRetry)));
      }
      client.answer(status, headers, held.body());
      lastAnswer = Optional.empty();
    } else {
      Failure reported =
          failure.kind().hasRetryAfter() ? failure.retryAfter(nanosUntilRetry()) : failure;
      LocalResponses.fail(
          client, reported, in.rejection().anthropic(), in.rejection().requestId(), ownHeaders());
    }
    finish(status, Optional.of(failure));
  }

  /// Nanoseconds until the first replica may be retried, or until one is expected.
  private long nanosUntilRetry() {
    return components
        .balancer()
        .nanosUntilReady(service(), arm)
        .orElseGet(() -> components.recoveryEstimator().nanosLeft(service().id()));
  }

  /// The status is already sent: an event stream can still carry an error, any other answer is
  /// aborted.
  private void sendErrorMidStream(AttemptResult.Broken broken) {
    if (broken.events()) {
      client.write(broken.engineError().orElseGet(() -> errorEvent(broken.failure())));
      if (service().breaks().doneAfterError()) {
        client.write(in.api().family().stream().done());
      }
      client.end();
    } else {
      client.abort();
    }
    finish(200, Optional.of(broken.failure()));
  }

  private ByteBuf errorEvent(Failure failure) {
    return in.api().family().stream().error(failure, in.rejection().requestId());
  }

  // --- 10. record

  private void finish(int status, Optional<Failure> failure) {
    ShadowRequest copied = shadow;
    if (status == CLIENT_GONE && copied != null) {
      copied.clientGone();
    }
    leaveBulkhead();
    body.release();
    lastAnswer.ifPresent(AttemptResult.Held::release);
    settle(
        status,
        attemptTracker.finished(
            status, failure, serviceAttempt.transcript(), fallback.fallbackTrace()));
  }

  /// Charges what the engine counted, otherwise what was observed. A prompt without a count costs
  /// its estimate as soon as an engine may have read it, so clients that disconnect early still
  /// pay.
  private void settle(int status, CompletedRequest completed) {
    boolean read = completed.outputTokens() > 0 || status == 200 || status == CLIENT_GONE;
    long estimate = read && attemptTracker.attempts() > 0 ? promptEstimate : 0;
    long prompt = completed.promptTokens() > 0 ? completed.promptTokens() : estimate;
    serviceAttempt.permit().settle(prompt + completed.outputTokens());
    if (status == 200 && completed.failure().isEmpty()) {
      components.outputLengths().learn(service().id(), completed.outputTokens());
    }
  }

  /// Sends a shadow copy to the version under test, one event loop turn after the request itself,
  /// so that a failing copy cannot affect the request. Call it before the request is sent.
  void startShadow() {
    String to = service().id() + " " + decision.ofCopy().arm().version();
    ShadowRequest copy =
        new ShadowRequest(
            components,
            in,
            body.retain(),
            parsedRequest,
            serviceAttempt,
            arrival,
            attemptTracker.sampled(),
            attemptTracker.copy(),
            attemptTracker.traceparent(),
            result -> mirrored(to, result));
    shadow = copy;
    mirrored(to, "running");
    client.loop().execute(copy::send);
  }

  /// Records the state of the copy.
  void mirrored(String mirror, String result) {
    attemptTracker.mirrored(mirror, result);
  }

  // --- client events during the request

  @Override
  public void gone() {
    ScheduledFuture<?> waiting = pause;
    if (waiting != null) {
      pause = null;
      waiting.cancel(false);
      finish(Failure.Kind.CLIENT_GONE.status(), Optional.of(AttemptTracker.clientDisconnected()));
    }
    Relay running = relay;
    if (running != null) {
      running.gone();
    }
  }

  @Override
  public void writabilityChanged(boolean writable) {
    Relay running = relay;
    if (running != null) {
      running.writabilityChanged(writable);
    }
  }

  private static Stream<Arm> arms(ServiceEntry service) {
    return Stream.concat(
        Stream.of(service.stable()), service.canary().stream().map(CanaryArm::arm));
  }
}
