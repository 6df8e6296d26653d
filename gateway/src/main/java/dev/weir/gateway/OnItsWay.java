// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.OutputLengths;
import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.balance.RetryPause;
import dev.weir.gateway.dialect.Api;
import dev.weir.gateway.dialect.AskWriter;
import dev.weir.gateway.dialect.ContextLimit;
import dev.weir.gateway.dialect.WholeAnswer;
import dev.weir.gateway.exchange.Arrival;
import dev.weir.gateway.exchange.Ask;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Continuation;
import dev.weir.gateway.exchange.Decision;
import dev.weir.gateway.exchange.Ending;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Finished;
import dev.weir.gateway.exchange.Injection;
import dev.weir.gateway.exchange.Membership;
import dev.weir.gateway.exchange.Timeline;
import dev.weir.gateway.relay.AnswerHeaders;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import dev.weir.gateway.upstream.Manner;
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

/// A request that is recorded: its attempts until it is finished.
final class OnItsWay implements ClientStream.Listener {
  /// Replicas are tried, and services asked instead of others, only while there were fewer.
  private static final int MAX_ATTEMPTS = 10;

  private static final int CLIENT_GONE = Failure.Kind.CLIENT_GONE.status();

  private final RequestPipeline.Parts parts;
  private final RequestPipeline.Incoming in;
  private final ByteBuf body;
  private final Ask ask;
  private final Arrival arrival;
  private final Decision decision;
  private final Fallbacks elsewhere;
  private final ClientStream client;
  private final long promptEstimate;
  private final Ledger ledger;
  private final TriedReplicas tried = new TriedReplicas();

  private Leg leg;
  private Arm arm;
  private int attemptsOfLeg;
  private boolean asksForIds;
  private boolean inBulkhead = true;

  /// Of these, the ones that a replica came to know of.
  private int askedOfLeg;

  private Optional<Continuation> continuation = Optional.empty();
  private Optional<Ending.Held> lastAnswer = Optional.empty();
  private @Nullable Relay relay;
  private @Nullable ShadowRequest shadow;

  /// Runs between two attempts.
  private @Nullable ScheduledFuture<?> pause;

  OnItsWay(
      RequestPipeline.Parts parts,
      RequestPipeline.Incoming in,
      ByteBuf body,
      Ask ask,
      Arrival arrival,
      Optional<Sampled> sampled,
      Leg leg,
      Fallbacks elsewhere) {
    this.parts = parts;
    this.in = in;
    this.body = body;
    this.ask = ask;
    this.arrival = arrival;
    this.decision = arrival.decision();
    this.leg = leg;
    this.elsewhere = elsewhere;
    this.client = in.refusal().client();
    this.promptEstimate = OutputLengths.promptTokens(body.readableBytes());
    this.ledger = new Ledger(parts.recorder().arrived(arrival), arrival, sampled, parts.nanoTime());
    this.arm = decision.arm();
    client.listen(this);
  }

  private ServiceEntry service() {
    return leg.service();
  }

  /// What a retry, a detour or a canary took says nothing of how busy the service's engines are.
  private void firstToken() {
    ledger.firstToken();
    if (tellsOfLoad()) {
      leg.permit().firstToken(ledger.replica(), sinceDeparture());
    }
  }

  private boolean tellsOfLoad() {
    boolean plain = ledger.attempts() == 1 && !elsewhere.detours().any();
    return ask.stream() && plain && arm.version().equals(service().stable().version());
  }

  private long sinceDeparture() {
    return parts.nanoTime().getAsLong() - arrival.arrivalNanos();
  }

  // --- 6. choose the replica

  void chooseReplica() {
    parts
        .balancer()
        .pick(service(), arm, tried.names(), parts.random())
        .ifPresentOrElse(this::attempt, this::noReplica);
  }

  /// An arm without replicas fails its requests like a replica that cannot be reached.
  private void noReplica() {
    Failure failure = TriedReplicas.none(arm.version(), parts.balancer().told(service(), arm));
    if (ledger.attempts() == 0) {
      ledger.nothingToAttempt(failure);
    }
    if (mayFallBack()) {
      fallBack();
    } else {
      giveUp(failure);
    }
  }

  // --- 7. one attempt at the upstream, relayed

  private void attempt(Balancer.Pick chosen) {
    attemptsOfLeg++;
    tried.attempt(chosen.replica().name());
    Optional<Injection> injection =
        parts.faults().draw(service().id(), arm.version(), chosen.replica(), parts.random());
    Timeline timeline = ledger.attempt(service().id(), arm.version(), chosen, injection);
    if (ledger.attempts() == 1 && decision.membership().recorded()) {
      timeline.watchBy(ask.watch(decision.mirrored(), arrival.graded()));
    }
    Relay next = new Relay(relayJob(timeline));
    relay = next;
    awaitAnswer(chosen);
    next.control(
        parts
            .upstreams()
            .open(
                chosen.key(),
                Manner.of(chosen.replica()),
                (base, authority) -> request(chosen, base, authority),
                leg.deadlines(),
                next,
                injection));
  }

  /// One request is given up once at most: what is slow everywhere must end somewhere.
  private void awaitAnswer(Balancer.Pick chosen) {
    AnswerWait wait = AnswerWait.of(parts, in, ask, body, leg, chosen);
    ledger.waitBy(ledger.wasOverdue() ? wait : wait.bounded(() -> overdue(wait)));
  }

  /// Without another replica to ask in time, the one that is late is waited for to the end.
  private void overdue(AnswerWait wait) {
    Relay running = relay;
    boolean givenUp = running != null && wait.leavesTime() && mayAskAnother();
    ledger.overdue(givenUp);
    if (running != null && givenUp) {
      running.giveUp(wait.failure());
    }
  }

  private boolean mayAskAnother() {
    boolean left = askedOfLeg + 1 < service().maxAttempts() && ledger.attempts() < MAX_ATTEMPTS;
    return left && (mayFallBack() || (anotherReplica() && takeRetry()));
  }

  private FullHttpRequest request(Balancer.Pick chosen, String base, String authority) {
    ByteBuf sent = upstreamBody(chosen.replica());
    return Outgoing.traced(
        Outgoing.request(in, upstreamPath(), sent, base, authority), ledger.traceparent());
  }

  private String upstreamPath() {
    boolean fromIds = continuation.flatMap(Continuation::ids).isPresent();
    return fromIds ? Api.COMPLETIONS : in.api().path();
  }

  private ByteBuf upstreamBody(ReplicaEntry replica) {
    if (continuation.isEmpty()) {
      asksForIds = methods().asksForIds(leg, replica);
      return asksForIds
          ? AskWriter.bodyWithIds(body, ask, replica.servedModel())
          : AskWriter.body(body, ask, replica.servedModel());
    }
    return methods()
        .body(body, continuation.get(), leg.transcript().terms(), replica.servedModel());
  }

  private RelayJob relayJob(Timeline timeline) {
    return new RelayJob(
        client,
        in.api().family().stream(),
        leg.transcript(),
        timeline,
        continuation.isPresent(),
        continuation.filter(Continuation::usageOnly).isPresent(),
        this::clientHeaders,
        (whole, into) -> WholeAnswer.into(into, in.api().family(), whole),
        ContextLimit::exceeded,
        error -> asksForIds && AskWriter.namesIds(error),
        this::firstToken,
        this::ended,
        parts.nanoTime());
  }

  private HttpHeaders clientHeaders(int status, HttpHeaders from) {
    return AnswerHeaders.of(status, from, ownHeaders());
  }

  private Map<String, String> ownHeaders() {
    Map<String, String> own = new LinkedHashMap<>();
    own.put("x-request-id", in.refusal().requestId());
    own.put("x-weir-service", service().id());
    own.put("x-weir-version", arm.version());
    ledger
        .pick()
        .filter(_ -> attemptsOfLeg > 0)
        .ifPresent(chosen -> own.put("x-weir-replica", chosen.replica().name()));
    own.put("x-weir-attempts", Integer.toString(ledger.attempts()));
    if (elsewhere.detours().any()) {
      own.put("x-weir-fallback", elsewhere.detours().told());
    }
    if (!ledger.faults().isEmpty()) {
      own.put("x-weir-fault", faults());
    }
    own.putAll(leg.permit().headers());
    return own;
  }

  /// Nobody is to hunt what was injected.
  private String faults() {
    return String.join(", ", ledger.faults());
  }

  // --- 8. an attempt ended: record it, then answer, or go round the one loop

  private void ended(Ending ending) {
    relay = null;
    ledger.attemptEnded(ending);
    switch (ending) {
      case Ending.Complete complete -> finish(complete.status(), Optional.empty());
      case Ending.FailedBeforeFirstByte(Failure failure, _) when failure.kind().refusesAddition() ->
          askWithoutIds(failure);
      case Ending.FailedBeforeFirstByte failed -> goRound(failed);
      case Ending.CutMidStream(Failure failure, Continuation from)
          when failure.kind().refusesAddition() ->
          continueOtherwise(failure, from);
      case Ending.CutMidStream cut -> speakOnElsewhere(cut);
      case Ending.Broken broken -> tellMidStream(broken);
      case Ending.Cancelled _ ->
          finish(Failure.Kind.CLIENT_GONE.status(), Optional.of(Ledger.clientGone()));
    }
  }

  private void goRound(Ending.FailedBeforeFirstByte failed) {
    Failure failure = failed.failure();
    if (failure.kind() == Failure.Kind.FIRST_TOKEN_TIMEOUT && tellsOfLoad()) {
      leg.permit().noFirstToken(ledger.replica(), sinceDeparture());
    }
    tried.failed(failure);
    lastAnswer.ifPresent(Ending.Held::release);
    lastAnswer = failed.answer();
    askedOfLeg += failure.kind().unreachable() ? 0 : 1;
    boolean may =
        failure.kind().mayGoRound()
            && askedOfLeg < service().maxAttempts()
            && ledger.attempts() < MAX_ATTEMPTS;
    if (may && mayFallBack()) {
      fallBack();
    } else if (may && anotherReplica()) {
      retry(failure);
    } else {
      giveUp(failure);
    }
  }

  private ContinuationMethods methods() {
    return new ContinuationMethods(parts.continuations(), in.api().family(), service().id(), arm);
  }

  /// The field that the engine refuses is this gateway's own.
  private void askWithoutIds(Failure refusal) {
    methods().unsupported(Optional.empty());
    tried.forget(ledger.replica());
    if (ledger.attempts() < MAX_ATTEMPTS) {
      chooseReplica();
    } else {
      giveUp(refusal);
    }
  }

  private void retry(Failure failure) {
    long nanos = RetryPause.after(failure.kind(), askedOfLeg, parts.random());
    boolean inTime = leg.deadlines().totalAtNanos() - parts.nanoTime().getAsLong() > nanos;
    boolean room = failure.kind().next() != Failure.Next.RETRY_AFTER || roomElsewhere();
    boolean paid = failure.kind().unreachable() || failure.kind() == Failure.Kind.NO_ANSWER;
    boolean may = inTime && room && (paid || withinBudget());
    if (!may) {
      giveUp(failure);
    } else if (nanos == 0) {
      chooseReplica();
    } else {
      pause = client.loop().schedule(this::goOn, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private boolean roomElsewhere() {
    return parts.balancer().hasRoomElsewhere(service(), arm, tried.names());
  }

  private void goOn() {
    pause = null;
    chooseReplica();
  }

  /// A canary that fails hands its request to the stable version; a pinned request asked for this
  /// version and gets no other.
  private boolean mayFallBack() {
    return decision.toCanary()
        && !elsewhere.detours().any()
        && decision.membership() != Membership.PINNED
        && !ledger.hasFallenBack();
  }

  /// Outside the retry budget: it asks another version, in no greater number than the canary's
  /// weight.
  private void fallBack() {
    ledger.fellBack();
    arm = service().stable();
    tried.clear();
    chooseReplica();
  }

  /// Looks at the replicas of the same version as they are known now: during a long request some
  /// come and go.
  private boolean anotherReplica() {
    arm =
        parts.snapshots().current().service(service().id()).stream()
            .flatMap(OnItsWay::arms)
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
      ledger.budgetExhausted();
    }
    return within;
  }

  private boolean takeRetry() {
    return parts.budgets().of(service().id()).takeRetry(service().retryBudgetPercent());
  }

  /// Continuing is outside the retry budget: a replica that dies cuts all its streams at once, and
  /// each is taken up a bounded number of times. A continuation that reached no replica is none.
  private void speakOnElsewhere(Ending.CutMidStream cut) {
    boolean spoke = !cut.failure().kind().unreachable();
    boolean enough = spoke && ledger.resumes() >= service().breaks().maxResumes();
    Optional<Continuation> next =
        enough || !anotherReplica() ? Optional.empty() : methods().possible(cut.continuation());
    if (next.isEmpty()) {
      tellMidStream(new Ending.Broken(cut.failure(), true, Optional.empty()));
      return;
    }
    if (spoke) {
      countResume();
    }
    continuation = next;
    if (!ledger.faults().isEmpty()) {
      client.trailer("x-weir-fault", faults());
    }
    client.flush();
    chooseReplica();
  }

  private void countResume() {
    ledger.resumed();
    leg.transcript().resumed();
    client.trailer("x-weir-resumed", Integer.toString(ledger.resumes()));
  }

  /// The replica refused what this gateway asked it for, and did not fail: it may be asked for a
  /// continuation of another kind. Without one the stream ends as one that was cut.
  private void continueOtherwise(Failure refusal, Continuation from) {
    boolean unsupported = refusal.kind() == Failure.Kind.UNSUPPORTED_BY_ENGINE;
    if (unsupported) {
      methods().unsupported(continuation);
    }
    Optional<Continuation> other =
        unsupported && ledger.attempts() < MAX_ATTEMPTS
            ? methods().possible(from)
            : Optional.empty();
    if (other.isPresent()) {
      continuation = other;
      tried.forget(ledger.replica());
      chooseReplica();
    } else {
      String message = "the answer of a replica stopped in its middle; " + refusal.message();
      Failure cut = new Failure(Failure.Kind.CUT, message);
      tellMidStream(new Ending.Broken(cut, true, Optional.empty()));
    }
  }

  // --- 9. the end

  /// The next service of the route, where it names one for this cause; else the client is told.
  private void giveUp(Failure cause) {
    Optional<Leg> next =
        continuation.isEmpty() && ledger.attempts() < MAX_ATTEMPTS
            ? elsewhere.next(cause, this::leaveService)
            : Optional.empty();
    next.ifPresentOrElse(this::goElsewhere, () -> tell(cause));
  }

  /// Its place last, for who is seated there finds room in the bulkhead.
  private void leaveService() {
    leaveBulkhead();
    leg.permit().giveBack();
  }

  private void leaveBulkhead() {
    if (inBulkhead) {
      inBulkhead = false;
      parts.bulkheads().of(service().id()).leave();
    }
  }

  /// Outside the first service's retry budget: it gets no request of these. The deadline stays what
  /// it was.
  private void goElsewhere(Leg next) {
    leaveBulkhead();
    lastAnswer.ifPresent(Ending.Held::release);
    lastAnswer = Optional.empty();
    inBulkhead = true;
    leg = next.within(leg.deadlines());
    arm = service().stable();
    attemptsOfLeg = 0;
    askedOfLeg = 0;
    tried.clear();
    parts.budgets().of(service().id()).request();
    chooseReplica();
  }

  /// The engine's own last word where there is one, unmodified; else ours.
  private void tell(Failure cause) {
    List<String> states = parts.balancer().told(service(), arm);
    Failure failure = tried.last(cause, arm.version(), states);
    int status = lastAnswer.map(Ending.Held::status).orElse(failure.kind().status());
    if (lastAnswer.isPresent()) {
      Ending.Held held = lastAnswer.get();
      HttpHeaders headers = clientHeaders(status, held.headers());
      if (failure.kind().hasRetryAfter()) {
        headers.set(
            HttpHeaderNames.RETRY_AFTER,
            RetryAfter.seconds(RetryAfter.of(held).map(Duration::toNanos).orElseGet(this::hope)));
      }
      client.answer(status, headers, held.body());
      lastAnswer = Optional.empty();
    } else {
      Failure told = failure.kind().hasRetryAfter() ? failure.retryAfter(hope()) : failure;
      LocalAnswers.fail(
          client, told, in.refusal().anthropic(), in.refusal().requestId(), ownHeaders());
    }
    finish(status, Optional.of(failure));
  }

  /// Until the first replica is to be asked again, or one may be there.
  private long hope() {
    return parts
        .balancer()
        .nanosUntilReady(service(), arm)
        .orElseGet(() -> parts.absences().nanosLeft(service().id()));
  }

  /// The status is long sent: a stream can still carry an error, anything else is cut off visibly.
  private void tellMidStream(Ending.Broken broken) {
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
    lastAnswer.ifPresent(Ending.Held::release);
    settle(status, ledger.finished(status, failure, leg.transcript(), elsewhere.detours()));
  }

  /// What the engine counted, else what was seen. A prompt that nobody counted costs its estimate
  /// as soon as an engine may have read it: who hangs up early pays for what was begun.
  private void settle(int status, Finished finished) {
    boolean read = finished.outputTokens() > 0 || status == 200 || status == CLIENT_GONE;
    long estimate = read && ledger.attempts() > 0 ? promptEstimate : 0;
    long prompt = finished.promptTokens() > 0 ? finished.promptTokens() : estimate;
    leg.permit().settle(prompt + finished.outputTokens());
    if (status == 200 && finished.failure().isEmpty()) {
      parts.outputLengths().learn(service().id(), finished.outputTokens());
    }
  }

  /// The version under test gets a copy: a turn of the loop later than the request itself, so that
  /// whatever becomes of it, the request is on its way. To be called before that.
  void shadowed() {
    String to = service().id() + " " + decision.ofCopy().arm().version();
    ShadowRequest copy =
        new ShadowRequest(
            parts,
            in,
            body.retain(),
            ask,
            leg,
            arrival,
            ledger.sampled(),
            ledger.copy(),
            ledger.traceparent(),
            result -> mirrored(to, result));
    shadow = copy;
    mirrored(to, "running");
    client.loop().execute(copy::send);
  }

  /// What becomes of its copy.
  void mirrored(String mirror, String result) {
    ledger.mirrored(mirror, result);
  }

  // --- what the client does meanwhile

  @Override
  public void gone() {
    ScheduledFuture<?> waiting = pause;
    if (waiting != null) {
      pause = null;
      waiting.cancel(false);
      finish(Failure.Kind.CLIENT_GONE.status(), Optional.of(Ledger.clientGone()));
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
