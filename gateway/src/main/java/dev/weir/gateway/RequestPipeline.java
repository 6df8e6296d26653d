// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.Wishes;
import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.balance.RetryBudgets;
import dev.weir.gateway.dialect.Api;
import dev.weir.gateway.dialect.AskReader;
import dev.weir.gateway.dialect.AskWriter;
import dev.weir.gateway.dialect.WholeAnswer;
import dev.weir.gateway.exchange.Arrival;
import dev.weir.gateway.exchange.Ask;
import dev.weir.gateway.exchange.AuthResult;
import dev.weir.gateway.exchange.Authenticator;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Continuation;
import dev.weir.gateway.exchange.Current;
import dev.weir.gateway.exchange.Decision;
import dev.weir.gateway.exchange.Ending;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Membership;
import dev.weir.gateway.exchange.Recorder;
import dev.weir.gateway.exchange.RequestHandler;
import dev.weir.gateway.exchange.RequestHead;
import dev.weir.gateway.exchange.RequestIds;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.gateway.exchange.Timeline;
import dev.weir.gateway.exchange.Transcript;
import dev.weir.gateway.relay.AnswerHeaders;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import dev.weir.gateway.route.Router;
import dev.weir.gateway.route.Sessions;
import dev.weir.gateway.route.Unit;
import dev.weir.gateway.route.VersionChoice;
import dev.weir.gateway.upstream.Deadlines;
import dev.weir.gateway.upstream.Manner;
import dev.weir.gateway.upstream.OutgoingHeaders;
import dev.weir.gateway.upstream.Upstreams;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The way of a request, from top to bottom:
///
///     listener -> authenticate -> match route -> admit -> choose version -> choose replica
///       -> upstream attempt -> relay -> record
///
/// The only way back up is [OnItsWay#ended]: a failure before the first byte, or a stream cut in its
/// middle that can be continued, returns to "choose replica", never further. One pipeline per event
/// loop; nothing here blocks or waits.
final class RequestPipeline implements RequestHandler {
  private static final String SESSION = "x-weir-session";

  /// How often one stream is taken up again.
  private static final int MAX_RESUMES = 3;

  private final Parts parts;
  private final LocalAnswers local;
  private final VersionChoice versions;

  /// What the stages are made of.
  record Parts(
      SnapshotHolder snapshots,
      Authenticator authenticator,
      Recorder recorder,
      Balancer balancer,
      RetryBudgets budgets,
      Sessions sessions,
      Upstreams upstreams,
      RandomGenerator random,
      LongSupplier nanoTime) {}

  RequestPipeline(Parts parts, LocalAnswers local) {
    this.parts = parts;
    this.local = local;
    this.versions = new VersionChoice(parts.sessions());
  }

  // --- 1. listener: a head came; nothing is buffered for strangers

  @Override
  public Next head(RequestHead head, ClientStream client) {
    String requestId = RequestIds.of(head, parts.random());
    Optional<Api> api = Api.find(head.path());
    boolean anthropic = api.isPresent() && api.get().family().anthropic();
    Refusal refusal = new Refusal(parts.recorder(), head, client, requestId, anthropic);
    if (api.isPresent()) {
      return method(head, "POST", refusal) ? authenticate(head, api.get(), refusal) : discard();
    }
    if (local.knows(head.path())) {
      if (method(head, "GET, HEAD", refusal)) {
        local.answer(head, client, requestId, parts.authenticator(), refusal);
      }
      return discard();
    }
    refusal.because(Failure.Kind.UNKNOWN_PATH, "there is no " + LocalAnswers.shown(head.path()));
    return discard();
  }

  private static Next discard() {
    return new Next.Discard();
  }

  /// Whether the method fits; if not the request is answered.
  private static boolean method(RequestHead head, String allowed, Refusal refusal) {
    if (Set.of(allowed.split(", ")).contains(head.method())) {
      return true;
    }
    String allow = allowed + ", OPTIONS";
    if (head.method().equals("OPTIONS")) {
      LocalAnswers.options(refusal.client(), allow, refusal.requestId());
    } else {
      String message = head.path() + " is called with " + allow;
      refusal.because(new Failure(Failure.Kind.WRONG_METHOD, message), Map.of("allow", allow));
    }
    return false;
  }

  @Override
  public void malformed(ClientStream client, Failure failure) {
    String requestId = RequestIds.of(_ -> Optional.empty(), parts.random());
    parts.recorder().refused(requestId, "", "", failure);
    LocalAnswers.fail(client, failure, false, requestId, Map.of());
  }

  // --- 2. authenticate

  private Next authenticate(RequestHead head, Api api, Refusal refusal) {
    Current current = parts.snapshots().current();
    if (current.sequence() == 0) {
      refusal.because(Failure.Kind.NOT_READY, "this gateway has no routing snapshot yet");
      return discard();
    }
    return switch (parts.authenticator().authenticate(head, current)) {
      case AuthResult.Denied denied -> {
        refusal.denied(denied);
        yield discard();
      }
      case AuthResult.Allowed allowed ->
          new Next.ReadBody(new Incoming(head, api, allowed.key(), refusal));
    };
  }

  /// A request whose caller is known and whose body is being read.
  private final class Incoming implements BodyReader {
    private final RequestHead head;
    private final Api api;
    private final KeyEntry key;
    private final Refusal refusal;

    Incoming(RequestHead head, Api api, KeyEntry key, Refusal refusal) {
      this.head = head;
      this.api = api;
      this.key = key;
      this.refusal = refusal;
    }

    @Override
    public void failed(Failure failure) {
      refusal.because(failure);
    }

    @Override
    public void body(ByteBuf body) {
      long arrivalNanos = parts.nanoTime().getAsLong();
      Route way = new Route(this, body, arrivalNanos);
      if (!way.match()) {
        body.release();
      }
    }
  }

  /// The stages that decide where a request goes. Each answers the client itself when it ends
  /// there. They decide by the picture of now: while a body came in slowly a replica may have left
  /// it and been drained.
  private final class Route {
    private final Incoming in;
    private final ByteBuf body;
    private final long arrivalNanos;
    private final Current current = parts.snapshots().current();
    private final long draw = parts.random().nextLong();

    Route(Incoming in, ByteBuf body, long arrivalNanos) {
      this.in = in;
      this.body = body;
      this.arrivalNanos = arrivalNanos;
    }

    // --- 3. match the route

    /// Each stage returns whether the request went on its way.
    boolean match() {
      String type = in.head.first("content-type").orElse("");
      return switch (AskReader.read(in.api.family(), type, body)) {
        case AskReader.Result.Unreadable bad -> refuse(Failure.Kind.BAD_REQUEST, bad.message());
        case AskReader.Result.Read read -> match(read.ask());
      };
    }

    private boolean match(Ask ask) {
      Optional<RouteEntry> route = Router.match(current, in.key, ask.model());
      if (route.isEmpty()) {
        return refuse(LocalAnswers.unknownModel(ask.model()));
      }
      Optional<ServiceEntry> service = Router.service(current, route.get(), unit(SESSION));
      return service.isPresent()
          ? admit(ask, service.get())
          : refuse(Failure.Kind.NO_REPLICA, "no service serves this model now");
    }

    /// The session that one of the headers names, else the request itself.
    private Unit unit(String... headers) {
      return Stream.of(headers)
          .flatMap(header -> in.head.first(header).stream())
          .filter(name -> !name.isEmpty())
          .findFirst()
          .<Unit>map(Unit.Session::new)
          .orElseGet(() -> new Unit.Lone(draw));
    }

    // --- 4. admit

    private boolean admit(Ask ask, ServiceEntry service) {
      Optional<String> engine =
          service.stable().replicas().stream().findFirst().map(replica -> replica.engine());
      if (engine.isPresent() && !in.api.on(engine.get())) {
        return refuse(Failure.Kind.UNKNOWN_PATH, "this model's engine has no " + in.api.path());
      }
      return switch (Wishes.read(in.head, in.key)) {
        case Wishes.Result.Refused refused -> refuse(refused.failure());
        case Wishes.Result.Granted granted -> chooseVersion(ask, service, granted.wishes());
      };
    }

    // --- 5. choose the version

    private boolean chooseVersion(Ask ask, ServiceEntry service, Wishes wishes) {
      boolean leaseRuns = parts.snapshots().leaseRuns();
      if (wishes.version().isEmpty()) {
        Unit unit = unit(SESSION, service.sessionHeader());
        return depart(ask, versions.choose(service, unit, leaseRuns), wishes);
      }
      Optional<Decision> pinned = versions.pin(service, wishes.version().get(), leaseRuns);
      return pinned.isPresent()
          ? depart(ask, pinned.get(), wishes)
          : refuse(
              Failure.Kind.BAD_REQUEST,
              "the version in x-weir-version does not serve '" + ask.model() + "' now");
    }

    private boolean depart(Ask ask, Decision decision, Wishes wishes) {
      Arrival arrival =
          new Arrival(
              in.refusal.requestId(),
              in.api.path(),
              ask.model(),
              ask.stream(),
              in.key,
              decision,
              current,
              arrivalNanos);
      parts.budgets().of(decision.service().id()).request();
      boolean resume = ask.continuable() && decision.service().resume() && wishes.resume();
      Transcript transcript = new Transcript(resume, ask.includeUsage(), ask.maxTokens());
      Deadlines deadlines = deadlines(decision.service().timeouts(), ask, wishes);
      new OnItsWay(in, body, ask, arrival, deadlines, transcript).chooseReplica();
      return true;
    }

    private Deadlines deadlines(Timeouts timeouts, Ask ask, Wishes wishes) {
      long own = TimeUnit.MILLISECONDS.toNanos(timeouts.totalMillis());
      long wished = wishes.timeoutNanos().orElse(Long.MAX_VALUE);
      long first = TimeUnit.MILLISECONDS.toNanos(timeouts.firstTokenMillis());
      return new Deadlines(
          TimeUnit.MILLISECONDS.toNanos(timeouts.connectMillis()),
          first,
          ask.stream(),
          TimeUnit.MILLISECONDS.toNanos(timeouts.stallMillis()),
          arrivalNanos + Math.min(own, wished),
          wished < own ? Failure.Kind.CLIENT_DEADLINE : Failure.Kind.TOTAL_TIMEOUT);
    }

    private boolean refuse(Failure.Kind kind, String message) {
      return refuse(new Failure(kind, message));
    }

    private boolean refuse(Failure failure) {
      in.refusal.because(failure);
      return false;
    }
  }

  /// A request that is recorded: its attempts until it is finished.
  private final class OnItsWay implements ClientStream.Listener {
    private final Incoming in;
    private final ByteBuf body;
    private final Ask ask;
    private final Decision decision;
    private final Deadlines deadlines;
    private final Transcript transcript;
    private final ClientStream client;
    private final Ledger ledger;
    private final TriedReplicas tried = new TriedReplicas();

    private Arm arm;
    private int attemptsOfLeg;
    private Optional<Continuation> continuation = Optional.empty();
    private Optional<Ending.Held> lastAnswer = Optional.empty();
    private @Nullable Relay relay;

    OnItsWay(
        Incoming in,
        ByteBuf body,
        Ask ask,
        Arrival arrival,
        Deadlines deadlines,
        Transcript transcript) {
      this.in = in;
      this.body = body;
      this.ask = ask;
      this.decision = arrival.decision();
      this.deadlines = deadlines;
      this.transcript = transcript;
      this.client = in.refusal.client();
      this.ledger = new Ledger(parts.recorder(), arrival, parts.nanoTime());
      this.arm = decision.arm();
      client.listen(this);
    }

    private ServiceEntry service() {
      return decision.service();
    }

    // --- 6. choose the replica

    void chooseReplica() {
      parts
          .balancer()
          .pick(service().id(), arm, tried.names(), parts.random())
          .ifPresentOrElse(this::attempt, this::noReplica);
    }

    /// An arm without replicas fails its requests like a replica that cannot be reached.
    private void noReplica() {
      Failure failure =
          new Failure(
              Failure.Kind.NO_REPLICA,
              arm.version() + " has no replica that is ready; they are being started, try again");
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
      Relay next = new Relay(relayJob(ledger.attempt(arm.version(), chosen)));
      relay = next;
      next.control(
          parts
              .upstreams()
              .open(
                  chosen.key(),
                  Manner.of(chosen.replica()),
                  (base, authority) -> request(chosen, base, authority),
                  deadlines,
                  next));
    }

    private FullHttpRequest request(Balancer.Pick chosen, String base, String authority) {
      ByteBuf sent = upstreamBody(chosen.replica().servedModel());
      HttpHeaders headers =
          OutgoingHeaders.of(
              in.head.headers(), authority, in.refusal.requestId(), sent.readableBytes());
      return new DefaultFullHttpRequest(
          HttpVersion.HTTP_1_1,
          HttpMethod.POST,
          base + in.api.path() + in.head.query(),
          sent,
          headers,
          EmptyHttpHeaders.INSTANCE);
    }

    private ByteBuf upstreamBody(String servedModel) {
      if (continuation.isEmpty()) {
        return AskWriter.body(body, ask, servedModel);
      }
      return AskWriter.continuation(
          ByteBufAllocator.DEFAULT, body, in.api.family(), continuation.get(), servedModel);
    }

    private RelayJob relayJob(Timeline timeline) {
      return new RelayJob(
          client,
          in.api.family().stream(),
          transcript,
          timeline,
          continuation.isPresent(),
          continuation.filter(Continuation::usageOnly).isPresent(),
          this::clientHeaders,
          OnItsWay::readWhole,
          ledger::firstToken,
          this::ended,
          parts.nanoTime());
    }

    private static boolean readWhole(ByteBuf answer, Timeline timeline) {
      WholeAnswer.Usage usage = WholeAnswer.usage(answer);
      timeline.usage(usage.prompt(), usage.output());
      return !WholeAnswer.aborted(answer);
    }

    private HttpHeaders clientHeaders(int status, HttpHeaders from) {
      return AnswerHeaders.of(status, from, ownHeaders());
    }

    private Map<String, String> ownHeaders() {
      Map<String, String> own = new LinkedHashMap<>();
      own.put("x-request-id", in.refusal.requestId());
      own.put("x-weir-service", service().id());
      own.put("x-weir-version", arm.version());
      ledger.pick().ifPresent(chosen -> own.put("x-weir-replica", chosen.replica().name()));
      own.put("x-weir-attempts", Integer.toString(ledger.attempts()));
      return own;
    }

    // --- 8. an attempt ended: record it, then answer, or go round the one loop

    private void ended(Ending ending) {
      relay = null;
      ledger.attemptEnded(ending);
      switch (ending) {
        case Ending.Complete complete -> finish(complete.status(), Optional.empty());
        case Ending.FailedBeforeFirstByte failed -> goRound(failed);
        case Ending.CutMidStream cut -> speakOnElsewhere(cut);
        case Ending.Broken broken -> tellMidStream(broken);
        case Ending.Cancelled _ ->
            finish(Failure.Kind.CLIENT_GONE.status(), Optional.of(Ledger.clientGone()));
      }
    }

    private void goRound(Ending.FailedBeforeFirstByte failed) {
      Failure failure = failed.failure();
      boolean unreachable = TriedReplicas.unreachable(failure);
      ledger.pick().ifPresent(pick -> tried.failed(pick.replica().name(), failure));
      if (unreachable) {
        ledger.pick().ifPresent(Balancer.Pick::refused);
      }
      lastAnswer.ifPresent(Ending.Held::release);
      lastAnswer = failed.answer();
      boolean may = failure.kind().mayGoRound() && attemptsOfLeg < service().maxAttempts();
      if (may && mayFallBack()) {
        fallBack();
      } else if (may && anotherReplica() && (unreachable || withinBudget())) {
        chooseReplica();
      } else {
        giveUp(tried.last(failure, arm.version(), arm.replicas().size()));
      }
    }

    /// A canary that fails hands its request to the stable version; a pinned request asked for this
    /// version and gets no other.
    private boolean mayFallBack() {
      return decision.toCanary()
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
              .flatMap(RequestPipeline::arms)
              .filter(other -> other.version().equals(arm.version()))
              .findFirst()
              .orElse(arm);
      return arm.replicas().stream().anyMatch(replica -> !tried.names().contains(replica.name()));
    }

    /// A connection that never came about cost no engine anything and is not asked for; every other
    /// retry is.
    private boolean withinBudget() {
      return parts.budgets().of(service().id()).takeRetry(service().retryBudgetPercent());
    }

    /// Continuing is outside the retry budget: a replica that dies cuts all its streams at once,
    /// and each is taken up a bounded number of times.
    private void speakOnElsewhere(Ending.CutMidStream cut) {
      if (ledger.resumes() >= MAX_RESUMES || !anotherReplica()) {
        tellMidStream(new Ending.Broken(cut.failure(), true, Optional.empty()));
        return;
      }
      ledger.resumed();
      transcript.resumed();
      continuation = Optional.of(cut.continuation());
      client.flush();
      chooseReplica();
    }

    // --- 9. the end

    /// The engine's own last word where there is one, unmodified; else ours.
    private void giveUp(Failure failure) {
      int status = lastAnswer.map(Ending.Held::status).orElse(failure.kind().status());
      if (lastAnswer.isPresent()) {
        Ending.Held held = lastAnswer.get();
        client.answer(status, clientHeaders(status, held.headers()), held.body());
        lastAnswer = Optional.empty();
      } else {
        LocalAnswers.fail(
            client, failure, in.refusal.anthropic(), in.refusal.requestId(), ownHeaders());
      }
      finish(status, Optional.of(failure));
    }

    /// The status is long sent: a stream can still carry an error, anything else is cut off
    /// visibly.
    private void tellMidStream(Ending.Broken broken) {
      if (broken.events()) {
        client.write(broken.engineError().orElseGet(() -> errorEvent(broken.failure())));
        client.endAndClose();
      } else {
        client.abort();
      }
      finish(200, Optional.of(broken.failure()));
    }

    private ByteBuf errorEvent(Failure failure) {
      return in.api.family().stream().error(failure, in.refusal.requestId());
    }

    // --- 10. record

    private void finish(int status, Optional<Failure> failure) {
      body.release();
      lastAnswer.ifPresent(Ending.Held::release);
      ledger.finished(status, failure, transcript);
    }

    // --- what the client does meanwhile

    @Override
    public void gone() {
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
  }

  private static Stream<Arm> arms(ServiceEntry service) {
    return Stream.concat(
        Stream.of(service.stable()), service.canary().stream().map(CanaryArm::arm));
  }
}
