// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.Bulkhead;
import dev.weir.gateway.admission.Bulkheads;
import dev.weir.gateway.admission.LimitRefusal;
import dev.weir.gateway.admission.Limiter;
import dev.weir.gateway.admission.OutputLengths;
import dev.weir.gateway.admission.Permit;
import dev.weir.gateway.admission.Rooms;
import dev.weir.gateway.admission.Scope;
import dev.weir.gateway.admission.Seat;
import dev.weir.gateway.admission.WaitRequest;
import dev.weir.gateway.admission.Wishes;
import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.balance.Continuations;
import dev.weir.gateway.balance.RetryBudgets;
import dev.weir.gateway.dialect.Api;
import dev.weir.gateway.dialect.AskReader;
import dev.weir.gateway.exchange.Arrival;
import dev.weir.gateway.exchange.Ask;
import dev.weir.gateway.exchange.AuthResult;
import dev.weir.gateway.exchange.Authenticator;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Current;
import dev.weir.gateway.exchange.Decision;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Recorder;
import dev.weir.gateway.exchange.RequestHandler;
import dev.weir.gateway.exchange.RequestHead;
import dev.weir.gateway.exchange.RequestIds;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.gateway.fault.Faults;
import dev.weir.gateway.overdue.AnswerTimes;
import dev.weir.gateway.recording.Recordings;
import dev.weir.gateway.route.Caller;
import dev.weir.gateway.route.FallbackChain;
import dev.weir.gateway.route.Router;
import dev.weir.gateway.route.Sessions;
import dev.weir.gateway.route.Unit;
import dev.weir.gateway.route.VersionChoice;
import dev.weir.gateway.upstream.Deadlines;
import dev.weir.gateway.upstream.Upstreams;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.Fallback;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.Mirror;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// The way of a request, from top to bottom:
///
///     listener -> authenticate -> match route -> admit -> choose version -> choose replica
///       -> upstream attempt -> relay -> record
///
/// The only way back up is [OnItsWay#ended]: a failure before the first byte, or a stream cut in its
/// middle that can be continued, returns to "choose replica", never further. One pipeline per event
/// loop; nothing here blocks or waits.
final class RequestPipeline implements RequestHandler {
  private static final int MILLION = 1_000_000;
  private static final String SESSION = "x-weir-session";

  /// A client that says anything here is not recorded.
  private static final String NO_RECORD = "x-weir-no-record";

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
      Continuations continuations,
      Bulkheads bulkheads,
      Limiter limiter,
      OutputLengths outputLengths,
      AnswerTimes answerTimes,
      Rooms rooms,
      Absences absences,
      Sessions sessions,
      Mirrors mirrors,
      Shadows shadows,
      Gradings gradings,
      Faults faults,
      Recordings recordings,
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

  @Override
  public ByteBuf overloaded(ByteBufAllocator allocator, ByteBuf request, long nanos) {
    return OverloadAnswer.to(allocator, request, nanos, parts.random());
  }

  // --- 2. authenticate

  private Next authenticate(RequestHead head, Api api, Refusal refusal) {
    Current current = parts.snapshots().current();
    if (current.sequence() == 0) {
      Failure failure =
          new Failure(Failure.Kind.NOT_READY, "this gateway has no routing snapshot yet");
      refusal.because(failure.retryAfter(parts.absences().nanosLeft(Absences.SNAPSHOT)));
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
  final class Incoming implements BodyReader {
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

    RequestHead head() {
      return head;
    }

    Api api() {
      return api;
    }

    KeyEntry key() {
      return key;
    }

    Refusal refusal() {
      return refusal;
    }

    Caller caller() {
      return new Caller(key, head);
    }

    /// Whether its client wants to stand in no record.
    boolean declinesRecord() {
      return head.first(NO_RECORD).isPresent();
    }

    /// Whether the service's engine has the API that is called, as far as it is known.
    boolean speaks(ServiceEntry service) {
      return service.stable().replicas().stream()
          .findFirst()
          .map(replica -> api.on(replica.engine()))
          .orElse(true);
    }

    /// Prompt and output that a request may use at a service.
    long expectedTokens(Ask ask, int bodyBytes, ServiceEntry service) {
      long output =
          ask.terms().maxTokens() >= 0
              ? ask.terms().maxTokens()
              : api.family().generates() ? parts.outputLengths().expected(service.id()) : 0;
      return OutputLengths.promptTokens(bodyBytes) + output;
    }

    @Override
    public void failed(Failure failure) {
      refusal.because(failure);
    }

    @Override
    public void body(ByteBuf body, long arrivedNanos) {
      Route way = new Route(this, body, arrivedNanos, parts.nanoTime().getAsLong());
      if (!way.match()) {
        body.release();
      }
    }
  }

  /// What a request is about, once it is known.
  private record Errand(Ask ask, Wishes wishes, Fallbacks elsewhere, List<Mirror> mirrors) {}

  /// The stages that decide where a request goes. Each answers the client itself when it ends
  /// there. They decide by the picture of now: while a body came in slowly a replica may have left
  /// it and been drained.
  private final class Route {
    private final Incoming in;
    private final ByteBuf body;
    private final long arrivedNanos;
    private final long arrivalNanos;
    private final Current current = parts.snapshots().current();
    private final long draw = parts.random().nextLong();

    /// @param arrivedNanos when the last byte of the body arrived; patience starts then
    /// @param arrivalNanos when it was read; what the engines are measured by starts then
    Route(Incoming in, ByteBuf body, long arrivedNanos, long arrivalNanos) {
      this.in = in;
      this.body = body;
      this.arrivedNanos = arrivedNanos;
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
      return switch (Wishes.read(in.head, in.key, route.get())) {
        case Wishes.Result.Refused refused -> refuse(refused.failure());
        case Wishes.Result.Granted granted -> match(ask, granted.wishes(), route.get());
      };
    }

    private boolean match(Ask ask, Wishes wishes, RouteEntry route) {
      List<Backend> backends = Router.backends(route, in.caller());
      Optional<ServiceEntry> service =
          Router.service(current, route.route(), backends, unit(SESSION));
      String first = service.map(ServiceEntry::id).orElse("");
      Errand errand =
          new Errand(ask, wishes, fallbacks(ask, wishes, route, first), route.mirrors());
      return service.isPresent()
          ? admit(errand, service.get())
          : turnAway(errand, noService(named(backends, route)), Map.of(), () -> {});
    }

    private static String named(List<Backend> backends, RouteEntry route) {
      return backends.stream().findFirst().map(Backend::service).orElse(route.route());
    }

    private Failure noService(String service) {
      return new Failure(Failure.Kind.NO_REPLICA, "no service serves this model now")
          .retryAfter(parts.absences().nanosLeft(service));
    }

    /// Who asked for a version gets no other, let alone of another service.
    private Fallbacks fallbacks(Ask ask, Wishes wishes, RouteEntry route, String first) {
      List<Fallback> named = wishes.version().isEmpty() ? route.fallbacks() : List.of();
      FallbackChain chain = new FallbackChain(route.route(), named, first);
      return new Fallbacks(parts, in, ask, wishes, body.readableBytes(), chain);
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

    private boolean admit(Errand errand, ServiceEntry service) {
      if (!in.speaks(service)) {
        return refuse(Failure.Kind.UNKNOWN_PATH, "this model's engine has no " + in.api.path());
      }
      Patience patience = patience(errand, service);
      in.refusal.client().deadline(patience.deadlines().totalAtNanos());
      if (patience.isOver(parts.nanoTime().getAsLong())) {
        return refuse(patience.passed());
      }
      return switch (parts.limiter().admit(in.key, service, expectedTokens(errand, service))) {
        case Limiter.Verdict.Refused(LimitRefusal limited) -> limited(errand, limited);
        case Limiter.Verdict.Admitted(Permit permit) -> seat(errand, service, permit);
      };
    }

    /// A limit of the key's own follows it to every service.
    private boolean limited(Errand errand, LimitRefusal limited) {
      Failure failure = new Failure(Failure.Kind.RATE_LIMITED, limited.message());
      if (limited.scope() != Scope.KEY) {
        return turnAway(errand, failure, limited.headers(), () -> {});
      }
      in.refusal.because(failure, limited.headers());
      return false;
    }

    /// Another service of the route answers where it may; else the client is told.
    ///
    /// @param held gives back what the service before lent
    private boolean turnAway(
        Errand errand, Failure failure, Map<String, String> headers, Runnable held) {
      Optional<Leg> leg = errand.elsewhere().next(failure, held);
      leg.ifPresentOrElse(
          next -> go(errand, Decision.undrawn(next.service()), next),
          () -> in.refusal.because(failure, headers));
      return leg.isPresent();
    }

    /// Goes on at once where there is a place, else waits: what comes then comes by a [Waiting].
    private boolean seat(Errand errand, ServiceEntry service, Permit permit) {
      Optional<Seat> seat = parts.rooms().seatNow(service);
      if (seat.isPresent()) {
        permit.sit(seat.get());
        return orGiveBack(chooseVersion(errand, service, permit), permit);
      }
      Waiting waiting =
          new Waiting(
              in.refusal.client(),
              body,
              permit,
              client -> stillWaits(client, errand, permit),
              () -> seated(errand, service.id(), permit),
              (failure, headers) -> notSeated(errand, service, failure, headers, permit),
              in.refusal::gone);
      waiting.leaveBy(parts.rooms().line(service, waitRequest(errand, service), waiting));
      return true;
    }

    /// Only a stream has a place for words before its answer.
    private void stillWaits(ClientStream client, Errand errand, Permit permit) {
      if (errand.ask().stream()) {
        LocalAnswers.waiting(
            client, in.refusal.anthropic(), in.refusal.requestId(), permit.headers());
      }
    }

    /// The same request by the picture of now.
    private Route now() {
      return new Route(in, body, arrivedNanos, arrivalNanos);
    }

    private void seated(Errand errand, String serviceId, Permit permit) {
      Route now = now();
      Optional<ServiceEntry> service = now.current.service(serviceId);
      boolean departed =
          service.isPresent()
              ? now.chooseVersion(errand, service.get(), permit)
              : now.turnAway(errand, noService(serviceId), Map.of(), permit::giveBack);
      if (!orGiveBack(departed, permit)) {
        body.release();
      }
    }

    private boolean notSeated(
        Errand errand,
        ServiceEntry service,
        Failure failure,
        Map<String, String> headers,
        Permit permit) {
      Failure told =
          failure.kind() == Failure.Kind.NO_REPLICA
              ? failure.retryAfter(parts.absences().nanosLeft(service.id()))
              : failure;
      return now().turnAway(errand, told, headers, permit::giveBack);
    }

    private static boolean orGiveBack(boolean departed, Permit permit) {
      if (!departed) {
        permit.giveBack();
      }
      return departed;
    }

    private WaitRequest waitRequest(Errand errand, ServiceEntry service) {
      return new WaitRequest(
          errand.wishes().priority(),
          in.key.tenant(),
          service.admission().shares().getOrDefault(in.key.tenant(), 1),
          expectedTokens(errand, service),
          body.readableBytes(),
          patience(errand, service).untilNanos(),
          arrivalNanos + TimeUnit.MILLISECONDS.toNanos(service.admission().waitForReplicaMillis()));
    }

    private Patience patience(Errand errand, ServiceEntry service) {
      Deadlines deadlines =
          Leg.deadlines(
              errand.wishes().timeouts(service),
              errand.ask(),
              errand.wishes().timeoutNanos(),
              in.head.arrivedNanos());
      return new Patience(deadlines, arrivedNanos, Rooms.hasReplicas(service));
    }

    private long expectedTokens(Errand errand, ServiceEntry service) {
      return in.expectedTokens(errand.ask(), body.readableBytes(), service);
    }

    // --- 5. choose the version

    private boolean chooseVersion(Errand errand, ServiceEntry service, Permit permit) {
      boolean leaseRuns = parts.snapshots().leaseRuns();
      Optional<String> wanted = errand.wishes().version();
      if (wanted.isEmpty()) {
        Unit unit = unit(SESSION, service.sessionHeader());
        return depart(errand, versions.choose(service, in.caller(), unit, leaseRuns), permit);
      }
      Optional<Decision> pinned = versions.pin(service, wanted.get(), leaseRuns);
      return pinned.isPresent()
          ? depart(errand, pinned.get(), permit)
          : refuse(
              Failure.Kind.BAD_REQUEST,
              "the version in x-weir-version does not serve '" + errand.ask().model() + "' now");
    }

    private boolean depart(Errand errand, Decision decision, Permit permit) {
      ServiceEntry service = decision.service();
      Patience patience = patience(errand, service);
      if (patience.isOver(parts.nanoTime().getAsLong())) {
        return refuse(patience.passed());
      }
      Bulkhead bulkhead = parts.bulkheads().of(service.id());
      if (!bulkhead.enter(service.isolation().maxInFlight())) {
        return refuseFull(errand, service, bulkhead, permit);
      }
      Leg leg =
          Leg.of(
              service,
              permit,
              in.api.family(),
              errand.ask(),
              errand.wishes(),
              in.head.arrivedNanos());
      go(errand, decision, leg);
      return true;
    }

    /// Before anything is recorded, so that neither version of a release is charged with it.
    private boolean refuseFull(
        Errand errand, ServiceEntry service, Bulkhead bulkhead, Permit permit) {
      String message =
          "%d requests of %s are under way here, as many as it may have"
              .formatted(service.isolation().maxInFlight(), service.name());
      return turnAway(
          errand,
          new Failure(Failure.Kind.SERVICE_FULL, message).retryAfter(bulkhead.nanosUntilRoom()),
          Map.of(),
          permit::giveBack);
    }

    /// Before anything is recorded: of a request whose copy is dropped neither half counts.
    private Decision admitCopy(Decision decision) {
      boolean dropped =
          decision.mirrored()
              && !parts.shadows().enter(decision.service().id(), body.readableBytes());
      return dropped ? decision.withoutCopy() : decision;
    }

    private void go(Errand errand, Decision drawn, Leg leg) {
      Decision decision = admitCopy(drawn);
      Optional<Sampled> sampled = Sampled.draw(parts, in, decision, body);
      boolean late = leg.permit().waited() || errand.elsewhere().detours().any();
      long departureNanos = late ? parts.nanoTime().getAsLong() : arrivalNanos;
      Arrival arrival =
          new Arrival(
              in.refusal.requestId(),
              in.api.path(),
              errand.ask().model(),
              in.api.form(errand.ask().stream()),
              in.key,
              decision,
              current,
              departureNanos,
              departureNanos - arrivalNanos,
              in.head.first("traceparent").orElse(""),
              sampled.isPresent());
      parts.budgets().of(leg.service().id()).request();
      record(errand, leg.service());
      Optional<ServiceEntry> mirror = mirror(errand);
      mirror.ifPresent(_ -> body.retain());
      OnItsWay way =
          new OnItsWay(parts, in, body, errand.ask(), arrival, sampled, leg, errand.elsewhere());
      if (decision.mirrored()) {
        way.shadowed();
      }
      way.chooseReplica();
      mirror.ifPresent(service -> mirror(errand, service, way));
    }

    private void record(Errand errand, ServiceEntry service) {
      if (errand.ask().json()) {
        parts.recordings().offer(service, in.api.path(), in.declinesRecord(), body, parts.random());
      }
    }

    /// Who gets a copy of this request.
    private Optional<ServiceEntry> mirror(Errand errand) {
      return errand.mirrors().stream()
          .filter(mirror -> parts.random().nextInt(MILLION) < mirror.shareMillionths())
          .findFirst()
          .flatMap(mirror -> parts.snapshots().current().service(mirror.service()));
    }

    /// A turn of the loop later than the request itself: whatever becomes of the copy, the request
    /// is on its way. Deadlines are the mirror's own, from now.
    private void mirror(Errand errand, ServiceEntry service, OnItsWay way) {
      way.mirrored(service.id(), "running");
      MirroredRequest copy =
          new MirroredRequest(
              parts, in, body, errand.ask(), result -> way.mirrored(service.id(), result));
      in.refusal
          .client()
          .loop()
          .execute(() ->
              copy.send(
                  service,
                  Leg.deadlines(
                      service.timeouts(),
                      errand.ask(),
                      Optional.empty(),
                      parts.nanoTime().getAsLong())));
    }

    private boolean refuse(Failure.Kind kind, String message) {
      return refuse(new Failure(kind, message));
    }

    private boolean refuse(Failure failure) {
      in.refusal.because(failure);
      return false;
    }
  }
}
