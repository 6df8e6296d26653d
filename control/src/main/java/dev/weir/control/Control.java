// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.control.alert.AlertEngine;
import dev.weir.control.alert.AlertOperations;
import dev.weir.control.alert.Notifier;
import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.convergence.Watchdog;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.GracefulShutdown;
import dev.weir.control.external.ExternalWatch;
import dev.weir.control.external.MetricProvider;
import dev.weir.control.meter.ControlMeters;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.DnsCache;
import dev.weir.control.observation.EngineGauges;
import dev.weir.control.observation.EngineViews;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.GatewayRegistry;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.observation.ObservedFleet.ServiceName;
import dev.weir.control.observation.ProgressTracker;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.control.observation.Views;
import dev.weir.control.operations.Acknowledgement;
import dev.weir.control.operations.FaultCommandHandler;
import dev.weir.control.operations.FaultOperations;
import dev.weir.control.operations.FaultyProbeView;
import dev.weir.control.operations.GatewayAcknowledgement;
import dev.weir.control.operations.ReplicaCommandHandler;
import dev.weir.control.operations.ReplicaOperations;
import dev.weir.control.publication.Publisher;
import dev.weir.control.publication.SnapshotInputs;
import dev.weir.control.publication.SnapshotServer;
import dev.weir.control.question.GatewayQuestions;
import dev.weir.control.reconcile.KeyedQueue;
import dev.weir.control.reconcile.Lane;
import dev.weir.control.reconcile.WorkKey;
import dev.weir.control.reconcile.WorkKey.FleetWork;
import dev.weir.control.reconcile.WorkKey.ServiceWork;
import dev.weir.control.rollout.ReleaseEngine;
import dev.weir.control.rollout.ReleaseEngine.Pass;
import dev.weir.control.rollout.RolloutOperations;
import dev.weir.control.telemetry.BaselineStore;
import dev.weir.control.telemetry.CohortRegistry;
import dev.weir.control.telemetry.TelemetryIntake;
import dev.weir.control.telemetry.TelemetryOffsets;
import dev.weir.model.Kind;
import dev.weir.model.ReplicaName;
import dev.weir.model.ResourceRef;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.Service;
import dev.weir.model.TargetSpec.ProviderType;
import dev.weir.runtime.NameResolver;
import dev.weir.runtime.ProviderFactory;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.metric.Metric;
import dev.weir.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The control plane's engine room: what is stored and what is seen go in, replicas and snapshots
/// come out.
///
/// Reading the constructor shows the wiring: the catalogue reads resources, the fleet sees
/// replicas, the book hears gateways; the publisher compiles the three into snapshots, which the
/// feed hands out; the intake takes what gateways report; the release engine decides, and the queue
/// gives it one Service at a time. All truth is in the store and in the world: an object like this
/// one can be thrown away between any two instructions and a new one goes on from there.
public final class Control implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Control.class);

  /// Name look-ups side by side. Threads of their own, because a look-up blocks its carrier.
  private static final int LOOK_UPS = 4;

  private static final ThreadFactory NAME_THREADS =
      Thread.ofPlatform().daemon().name("names-", 0).factory();

  private static final Duration HOUSEKEEPING_EVERY = Duration.ofMinutes(1);
  private static final Duration RUN_IS_OVER_AFTER = Duration.ofHours(24);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  private final Store store;
  private final AuditWitnesses witnesses;
  private final ControlOptions options;
  private final ControlClock clock;
  private final LongSupplier nanos;
  private final DnsCache addresses;
  private final Runnable endLookUps;
  private final ResourceSnapshot.Reader resources;
  private final Fleet fleet;
  private final GatewayRegistry gateways;
  private final Publisher publisher;
  private final BaselineStore baselines;
  private final TelemetryOffsets telemetryOffsets;
  private final ProgressTracker progress;
  private final GatewayQuestions questions;
  private final SnapshotServer snapshotServer;
  private final ReleaseEngine releases;
  private final KeyedQueue<WorkKey> queue;
  private final ServiceWakeups wakeups;
  private final LongAdder reconciles = new LongAdder();
  private final Views views;
  private final Watchdog watchdog;
  private final EngineGauges engineGauges;
  private final ReplicaOperations replicas;
  private final FaultOperations faults;
  private final TelemetryIntake intake;
  private final AlertEngine alertEngine;
  private final Instant adoptedAt;
  private volatile Instant keptHouseAt = Instant.MIN;
  private volatile @Nullable ResourceSnapshot followed;
  private volatile boolean closed;

  /// How names are looked up, and on which threads, for it blocks.
  private record NameLookup(NameResolver resolver, Executor threads, Runnable end) {}

  private Control(
      Store store,
      AuditWitnesses witnesses,
      ChangeExecutor changes,
      Map<ProviderType, ProviderFactory> providers,
      NameLookup names,
      Notifier notifier,
      ExternalWatch external,
      ControlOptions options,
      InstantSource wall,
      LongSupplier nanos,
      RandomGenerator random,
      CrashPoints crashPoints) {
    this.store = store;
    this.witnesses = witnesses;
    this.options = options;
    this.clock = new ControlClock(wall, nanos);
    this.nanos = nanos;
    this.adoptedAt = clock.now().plus(options.timing().adoption());
    ObservationStore observationStore = new ObservationStore(store.observations(), crashPoints);
    this.addresses =
        new DnsCache(
            observationStore, names.resolver(), names.threads(), nanos, this::somethingChanged);
    this.endLookUps = names.end();
    this.resources = new ResourceSnapshot.Reader(store, addresses::current);
    this.queue =
        new KeyedQueue<>(
            this::work, options.parallel(), options.mostKeys(), options.backOff(), nanos, random);
    this.wakeups = new ServiceWakeups(nanos);
    this.fleet =
        new Fleet(providers, this::somethingChanged, new FaultyProbeView(resources, clock)::look);
    this.gateways =
        new GatewayRegistry(
            store.identity(),
            observationStore,
            clock,
            nanos,
            options.connectedWithin(),
            options.timing().lease());
    this.publisher =
        new Publisher(this::inputs, gateways::highestSequence, observationStore, crashPoints);
    this.baselines = new BaselineStore(observationStore, clock);
    this.telemetryOffsets = new TelemetryOffsets(observationStore);
    this.progress = new ProgressTracker(observationStore);
    CohortRegistry cohortRegistry = new CohortRegistry(observationStore, telemetryOffsets);
    this.intake =
        new TelemetryIntake(
            gateways,
            baselines,
            cohortRegistry,
            telemetryOffsets,
            clock,
            this::observed,
            this::reported,
            crashPoints);
    this.questions = new GatewayQuestions(gateways::connected, random);
    this.snapshotServer =
        new SnapshotServer(
            publisher, intake, questions, witnesses, options.timing().lease().toMillis());
    this.releases =
        new ReleaseEngine(
            new ReleaseEngine.Inputs(
                resources, fleet, gateways, cohortRegistry, baselines, external, clock, nanos),
            new ReleaseEngine.Outputs(
                changes, store.analysis(), observationStore, progress, publisher, crashPoints),
            options.timing(),
            options.warmUpRequests(),
            random,
            service -> wake(service.namespace(), service.name()));
    this.replicas =
        new ReplicaCommandHandler(
            resources, fleet, changes, clock, options.warmUpRequests(), this::ordered, crashPoints);
    this.faults =
        new FaultCommandHandler(
            resources, fleet, changes, clock, options.warmUpRequests(), this::ordered, crashPoints);
    EngineViews engines = new EngineViews(resources, fleet);
    this.engineGauges = new EngineGauges(() -> fleet.observe().all(), engines, clock);
    this.views =
        new FleetViews(
            resources,
            fleet,
            engines,
            gateways,
            progress,
            publisher,
            queue,
            clock,
            options.warmUpRequests(),
            options.timing().silentStable());
    this.watchdog =
        new Watchdog(resources, gateways, publisher, clock, options.timing().silentCanary());
    this.alertEngine =
        new AlertEngine(
            new AlertEngine.Inputs(store, resources, views, watchdog::alarms, clock, adoptedAt),
            new AlertEngine.Outputs(observationStore, notifier, crashPoints),
            nanos,
            random);
  }

  /// How many passes over a Service there were.
  long reconciles() {
    return reconciles.sum();
  }

  /// Starts reconciling: publishes what is so now, then works until closed.
  ///
  /// @param store outlives the control plane
  /// @param witnesses of that store's audit log
  /// @param providers by the type of Target that they serve
  /// @param names what host names in placements lead to
  /// @param notifier how alerts leave the house
  /// @param probe takes external measurements
  /// @param nanos monotonic
  /// @param random thread-safe
  /// @param crashPoints told of each instant at which tests may want it to die
  public static Control start(
      Store store,
      AuditWitnesses witnesses,
      ChangeExecutor changes,
      Map<ProviderType, ProviderFactory> providers,
      NameResolver names,
      Notifier notifier,
      MetricProvider probe,
      ControlOptions options,
      InstantSource wall,
      LongSupplier nanos,
      RandomGenerator random,
      CrashPoints crashPoints) {
    ExecutorService threads = Executors.newFixedThreadPool(LOOK_UPS, NAME_THREADS);
    NameLookup asking = new NameLookup(names, threads, threads::shutdownNow);
    Control control =
        begin(
            new Control(
                store,
                witnesses,
                changes,
                providers,
                asking,
                notifier,
                new ExternalWatch(probe, Thread::startVirtualThread),
                options,
                wall,
                nanos,
                random,
                crashPoints));
    control.queue.start();
    control.alertEngine.start();
    Thread.ofVirtual().name("control watch").start(control::watch);
    return control;
  }

  /// The same without threads: nothing happens but by [#pass].
  static Control assemble(
      Store store,
      AuditWitnesses witnesses,
      ChangeExecutor changes,
      Map<ProviderType, ProviderFactory> providers,
      NameResolver names,
      Notifier notifier,
      MetricProvider probe,
      ControlOptions options,
      InstantSource wall,
      LongSupplier nanos,
      RandomGenerator random,
      CrashPoints crashPoints) {
    NameLookup asking = new NameLookup(names, Runnable::run, () -> {});
    return begin(
        new Control(
            store,
            witnesses,
            changes,
            providers,
            asking,
            notifier,
            new ExternalWatch(probe, Runnable::run),
            options,
            wall,
            nanos,
            random,
            crashPoints));
  }

  private static Control begin(Control control) {
    boolean _ = control.follow();
    control.publisher.publish();
    return control;
  }

  /// Opens the providers and looks up the host names that the resources of this moment need.
  ///
  /// @return whether a provider was opened anew, which may need a pass over its Services to find
  ///   again what runs
  private boolean follow() {
    ResourceSnapshot now = resources.current();
    boolean reopened = fleet.follow(now.targets().values());
    addresses.follow(DesiredReplicas.names(now));
    followed = now;
    return reopened;
  }

  /// How gateways, in this process or behind the HTTP endpoint, hear and report.
  public ControlLink feed() {
    return snapshotServer;
  }

  /// Asks all connected gateways what only they know.
  public GatewayQuestions questions() {
    return questions;
  }

  /// Names gateways that do not serve what they should.
  public Watchdog watchdog() {
    return watchdog;
  }

  /// Shows what gateways do not serve, what they have reported and what engines tell.
  public void bindTo(MeterRegistry registry) {
    for (Lane lane : Lane.values()) {
      ControlMeters.gauge(
          registry,
          Metric.RECONCILE_OLDEST_DUE,
          Tags.of("lane", lane.text()),
          () -> queue.oldestDue(lane).toMillis() / 1000.0);
    }
    ControlMeters.counted(registry, Metric.RECONCILES, reconciles);
    ControlMeters.gauge(
        registry, Metric.LEFT_OUT, Tags.of("table", "reconcile_queue"), queue::refused);
    watchdog.bindTo(registry);
    engineGauges.bindTo(registry);
    intake.bindTo(registry);
    alertEngine.bindTo(registry);
  }

  /// What people are told of.
  public AlertOperations alerts() {
    return alertEngine;
  }

  public RolloutOperations commands() {
    return releases.commands();
  }

  /// Waits until gateways serve what is so now.
  public Acknowledgement acknowledgement() {
    return acknowledgement(() -> LockSupport.parkNanos(BETWEEN_LOOKS.toNanos()));
  }

  GatewayAcknowledgement acknowledgement(Runnable pause) {
    return new GatewayAcknowledgement(publisher, gateways, nanos, pause);
  }

  /// What operators order of single replicas.
  public ReplicaOperations replicas() {
    return replicas;
  }

  /// Faults that people inject on purpose.
  public FaultOperations faults() {
    return faults;
  }

  public Views views() {
    return views;
  }

  /// The snapshot that gateways are given now.
  public ControlLink.Published published() {
    return publisher.current();
  }

  /// One tick on the calling thread.
  void pass() {
    tick();
    queue.runDue();
    alertEngine.deliverDue();
  }

  /// The orderly end: nothing is decided any more, then every replica that Weir runs itself is
  /// stopped, then it closes. It takes a little longer than the grace at most; what did not stop by
  /// then is named in the log. The resources stay as they are: the next start brings replicas back.
  ///
  /// @param grace for replicas to end their open answers; gateways in the same process have drained
  ///   before
  public void stopReplicas(Duration grace) {
    stopReplicas(grace, () -> LockSupport.parkNanos(BETWEEN_LOOKS.toNanos()));
  }

  void stopReplicas(Duration grace, Runnable pause) {
    endDeciding();
    List<ReplicaName> _ = new GracefulShutdown(fleet, nanos, pause).run(grace);
    close();
  }

  private void endDeciding() {
    closed = true;
    queue.close();
  }

  /// Stops deciding. Replicas keep running, gateways keep serving; the next start goes on with
  /// both.
  @Override
  public void close() {
    endDeciding();
    alertEngine.close();
    snapshotServer.close();
    endLookUps.run();
    fleet.close();
    baselines.keep();
    witnesses.save();
  }

  private void watch() {
    long seen = 0;
    while (!closed) {
      try {
        tick();
        seen = store.awaitRevisionAfter(seen, options.tick());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.error("cannot watch the store message={}", e.toString());
        }
        pause();
      }
    }
  }

  private void pause() {
    LockSupport.parkNanos(options.tick().toNanos());
  }

  private void work(WorkKey key) {
    if (closed) {
      return;
    }
    switch (key) {
      case FleetWork.CHANGED -> wakeDue();
      case FleetWork.PUBLICATION -> publish();
      case FleetWork.WATCHDOG -> {
        watchdog.check();
        engineGauges.refresh();
      }
      case FleetWork.ALERTS -> alertEngine.look();
      case FleetWork.HOUSEKEEPING -> runMaintenance();
      case ServiceWork service -> reconcile(service);
    }
  }

  /// A provider that was opened anew gets a moment: until its Services were passed over, a snapshot
  /// would be without its replicas.
  private void publish() {
    if (follow()) {
      queue.wakeAfter(FleetWork.PUBLICATION, Lane.URGENT, options.coalesce());
    } else {
      publisher.publish();
    }
  }

  private void reconcile(ServiceWork work) {
    ServiceName name = new ServiceName(work.namespace(), work.name());
    reconciles.increment();
    // A Target that changed together with its Service: no replica is asked for by its old spec.
    if (!resources.current().equals(followed)) {
      boolean _ = follow();
    }
    long before = wakeups.sharedChanges();
    switch (releases.reconcile(name.namespace(), name.name())) {
      case Pass.Settled(Service service, List<TargetReplica> replicas) ->
          wakeups.settled(name, before, service, replicas);
      case Pass.Unsettled _ -> wakeups.unsettled(name);
    }
  }

  private void runMaintenance() {
    keptHouseAt = clock.now();
    gateways.sweep();
    witnesses.save();
    telemetryOffsets.sweep(clock.now().minus(RUN_IS_OVER_AFTER).toEpochMilli());
    progress.sweep(resources.current());
    baselines.keep();
    alertEngine.runMaintenance();
  }

  /// Providers and look-ups say so from threads and under locks of their own: nothing is looked at
  /// here, or two that wait for each other would stop the control plane.
  private void somethingChanged() {
    queue.wake(FleetWork.CHANGED);
  }

  /// Looks at the world anew and wakes what has to look at it.
  private void tick() {
    fleet.refresh();
    wakeDue();
    queue.wake(FleetWork.WATCHDOG, Lane.URGENT);
    queue.wake(FleetWork.ALERTS);
    if (keptHouseAt.plus(HOUSEKEEPING_EVERY).isBefore(clock.now())) {
      queue.wake(FleetWork.HOUSEKEEPING);
    }
  }

  /// The publication, and the Services that changed or have something to wait for.
  private void wakeDue() {
    queue.wakeAfter(FleetWork.PUBLICATION, Lane.URGENT, options.coalesce());
    wakeups.due(resources.current(), fleet.observe()).forEach(this::wake);
  }

  /// A Service whose release is under way may have to roll back: it waits behind none without one.
  private void wake(ServiceName name) {
    ResourceSnapshot now = resources.current();
    boolean releasing =
        now.service(name.namespace(), name.name())
            .flatMap(now::liveRollout)
            .filter(rollout -> rollout.status().phase() != RolloutPhase.PENDING)
            .isPresent();
    queue.wake(
        new ServiceWork(name.namespace(), name.name()), releasing ? Lane.URGENT : Lane.ORDINARY);
  }

  private void wake(String namespace, String service) {
    wake(new ServiceName(namespace, service));
  }

  /// What somebody ordered is stored: gateways hear of it at once.
  private void ordered(ResourceRef service) {
    fleet.refresh();
    publisher.publish();
    wake(service.namespace(), service.name());
  }

  private void reported(TelemetryIntake.News news) {
    alertEngine.recordSlices(news.slices());
    if (news.acknowledged()) {
      wakeDue();
    }
    for (String rollout : news.rollouts()) {
      rollout(rollout).ifPresent(r -> wake(r.metadata().namespace(), r.spec().service()));
    }
  }

  private boolean observed(String rollout) {
    return rollout(rollout)
        .map(r ->
            switch (r.status().phase()) {
              case PROGRESSING, PAUSED, PROMOTING -> true;
              case PENDING, PROVISIONING, ROLLING_BACK -> false;
              case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> false;
            })
        .orElse(false);
  }

  private Optional<Rollout> rollout(String id) {
    int slash = id.indexOf('/');
    return slash <= 0
        ? Optional.empty()
        : Optional.ofNullable(
            resources
                .current()
                .rollouts()
                .get(
                    ResourceRef.of(Kind.ROLLOUT, id.substring(0, slash), id.substring(slash + 1))));
  }

  private SnapshotInputs inputs(Optional<RoutingSnapshot> previous) {
    return new SnapshotInputs(
        resources.current(),
        fleet.observe(),
        clock.now(),
        options.timing().lease().toMillis(),
        previous,
        clock.now().isBefore(adoptedAt),
        options.warmUpRequests());
  }
}
