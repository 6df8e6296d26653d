// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.AdmissionQueues;
import dev.weir.gateway.admission.Bulkheads;
import dev.weir.gateway.admission.LimitKind;
import dev.weir.gateway.admission.LimitScope;
import dev.weir.gateway.admission.Limiter;
import dev.weir.gateway.admission.OutputLengths;
import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.balance.ContinuationSupport;
import dev.weir.gateway.balance.RetryBudgets;
import dev.weir.gateway.exchange.Authenticator;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.ReplicaKey;
import dev.weir.gateway.exchange.RequestHandler;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.gateway.exchange.load.LoopLag;
import dev.weir.gateway.exchange.load.RecoveryEstimator;
import dev.weir.gateway.fault.Faults;
import dev.weir.gateway.listener.Listener;
import dev.weir.gateway.listener.SocketTransport;
import dev.weir.gateway.overdue.AnswerTimes;
import dev.weir.gateway.route.Sessions;
import dev.weir.gateway.upstream.AddressResolver;
import dev.weir.gateway.upstream.BlockedAddresses;
import dev.weir.gateway.upstream.UpstreamCredentials;
import dev.weir.gateway.upstream.Upstreams;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts, drains and stops one data plane.
///
/// One event loop owns a client connection and the replica connections that serve it. Each loop has
/// its own [RequestPipeline]. State shared between loops (counters, budgets, sessions) is atomic.
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final long SWEEP_MILLIS = 1_000;
  private static final long ADMISSION_TICK_MILLIS = 50;

  private final MultiThreadIoEventLoopGroup acceptor;
  private final MultiThreadIoEventLoopGroup loops;
  private final Map<EventExecutor, LoopLag> lags = new HashMap<>();
  private final Listener listener;
  private final SnapshotHolder snapshots;
  private final Shared shared;
  private final Map<EventExecutor, Upstreams> upstreams = new HashMap<>();
  private final Generator generator;

  /// State that all loops share and that survives snapshot swaps.
  private record Shared(
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
      Faults faults) {}

  private Gateway(
      GatewayOptions options,
      SnapshotHolder snapshots,
      Authenticator authenticator,
      RequestRecorder recorder,
      MetricsSource metrics,
      RandomGenerator.SplittableGenerator random,
      LongSupplier nanoTime) {
    SocketTransport transport = SocketTransport.best();
    this.snapshots = snapshots;
    this.acceptor = transport.loops(1);
    this.loops = transport.loops(options.loops());
    this.shared =
        new Shared(
            new Balancer(nanoTime),
            new RetryBudgets(nanoTime),
            new ContinuationSupport(nanoTime),
            new Bulkheads(nanoTime),
            new Limiter(snapshots::gateways, nanoTime),
            new OutputLengths(),
            new AnswerTimes(),
            new AdmissionQueues(snapshots::gateways, loops.next(), nanoTime),
            new RecoveryEstimator(nanoTime),
            new Sessions(options.maxSessions(), nanoTime),
            new MirrorTracker(),
            new ShadowTracker(nanoTime),
            new GradingQueue(nanoTime),
            new Faults(snapshots, nanoTime));
    AddressResolver addresses = new AddressResolver(nanoTime);
    UpstreamCredentials upstreamCredentials =
        new UpstreamCredentials(options.environment(), nanoTime);
    Supplier<Set<Integer>> ownPorts = () -> ownPorts(options);
    Map<EventExecutor, RequestHandler> pipelines = new HashMap<>();
    Map<EventExecutor, RequestPipeline.Components> ofLoops = new HashMap<>();
    for (EventExecutor executor : loops) {
      LoopLag lag = new LoopLag(nanoTime);
      lags.put(executor, lag);
      Upstreams own =
          new Upstreams(
              (EventLoop) executor,
              transport.socketType(),
              addresses,
              upstreamCredentials,
              new BlockedAddresses(ownPorts),
              nanoTime,
              lag);
      upstreams.put(executor, own);
      RequestPipeline.Components components =
          new RequestPipeline.Components(
              snapshots,
              authenticator,
              recorder,
              shared.balancer(),
              shared.budgets(),
              shared.continuationSupport(),
              shared.bulkheads(),
              shared.limiter(),
              shared.outputLengths(),
              shared.answerTimes(),
              shared.admissionQueues(),
              shared.recoveryEstimator(),
              shared.sessions(),
              shared.mirrors(),
              shared.shadows(),
              shared.gradings(),
              shared.faults(),
              options.recordings(),
              own,
              random.split(),
              nanoTime);
      ofLoops.put(executor, components);
      pipelines.put(
          executor,
          new RequestPipeline(
              components, new LocalResponses(snapshots, metrics, shared.recoveryEstimator())));
    }
    EventLoop one = loops.next();
    this.generator = new Generator(Objects.requireNonNull(ofLoops.get(one)), one);
    this.listener = listen(options, transport, pipelines, nanoTime);
    sweepRegularly();
    generator.start();
  }

  /// Replicas are called only after the listener is bound, so the port is known.
  private Set<Integer> ownPorts(GatewayOptions options) {
    Set<Integer> ports = new HashSet<>(options.otherPorts());
    ports.add(port());
    return ports;
  }

  private Listener listen(
      GatewayOptions options,
      SocketTransport transport,
      Map<EventExecutor, RequestHandler> pipelines,
      LongSupplier nanoTime) {
    try {
      InetSocketAddress address = new InetSocketAddress(options.host(), options.port());
      return new Listener(
          acceptor,
          loops,
          transport.serverType(),
          address,
          options.limits(),
          options.tls(),
          options.allowedOrigins(),
          loop -> of(pipelines, loop),
          loop -> of(lags, loop),
          nanoTime);
    } catch (RuntimeException e) {
      var _ = acceptor.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      var _ = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      throw e;
    }
  }

  private static <T> T of(Map<EventExecutor, T> all, EventLoop loop) {
    T found = all.get(loop);
    if (found == null) {
      throw new IllegalStateException("the event loop does not belong to this gateway");
    }
    return found;
  }

  /// Starts listening.
  ///
  /// @param random is split once per event loop; a seeded one makes draws repeatable with one loop
  /// @param nanoTime monotonic nanoseconds, `System::nanoTime` outside tests
  public static Gateway start(
      GatewayOptions options,
      SnapshotHolder snapshots,
      Authenticator authenticator,
      RequestRecorder recorder,
      MetricsSource metrics,
      RandomGenerator.SplittableGenerator random,
      LongSupplier nanoTime) {
    Gateway gateway =
        new Gateway(options, snapshots, authenticator, recorder, metrics, random, nanoTime);
    LOG.atInfo()
        .addKeyValue("event", "gateway.started")
        .addKeyValue("host", options.host())
        .addKeyValue("port", gateway.port())
        .log("The gateway accepts connections");
    return gateway;
  }

  /// The port the gateway listens on.
  public int port() {
    return listener.address().getPort();
  }

  /// Uses another certificate for new connections. Open connections keep the old one.
  ///
  /// @throws IllegalStateException if the listener serves plain HTTP
  public void replaceCertificate(SSLContext next) {
    listener.replaceCertificate(next);
  }

  /// Number of open client connections.
  public int connections() {
    return listener.connections();
  }

  /// Number of this gateway's requests in flight at a replica.
  public int inFlight(ReplicaKey replica) {
    return shared.balancer().inFlight(replica);
  }

  /// Requests in flight per replica, including replicas that left the snapshot while a stream still
  /// runs on them.
  public Map<ReplicaKey, Integer> inFlight() {
    return shared.balancer().inFlight();
  }

  /// Number of replicas per circuit breaker state: `closed`, `open` or `half_open`.
  public Map<String, LongSupplier> breakers() {
    return shared.balancer().breakers();
  }

  /// Number of requests that a limit rejected since the start.
  public long refusals(LimitScope scope, LimitKind what) {
    return shared.limiter().refusals(scope, what);
  }

  /// Number of services whose concurrency is currently limited to what their engines can take.
  public long limited() {
    return shared.admissionQueues().limited();
  }

  /// Number of requests in the admission queues.
  public int waiting() {
    return shared.admissionQueues().waiting();
  }

  /// Number of mirrored requests per result: `answered`, `failed` or `dropped`.
  public Map<String, LongSupplier> mirrored() {
    return shared.mirrors().counts();
  }

  /// Number of generated requests per result: `answered`, `failed` or `dropped`.
  public Map<String, LongSupplier> generated() {
    return generator.counts();
  }

  /// Number of shadow requests per result: `answered`, `failed`, `cancelled` or `dropped`.
  public Map<String, LongSupplier> shadowed() {
    return shared.shadows().counts();
  }

  /// Shadow requests in flight.
  int shadowsInFlight() {
    return shared.shadows().inFlight();
  }

  /// Number of sampled answers per grading result: `graded`, `unreadable` (the judge's answer has
  /// no grade), `failed`, `late`, or `dropped` (the queue was full).
  public Map<String, LongSupplier> graded() {
    return shared.gradings().counts();
  }

  /// Sampled answers that wait for a slot at their judge.
  int gradingsWaiting() {
    return shared.gradings().waiting();
  }

  /// Current configuration and capacity problems of this gateway, as text for operators.
  public List<String> problems() {
    return Stream.concat(GradingQueue.problems(snapshots.current()).stream(), cpuProblem().stream())
        .toList();
  }

  private Optional<String> cpuProblem() {
    return lags.values().stream().anyMatch(LoopLag::recentlyOverloaded)
        ? Optional.of(
            "it is short of CPU and refuses requests (503 gateway_overloaded): give it more CPU, or"
                + " run more gateways")
        : Optional.empty();
  }

  /// The smoothed lag of the slowest event loop.
  public long loopLagNanos() {
    return lags.values().stream().mapToLong(LoopLag::lagNanos).max().orElse(0);
  }

  /// Requests refused because of event loop lag.
  public long shed() {
    return lags.values().stream().mapToLong(LoopLag::shed).sum();
  }

  /// Requests dropped because their clients disconnected before the requests were read.
  public long clientsLeft() {
    return lags.values().stream().mapToLong(LoopLag::clientsLeft).sum();
  }

  /// Runs a task on the first event loop, with that loop's lag.
  void onLoop(Consumer<LoopLag> task) {
    EventLoop loop = (EventLoop) loops.iterator().next();
    loop.execute(() -> task.accept(of(lags, loop)));
  }

  /// Accepts no more connections and waits for running requests to end; answers carry `Connection:
  /// close`. Blocks: never call it on an event loop.
  ///
  /// @return whether all requests ended within the timeout; [#close()] cuts the rest
  public boolean drain(Duration timeout) {
    generator.stop();
    LOG.atInfo()
        .addKeyValue("event", "gateway.draining")
        .addKeyValue("connections", connections())
        .log("The gateway drains its connections");
    return listener.drain(timeout.toMillis());
  }

  @Override
  public void close() {
    generator.stop();
    listener.close();
    var _ = acceptor.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  // --- removing state of what left the snapshot

  private void sweepRegularly() {
    StreamSupport.stream(loops.spliterator(), false)
        .map(EventLoop.class::cast)
        .forEach(this::sweepRegularly);
    EventLoop one = loops.next();
    var _ =
        one.scheduleWithFixedDelay(
            this::sweepShared, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    var _ =
        one.scheduleWithFixedDelay(
            () -> shared.admissionQueues().tick(snapshots.current()::service),
            ADMISSION_TICK_MILLIS,
            ADMISSION_TICK_MILLIS,
            TimeUnit.MILLISECONDS);
    var _ =
        one.scheduleWithFixedDelay(
            shared.gradings()::tick,
            GradingQueue.TICK_MILLIS,
            GradingQueue.TICK_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  private void sweepRegularly(EventLoop loop) {
    Upstreams own = upstreams.get(loop);
    if (own != null) {
      var _ =
          loop.scheduleWithFixedDelay(
              () -> own.sweep(replicas(snapshots.current())::contains),
              SWEEP_MILLIS,
              SWEEP_MILLIS,
              TimeUnit.MILLISECONDS);
    }
  }

  /// Runs every second.
  public void sweepShared() {
    IndexedSnapshot current = snapshots.current();
    shared.balancer().sweep(replicas(current)::contains);
    shared.bulkheads().sweep(service -> current.service(service).isPresent());
    shared.shadows().sweep(service -> current.service(service).isPresent());
    shared.gradings().sweep(service -> current.service(service).isPresent());
    shared.budgets().sweep(service -> current.service(service).isPresent());
    shared.continuationSupport().sweep(service -> current.service(service).isPresent());
    trackMissingReplicas(current);
    shared.outputLengths().sweep(service -> current.service(service).isPresent());
    shared.answerTimes().sweep(service -> current.service(service).isPresent());
    shared.limiter().sweep();
    shared.faults().sweep(current);
    Set<String> rollouts =
        current.snapshot().services().stream()
            .flatMap(service -> service.canary().stream())
            .map(CanaryArm::rollout)
            .collect(Collectors.toSet());
    shared.sessions().sweep(rollouts::contains);
  }

  private void trackMissingReplicas(IndexedSnapshot current) {
    shared.recoveryEstimator().observe(RecoveryEstimator.SNAPSHOT, current.sequence() != 0);
    current
        .snapshot()
        .services()
        .forEach(service ->
            shared
                .recoveryEstimator()
                .observe(service.id(), !service.stable().replicas().isEmpty()));
    shared
        .recoveryEstimator()
        .sweep(
            what -> what.equals(RecoveryEstimator.SNAPSHOT) || current.service(what).isPresent());
  }

  private static Set<ReplicaKey> replicas(IndexedSnapshot current) {
    Set<ReplicaKey> present = new HashSet<>();
    for (ServiceEntry service : current.snapshot().services()) {
      Stream<Arm> arms =
          Stream.concat(Stream.of(service.stable()), service.canary().stream().map(CanaryArm::arm));
      arms.flatMap(arm -> arm.replicas().stream())
          .map(replica -> new ReplicaKey(service.id(), replica.name(), replica.url()))
          .forEach(present::add);
    }
    return present;
  }
}
