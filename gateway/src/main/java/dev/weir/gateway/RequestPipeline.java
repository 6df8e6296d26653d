// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.AdmissionQueues;
import dev.weir.gateway.admission.AdmissionRequest;
import dev.weir.gateway.admission.Bulkhead;
import dev.weir.gateway.admission.Bulkheads;
import dev.weir.gateway.admission.ConcurrencySlot;
import dev.weir.gateway.admission.LimitRejection;
import dev.weir.gateway.admission.LimitScope;
import dev.weir.gateway.admission.Limiter;
import dev.weir.gateway.admission.OutputLengths;
import dev.weir.gateway.admission.Permit;
import dev.weir.gateway.admission.RequestOptions;
import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.balance.ContinuationSupport;
import dev.weir.gateway.balance.RetryBudgets;
import dev.weir.gateway.dialect.ApiPath;
import dev.weir.gateway.dialect.RequestBodyReader;
import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AuthResult;
import dev.weir.gateway.exchange.Authenticator;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.exchange.RequestHandler;
import dev.weir.gateway.exchange.RequestHead;
import dev.weir.gateway.exchange.RequestIds;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.gateway.exchange.load.RecoveryEstimator;
import dev.weir.gateway.fault.Faults;
import dev.weir.gateway.overdue.AnswerTimes;
import dev.weir.gateway.recording.Recordings;
import dev.weir.gateway.route.FallbackChain;
import dev.weir.gateway.route.RandomizationUnit;
import dev.weir.gateway.route.RequestOrigin;
import dev.weir.gateway.route.Router;
import dev.weir.gateway.route.Sessions;
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

/// The request path, from top to bottom:
///
///     listener -> authenticate -> match route -> admit -> choose version -> choose replica
///       -> upstream attempt -> relay -> record
///
/// The only edge back is [RequestExecution#ended]: a failure before the first byte, or a cut stream
/// that can be continued, returns to "choose replica", never further. There is one pipeline per
/// event loop; nothing here blocks.
final class RequestPipeline implements RequestHandler {
  private static final int MILLION = 1_000_000;
  private static final String SESSION = "x-weir-session";

  /// Requests with this header are not recorded, whatever its value.
  private static final String NO_RECORD = "x-weir-no-record";

  private final Components components;
  private final LocalResponses local;
  private final VersionChoice versions;

  /// The components that the stages use.
  record Components(
      SnapshotHolder snapshots,
      Authenticator authenticator,
      RequestRecorder recorder,
      Balancer balancer,
      RetryBudgets budgets,
      ContinuationSupport continuationSupport,
      Bulkheads bulkheads,
      Limiter limiter,
      OutputLengths outputLengths,
      AnswerTimes answerTimes,
      AdmissionQueues admissionQueues,
      RecoveryEstimator recoveryEstimator,
      Sessions sessions,
      MirrorTracker mirrors,
      ShadowTracker shadows,
      GradingQueue gradings,
      Faults faults,
      Recordings recordings,
      Upstreams upstreams,
      RandomGenerator random,
      LongSupplier nanoTime) {}

  RequestPipeline(Components components, LocalResponses local) {
    this.components = components;
    this.local = local;
    this.versions = new VersionChoice(components.sessions());
  }

  // --- 1. listener: a head arrived; no body is buffered before authentication

  @Override
  public Next head(RequestHead head, ClientStream client) {
    String requestId = RequestIds.of(head, components.random());
    Optional<ApiPath> api = ApiPath.find(head.path());
    boolean anthropic = api.isPresent() && api.get().family().anthropic();
    RequestRejection rejection =
        new RequestRejection(components.recorder(), head, client, requestId, anthropic);
    if (api.isPresent()) {
      return method(head, "POST", rejection) ? authenticate(head, api.get(), rejection) : discard();
    }
    if (local.knows(head.path())) {
      if (method(head, "GET, HEAD", rejection)) {
        local.answer(head, client, requestId, components.authenticator(), rejection);
      }
      return discard();
    }
    rejection.reject(Failure.Kind.UNKNOWN_PATH, "there is no " + LocalResponses.shown(head.path()));
    return discard();
  }

  private static Next discard() {
    return new Next.Discard();
  }

  /// Whether the method is allowed; if not, the request is answered.
  private static boolean method(RequestHead head, String allowed, RequestRejection rejection) {
    if (Set.of(allowed.split(", ")).contains(head.method())) {
      return true;
    }
    String allow = allowed + ", OPTIONS";
    if (head.method().equals("OPTIONS")) {
      LocalResponses.options(rejection.client(), allow, rejection.requestId());
    } else {
      String message = head.path() + " is called with " + allow;
      rejection.reject(new Failure(Failure.Kind.WRONG_METHOD, message), Map.of("allow", allow));
    }
    return false;
  }

  @Override
  public void malformed(ClientStream client, Failure failure) {
    String requestId = RequestIds.of(_ -> Optional.empty(), components.random());
    components.recorder().refused(requestId, "", "", failure);
    LocalResponses.fail(client, failure, false, requestId, Map.of());
  }

  @Override
  public ByteBuf overloaded(ByteBufAllocator allocator, ByteBuf request, long nanos) {
    return OverloadAnswer.to(allocator, request, nanos, components.random());
  }

  // --- 2. authenticate

  private Next authenticate(RequestHead head, ApiPath api, RequestRejection rejection) {
    IndexedSnapshot current = components.snapshots().current();
    if (current.sequence() == 0) {
      Failure failure =
          new Failure(Failure.Kind.NOT_READY, "this gateway has no routing snapshot yet");
      rejection.reject(
          failure.retryAfter(components.recoveryEstimator().nanosLeft(RecoveryEstimator.SNAPSHOT)));
      return discard();
    }
    return switch (components.authenticator().authenticate(head, current)) {
      case AuthResult.Denied denied -> {
        rejection.denied(denied);
        yield discard();
      }
      case AuthResult.Allowed allowed ->
          new Next.ReadBody(new AuthenticatedRequest(head, api, allowed.key(), rejection));
    };
  }

  /// An authenticated request whose body is being read.
  final class AuthenticatedRequest implements BodyReader {
    private final RequestHead head;
    private final ApiPath api;
    private final KeyEntry key;
    private final RequestRejection rejection;

    AuthenticatedRequest(RequestHead head, ApiPath api, KeyEntry key, RequestRejection rejection) {
      this.head = head;
      this.api = api;
      this.key = key;
      this.rejection = rejection;
    }

    RequestHead head() {
      return head;
    }

    ApiPath api() {
      return api;
    }

    KeyEntry key() {
      return key;
    }

    RequestRejection rejection() {
      return rejection;
    }

    RequestOrigin origin() {
      return new RequestOrigin(key, head);
    }

    /// Whether the client opts out of recording.
    boolean declinesRecord() {
      return head.first(NO_RECORD).isPresent();
    }

    /// Whether the service's engine supports the called API, as far as is known.
    boolean supports(ServiceEntry service) {
      return api.on(service.stable().capabilities());
    }

    /// Expected prompt and output tokens of a request at a service.
    long expectedTokens(ParsedRequest parsedRequest, int bodyBytes, ServiceEntry service) {
      long output =
          parsedRequest.resumeConstraints().maxTokens() >= 0
              ? parsedRequest.resumeConstraints().maxTokens()
              : api.family().generates() ? components.outputLengths().expected(service.id()) : 0;
      return OutputLengths.promptTokens(bodyBytes) + output;
    }

    @Override
    public void failed(Failure failure) {
      rejection.reject(failure);
    }

    @Override
    public void body(ByteBuf body, long arrivedNanos) {
      RoutingStages stages =
          new RoutingStages(this, body, arrivedNanos, components.nanoTime().getAsLong());
      if (!stages.match()) {
        body.release();
      }
    }
  }

  /// A request and what its route and headers allow.
  private record RoutedRequest(
      ParsedRequest parsedRequest,
      RequestOptions requestOptions,
      ServiceFallback fallback,
      List<Mirror> mirrors) {}

  /// The stages that decide where a request goes. A stage that ends the request answers the client
  /// itself. Stages use the current snapshot: a replica may have left it and been drained while the
  /// body arrived slowly.
  private final class RoutingStages {
    private final AuthenticatedRequest in;
    private final ByteBuf body;
    private final long arrivedNanos;
    private final long arrivalNanos;
    private final IndexedSnapshot current = components.snapshots().current();
    private final long draw = components.random().nextLong();

    /// @param arrivedNanos when the last byte of the body arrived; the first-token timeout starts
    ///   then
    /// @param arrivalNanos when it was read; engine latency is measured from then
    RoutingStages(AuthenticatedRequest in, ByteBuf body, long arrivedNanos, long arrivalNanos) {
      this.in = in;
      this.body = body;
      this.arrivedNanos = arrivedNanos;
      this.arrivalNanos = arrivalNanos;
    }

    // --- 3. match the route

    /// Each stage returns whether the request was sent.
    boolean match() {
      String type = in.head.first("content-type").orElse("");
      return switch (RequestBodyReader.read(in.api.family(), type, body)) {
        case RequestBodyReader.Result.Unreadable unreadable ->
            refuse(Failure.Kind.BAD_REQUEST, unreadable.message());
        case RequestBodyReader.Result.Read read -> match(read.parsedRequest());
      };
    }

    private boolean match(ParsedRequest parsedRequest) {
      Optional<RouteEntry> route = Router.match(current, in.key, parsedRequest.model());
      if (route.isEmpty()) {
        return refuse(LocalResponses.unknownModel(parsedRequest.model()));
      }
      return switch (RequestOptions.read(in.head, in.key, route.get())) {
        case RequestOptions.Result.Refused refused -> refuse(refused.failure());
        case RequestOptions.Result.Granted granted ->
            match(parsedRequest, granted.requestOptions(), route.get());
      };
    }

    private boolean match(
        ParsedRequest parsedRequest, RequestOptions requestOptions, RouteEntry route) {
      List<Backend> backends = Router.backends(route, in.origin());
      Optional<ServiceEntry> service =
          Router.service(current, route.route(), backends, unit(SESSION));
      String first = service.map(ServiceEntry::id).orElse("");
      RoutedRequest routedRequest =
          new RoutedRequest(
              parsedRequest,
              requestOptions,
              fallbacks(parsedRequest, requestOptions, route, first),
              route.mirrors());
      return service.isPresent()
          ? admit(routedRequest, service.get())
          : rejectOrFallBack(
              routedRequest, noService(configured(backends, route)), Map.of(), () -> {});
    }

    private static String configured(List<Backend> backends, RouteEntry route) {
      return backends.stream().findFirst().map(Backend::service).orElse(route.route());
    }

    private Failure noService(String service) {
      return new Failure(Failure.Kind.NO_REPLICA, "no service serves this model now")
          .retryAfter(components.recoveryEstimator().nanosLeft(service));
    }

    /// A request pinned to a version gets no other version or service.
    private ServiceFallback fallbacks(
        ParsedRequest parsedRequest,
        RequestOptions requestOptions,
        RouteEntry route,
        String first) {
      List<Fallback> configured =
          requestOptions.version().isEmpty() ? route.fallbacks() : List.of();
      FallbackChain chain = new FallbackChain(route.route(), configured, first);
      return new ServiceFallback(
          components, in, parsedRequest, requestOptions, body.readableBytes(), chain);
    }

    /// The session that one of the headers names, otherwise the request itself.
    private RandomizationUnit unit(String... headers) {
      return Stream.of(headers)
          .flatMap(header -> in.head.first(header).stream())
          .filter(name -> !name.isEmpty())
          .findFirst()
          .<RandomizationUnit>map(RandomizationUnit.Session::new)
          .orElseGet(() -> new RandomizationUnit.Lone(draw));
    }

    // --- 4. admit

    private boolean admit(RoutedRequest routedRequest, ServiceEntry service) {
      if (!in.supports(service)) {
        return refuse(
            Failure.Kind.UNKNOWN_PATH, "this model's engine does not support " + in.api.path());
      }
      AdmissionDeadline admissionDeadline = admissionDeadline(routedRequest, service);
      in.rejection.client().deadline(admissionDeadline.deadlines().totalAtNanos());
      if (admissionDeadline.isOver(components.nanoTime().getAsLong())) {
        return refuse(admissionDeadline.passed());
      }
      return switch (components
          .limiter()
          .admit(in.key, service, expectedTokens(routedRequest, service))) {
        case Limiter.LimitDecision.Refused(LimitRejection limited) ->
            limited(routedRequest, limited);
        case Limiter.LimitDecision.Admitted(Permit permit) ->
            enterQueue(routedRequest, service, permit);
      };
    }

    /// A key's own limit applies at every service, so there is no fallback.
    private boolean limited(RoutedRequest routedRequest, LimitRejection limited) {
      Failure failure = new Failure(Failure.Kind.RATE_LIMITED, limited.message());
      if (limited.scope() != LimitScope.KEY) {
        return rejectOrFallBack(routedRequest, failure, limited.headers(), () -> {});
      }
      in.rejection.reject(failure, limited.headers());
      return false;
    }

    /// Falls back to another service of the route if allowed; otherwise answers the client.
    ///
    /// @param release returns what the previous service granted
    private boolean rejectOrFallBack(
        RoutedRequest routedRequest,
        Failure failure,
        Map<String, String> headers,
        Runnable release) {
      Optional<ServiceAttempt> serviceAttempt = routedRequest.fallback().next(failure, release);
      serviceAttempt.ifPresentOrElse(
          next -> execute(routedRequest, VersionDecision.undrawn(next.service()), next),
          () -> in.rejection.reject(failure, headers));
      return serviceAttempt.isPresent();
    }

    /// Proceeds at once if there is a slot; otherwise waits as a [PendingAdmission].
    private boolean enterQueue(RoutedRequest routedRequest, ServiceEntry service, Permit permit) {
      Optional<ConcurrencySlot> concurrencySlot = components.admissionQueues().tryAcquire(service);
      if (concurrencySlot.isPresent()) {
        permit.occupy(concurrencySlot.get());
        return cancelUnlessSent(chooseVersion(routedRequest, service, permit), permit);
      }
      PendingAdmission pendingAdmission =
          new PendingAdmission(
              in.rejection.client(),
              body,
              permit,
              client -> sendKeepAlive(client, routedRequest, permit),
              () -> admitFromQueue(routedRequest, service, permit),
              (failure, headers) ->
                  rejectFromQueue(routedRequest, service, failure, headers, permit),
              in.rejection::clientDisconnected);
      pendingAdmission.onLeave(
          components
              .admissionQueues()
              .enqueue(service, admissionRequest(routedRequest, service), pendingAdmission));
      return true;
    }

    /// Only a stream can carry a keep-alive before its answer.
    private void sendKeepAlive(ClientStream client, RoutedRequest routedRequest, Permit permit) {
      if (routedRequest.parsedRequest().stream()) {
        LocalResponses.waiting(
            client, in.rejection.anthropic(), in.rejection.requestId(), permit.headers());
      }
    }

    /// The same request against the current snapshot.
    private RoutingStages now() {
      return new RoutingStages(in, body, arrivedNanos, arrivalNanos);
    }

    /// The same request, for a service that had no replica when the request arrived: the engine has
    /// the whole first-token timeout from now on.
    private RoutingStages nowWithReplica() {
      return new RoutingStages(in, body, components.nanoTime().getAsLong(), arrivalNanos);
    }

    private void admitFromQueue(RoutedRequest routedRequest, ServiceEntry before, Permit permit) {
      RoutingStages now = AdmissionQueues.hasReplicas(before) ? now() : nowWithReplica();
      Optional<ServiceEntry> service = now.current.service(before.id());
      boolean sent =
          service.isPresent()
              ? now.chooseVersion(routedRequest, service.get(), permit)
              : now.rejectOrFallBack(
                  routedRequest, noService(before.id()), Map.of(), permit::cancel);
      if (!cancelUnlessSent(sent, permit)) {
        body.release();
      }
    }

    private boolean rejectFromQueue(
        RoutedRequest routedRequest,
        ServiceEntry service,
        Failure failure,
        Map<String, String> headers,
        Permit permit) {
      Failure failureWithRetry =
          failure.kind() == Failure.Kind.NO_REPLICA
              ? failure.retryAfter(components.recoveryEstimator().nanosLeft(service.id()))
              : failure;
      return now().rejectOrFallBack(routedRequest, failureWithRetry, headers, permit::cancel);
    }

    private static boolean cancelUnlessSent(boolean sent, Permit permit) {
      if (!sent) {
        permit.cancel();
      }
      return sent;
    }

    private AdmissionRequest admissionRequest(RoutedRequest routedRequest, ServiceEntry service) {
      return new AdmissionRequest(
          routedRequest.requestOptions().priority(),
          in.key.tenant(),
          service.admission().shares().getOrDefault(in.key.tenant(), 1),
          expectedTokens(routedRequest, service),
          body.readableBytes(),
          admissionDeadline(routedRequest, service).untilNanos(),
          arrivalNanos + TimeUnit.MILLISECONDS.toNanos(service.admission().waitForReplicaMillis()));
    }

    private AdmissionDeadline admissionDeadline(RoutedRequest routedRequest, ServiceEntry service) {
      Deadlines deadlines =
          ServiceAttempt.deadlines(
              routedRequest.requestOptions().timeouts(service),
              routedRequest.parsedRequest(),
              routedRequest.requestOptions().timeoutNanos(),
              in.head.arrivedNanos());
      return new AdmissionDeadline(deadlines, arrivedNanos, AdmissionQueues.hasReplicas(service));
    }

    private long expectedTokens(RoutedRequest routedRequest, ServiceEntry service) {
      return in.expectedTokens(routedRequest.parsedRequest(), body.readableBytes(), service);
    }

    // --- 5. choose the version

    private boolean chooseVersion(
        RoutedRequest routedRequest, ServiceEntry service, Permit permit) {
      boolean leaseRuns = components.snapshots().leaseRuns();
      Optional<String> wanted = routedRequest.requestOptions().version();
      if (wanted.isEmpty()) {
        RandomizationUnit unit = unit(SESSION, service.sessionHeader());
        return enterBulkhead(
            routedRequest, versions.choose(service, in.origin(), unit, leaseRuns), permit);
      }
      Optional<VersionDecision> pinned = versions.pin(service, wanted.get(), leaseRuns);
      return pinned.isPresent()
          ? enterBulkhead(routedRequest, pinned.get(), permit)
          : refuse(
              Failure.Kind.BAD_REQUEST,
              "the version in x-weir-version does not serve '"
                  + routedRequest.parsedRequest().model()
                  + "' now");
    }

    private boolean enterBulkhead(
        RoutedRequest routedRequest, VersionDecision decision, Permit permit) {
      ServiceEntry service = decision.service();
      AdmissionDeadline admissionDeadline = admissionDeadline(routedRequest, service);
      if (admissionDeadline.isOver(components.nanoTime().getAsLong())) {
        return refuse(admissionDeadline.passed());
      }
      Bulkhead bulkhead = components.bulkheads().of(service.id());
      if (!bulkhead.enter(service.isolation().maxInFlight())) {
        return refuseFull(routedRequest, service, bulkhead, permit);
      }
      ServiceAttempt serviceAttempt =
          ServiceAttempt.of(
              service,
              permit,
              in.api.family(),
              routedRequest.parsedRequest(),
              routedRequest.requestOptions(),
              in.head.arrivedNanos());
      execute(routedRequest, decision, serviceAttempt);
      return true;
    }

    /// Rejects before anything is recorded, so that neither version of a release is charged.
    private boolean refuseFull(
        RoutedRequest routedRequest, ServiceEntry service, Bulkhead bulkhead, Permit permit) {
      String message =
          "%d requests of %s are in flight here, which is its limit"
              .formatted(service.isolation().maxInFlight(), service.name());
      return rejectOrFallBack(
          routedRequest,
          new Failure(Failure.Kind.SERVICE_FULL, message).retryAfter(bulkhead.nanosUntilRoom()),
          Map.of(),
          permit::cancel);
    }

    /// Decides before anything is recorded: if the copy is dropped, neither half counts.
    private VersionDecision admitCopy(VersionDecision decision) {
      boolean dropped =
          decision.mirrored()
              && !components.shadows().enter(decision.service().id(), body.readableBytes());
      return dropped ? decision.withoutCopy() : decision;
    }

    private void execute(
        RoutedRequest routedRequest, VersionDecision drawn, ServiceAttempt serviceAttempt) {
      VersionDecision decision = admitCopy(drawn);
      Optional<SampledAnswer> sampled = SampledAnswer.draw(components, in, decision, body);
      boolean delayed =
          serviceAttempt.permit().waited() || routedRequest.fallback().fallbackTrace().any();
      long departureNanos = delayed ? components.nanoTime().getAsLong() : arrivalNanos;
      AdmittedRequest arrival =
          new AdmittedRequest(
              in.rejection.requestId(),
              in.api.path(),
              routedRequest.parsedRequest().model(),
              in.api.form(routedRequest.parsedRequest().stream()),
              in.key,
              decision,
              current,
              departureNanos,
              departureNanos - arrivalNanos,
              in.head.first("traceparent").orElse(""),
              sampled.isPresent());
      components.budgets().of(serviceAttempt.service().id()).request();
      record(routedRequest, serviceAttempt.service());
      Optional<ServiceEntry> mirror = mirror(routedRequest);
      mirror.ifPresent(_ -> body.retain());
      RequestExecution execution =
          new RequestExecution(
              components,
              in,
              body,
              routedRequest.parsedRequest(),
              arrival,
              sampled,
              serviceAttempt,
              routedRequest.fallback());
      if (decision.mirrored()) {
        execution.startShadow();
      }
      execution.chooseReplica();
      mirror.ifPresent(service -> mirror(routedRequest, service, execution));
    }

    private void record(RoutedRequest routedRequest, ServiceEntry service) {
      if (routedRequest.parsedRequest().json()) {
        components
            .recordings()
            .offer(service, in.api.path(), in.declinesRecord(), body, components.random());
      }
    }

    /// The service that gets a copy of this request.
    private Optional<ServiceEntry> mirror(RoutedRequest routedRequest) {
      return routedRequest.mirrors().stream()
          .filter(mirror -> components.random().nextInt(MILLION) < mirror.shareMillionths())
          .findFirst()
          .flatMap(mirror -> components.snapshots().current().service(mirror.service()));
    }

    /// Runs one event loop turn after the request itself, so that a failing copy cannot affect the
    /// request. The deadlines are the mirror's own, from now.
    private void mirror(
        RoutedRequest routedRequest, ServiceEntry service, RequestExecution execution) {
      execution.mirrored(service.id(), "running");
      MirroredRequest copy =
          new MirroredRequest(
              components,
              in,
              body,
              routedRequest.parsedRequest(),
              result -> execution.mirrored(service.id(), result));
      in.rejection
          .client()
          .loop()
          .execute(() ->
              copy.send(
                  service,
                  ServiceAttempt.deadlines(
                      service.timeouts(),
                      routedRequest.parsedRequest(),
                      Optional.empty(),
                      components.nanoTime().getAsLong())));
    }

    private boolean refuse(Failure.Kind kind, String message) {
      return refuse(new Failure(kind, message));
    }

    private boolean refuse(Failure failure) {
      in.rejection.reject(failure);
      return false;
    }
  }
}
