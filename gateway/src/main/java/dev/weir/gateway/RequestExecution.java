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
import dev.weir.gateway.exchange.Continuation;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FaultInjection;
import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.exchange.Timeline;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.gateway.relay.AnswerHeaders;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import dev.weir.gateway.upstream.UpstreamAuth;
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
  /// Replicas are tried, and services asked instead of others, only while there were fewer.
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

  /// Of these, the ones that a replica came to know of.
  private int askedOfLeg;

  private Optional<Continuation> continuation = Optional.empty();
  private Optional<AttemptResult.Held> lastAnswer = Optional.empty();
  private @Nullable Relay relay;
  private @Nullable ShadowRequest shadow;

  /// Runs between two attempts.
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
    this.client = in.refusal().client();
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

  /// What a retry, a detour or a canary took says nothing of how busy the service's engines are.
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

  /// An arm without replicas fails its requests like a replica that cannot be reached.
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
    Timeline timeline = attemptTracker.attempt(service().id(), arm.version(), chosen, injection);
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

  /// One request is given up once at most: what is slow everywhere must end somewhere.
  private void awaitAnswer(Balancer.Pick chosen) {
    AnswerWait wait = AnswerWait.of(components, in, parsedRequest, body, serviceAttempt, chosen);
    attemptTracker.waitBy(attemptTracker.wasOverdue() ? wait : wait.bounded(() -> overdue(wait)));
  }

  /// Without another replica to ask in time, the one that is late is waited for to the end.
  private void overdue(AnswerWait wait) {
    Relay running = relay;
    boolean givenUp = running != null && wait.leavesTime() && mayAskAnother();
    attemptTracker.overdue(givenUp);
    if (running != null && givenUp) {
      running.giveUp(wait.failure());
    }
  }

  private boolean mayAskAnother() {
    boolean left =
        askedOfLeg + 1 < service().maxAttempts() && attemptTracker.attempts() < MAX_ATTEMPTS;
    return left && (canFallBackToStable() || (anotherReplica() && takeRetry()));
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
      asksForIds = methods().asksForIds(serviceAttempt, replica);
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
    return new RelayJob(
        client,
        in.api().family().stream(),
        serviceAttempt.transcript(),
        timeline,
        continuation.isPresent(),
        continuation.filter(Continuation::usageOnly).isPresent(),
        this::clientHeaders,
        (whole, into) -> WholeAnswer.into(into, in.api().family(), whole),
        ContextLimit::exceeded,
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
    own.put("x-request-id", in.refusal().requestId());
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

  /// Nobody is to hunt what was injected.
  private String faults() {
    return String.join(", ", attemptTracker.faults());
  }

  // --- 8. an attempt ended: record it, then answer, or go round the one loop

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
    boolean may =
        failure.kind().retryable()
            && askedOfLeg < service().maxAttempts()
            && attemptTracker.attempts() < MAX_ATTEMPTS;
    if (may && canFallBackToStable()) {
      fallBackToStable();
    } else if (may && anotherReplica()) {
      retry(failure);
    } else {
      giveUp(failure);
    }
  }

  private ContinuationMethods methods() {
    return new ContinuationMethods(
        components.continuationSupport(), in.api().family(), service().id(), arm);
  }

  /// The field that the engine refuses is this gateway's own.
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
    boolean room = failure.kind().next() != Failure.Next.RETRY_AFTER || roomElsewhere();
    boolean paid = failure.kind().unreachable() || failure.kind() == Failure.Kind.NO_ANSWER;
    boolean may = inTime && room && (paid || withinBudget());
    if (!may) {
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

  /// A canary that fails hands its request to the stable version; a pinned request asked for this
  /// version and gets no other.
  private boolean canFallBackToStable() {
    return decision.toCanary()
        && !fallback.fallbackTrace().any()
        && decision.membership() != CohortMembership.PINNED
        && !attemptTracker.hasFallenBack();
  }

  /// Outside the retry budget: it asks another version, in no greater number than the canary's
  /// weight.
  private void fallBackToStable() {
    attemptTracker.fellBack();
    arm = service().stable();
    tried.clear();
    chooseReplica();
  }

  /// Looks at the replicas of the same version as they are known now: during a long request some
  /// come and go.
  private boolean anotherReplica() {
    arm =
        components.snapshots().current().service(service().id()).stream()
            .flatMap(RequestExecution::arms)
            .filter(other -> other.version().equals(arm.version()))
            .findFirst()
            .orElse(arm);
    return arm.replicas().stream().anyMatch(replica -> !tried.names().contains(replica.name()));
  }

  /// A connection that never came about cost no engine anything and is not asked for; an overdue
  /// answer is given up only for a retry that is taken already; every other retry is asked for.
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

  /// Continuing is outside the retry budget: a replica that dies cuts all its streams at once, and
  /// each is taken up a bounded number of times. A continuation that reached no replica is none.
  private void resumeElsewhere(AttemptResult.CutMidStream cut) {
    boolean spoke = !cut.failure().kind().unreachable();
    boolean enough = spoke && attemptTracker.resumes() >= service().breaks().maxResumes();
    Optional<Continuation> next =
        enough || !anotherReplica() ? Optional.empty() : methods().possible(cut.continuation());
    if (next.isEmpty()) {
      sendErrorMidStream(new AttemptResult.Broken(cut.failure(), true, Optional.empty()));
      return;
    }
    if (spoke) {
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

  /// The replica refused what this gateway asked it for, and did not fail: it may be asked for a
  /// continuation of another kind. Without one the stream ends as one that was cut.
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
      String message = "the answer of a replica stopped in its middle; " + refusal.message();
      Failure cut = new Failure(Failure.Kind.CUT, message);
      sendErrorMidStream(new AttemptResult.Broken(cut, true, Optional.empty()));
    }
  }

  // --- 9. the end

  /// The next service of the route, where it names one for this cause; else the client is told.
  private void giveUp(Failure cause) {
    Optional<ServiceAttempt> next =
        continuation.isEmpty() && attemptTracker.attempts() < MAX_ATTEMPTS
            ? fallback.next(cause, this::leaveService)
            : Optional.empty();
    next.ifPresentOrElse(this::continueAtService, () -> sendFailure(cause));
  }

  /// Its place last, for who is seated there finds room in the bulkhead.
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

  /// Outside the first service's retry budget: it gets no request of these. The deadline stays what
  /// it was.
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

  /// The engine's own last word where there is one, unmodified; else ours.
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
      Failure told =
          failure.kind().hasRetryAfter() ? failure.retryAfter(nanosUntilRetry()) : failure;
      LocalResponses.fail(
          client, told, in.refusal().anthropic(), in.refusal().requestId(), ownHeaders());
    }
    finish(status, Optional.of(failure));
  }

  /// Until the first replica is to be asked again, or one may be there.
  private long nanosUntilRetry() {
    return components
        .balancer()
        .nanosUntilReady(service(), arm)
        .orElseGet(() -> components.recoveryEstimator().nanosLeft(service().id()));
  }

  /// The status is long sent: a stream can still carry an error, anything else is cut off visibly.
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
    return in.api().family().stream().error(failure, in.refusal().requestId());
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

  /// What the engine counted, else what was seen. A prompt that nobody counted costs its estimate
  /// as soon as an engine may have read it: who hangs up early pays for what was begun.
  private void settle(int status, CompletedRequest completed) {
    boolean read = completed.outputTokens() > 0 || status == 200 || status == CLIENT_GONE;
    long estimate = read && attemptTracker.attempts() > 0 ? promptEstimate : 0;
    long prompt = completed.promptTokens() > 0 ? completed.promptTokens() : estimate;
    serviceAttempt.permit().settle(prompt + completed.outputTokens());
    if (status == 200 && completed.failure().isEmpty()) {
      components.outputLengths().learn(service().id(), completed.outputTokens());
    }
  }

  /// The version under test gets a copy: a turn of the loop later than the request itself, so that
  /// whatever becomes of it, the request is on its way. To be called before that.
  void shadowed() {
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

  /// What becomes of its copy.
  void mirrored(String mirror, String result) {
    attemptTracker.mirrored(mirror, result);
  }

  // --- what the client does meanwhile

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
