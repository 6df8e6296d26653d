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
import dev.weir.control.reconcile.Pace;
import dev.weir.control.reconcile.WorkKey;
import dev.weir.control.reconcile.WorkKey.FleetWork;
import dev.weir.control.reconcile.WorkKey.ServiceWork;
import dev.weir.control.rollout.ReleaseEngine;
import dev.weir.control.rollout.ReleaseEngine.Pass;
import dev.weir.control.rollout.RolloutOperations;
import dev.weir.control.summary.DecisionSentence;
import dev.weir.control.telemetry.BaselineStore;
import dev.weir.control.telemetry.CohortRegistry;
import dev.weir.control.telemetry.TelemetryIntake;
import dev.weir.control.telemetry.TelemetryOffsets;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.Evidence;
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

/// The reconcilers of the control plane. Inputs are stored resources and observed state; outputs
/// are replicas and routing snapshots.
///
/// The constructor shows the wiring. `ResourceSnapshot.Reader` reads resources, `Fleet` observes
/// replicas, `GatewayRegistry` tracks gateways. `Publisher` compiles these three into snapshots,
/// and `SnapshotServer` sends them to gateways. `TelemetryIntake` receives telemetry.
/// `ReleaseEngine` decides; `KeyedQueue` runs it for one Service at a time. All state is in the
/// store and in the running replicas, so the process may stop at any instruction and a new one
/// continues.
public final class Control implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Control.class);

  /// Concurrent name look-ups. They need platform threads, because a look-up blocks its carrier
  /// thread.
  private static final int LOOK_UPS = 4;

  private static final ThreadFactory NAME_THREADS =
      Thread.ofPlatform().daemon().name("names-", 0).factory();

  private static final Duration HOUSEKEEPING_EVERY = Duration.ofMinutes(1);
  private static final Duration RUN_IS_OVER_AFTER = Duration.ofHours(24);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  /// An evaluation of the alerts reads every Service and every replica. It uses at most a fiftieth
  /// of a processor, but never waits longer than this.
  private static final Duration LONGEST_ALERT_PAUSE = Duration.ofSeconds(5);

  private static final int ALERT_PAUSES = 50;

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
  private final Pace alertPace;
  private final Instant adoptedAt;
  private volatile Instant maintainedAt = Instant.MIN;
  private volatile @Nullable ResourceSnapshot followed;
  private volatile boolean closed;

  /// The name resolver and the threads for its blocking look-ups.
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
        new Fleet(providers, this::somethingChanged, new FaultyProbeView(resources, clock)::apply);
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
    this.alertPace = new Pace(nanos, ALERT_PAUSES, LONGEST_ALERT_PAUSE);
    this.alertEngine =
        new AlertEngine(
            new AlertEngine.Inputs(
                store, resources, views, watchdog::alarms, clock, adoptedAt, this::cause),
            new AlertEngine.Outputs(observationStore, notifier, crashPoints),
            nanos,
            random);
  }

  private Optional<String> cause(Rollout rollout) {
    List<Evidence> decisions = commands().evidence(rollout.ref());
    return decisions.isEmpty()
        ? Optional.empty()
        : Optional.of(DecisionSentence.cause(rollout, decisions.getLast()));
  }

  /// The number of passes over Services since the start.
  long reconciles() {
    return reconciles.sum();
  }

  /// Publishes the current snapshot and starts the reconcilers. They run until [#close].
  ///
  /// @param store stays open for longer than the control plane
  /// @param witnesses of that store's audit log
  /// @param providers by the type of Target that they serve
  /// @param names resolves host names in placements
  /// @param notifier sends alerts to external systems
  /// @param probe takes external measurements
  /// @param nanos monotonic
  /// @param random thread-safe
  /// @param crashPoints each point at which tests may stop the process
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
    NameLookup lookup = new NameLookup(names, threads, threads::shutdownNow);
    Control control =
        begin(
            new Control(
                store,
                witnesses,
                changes,
                providers,
                lookup,
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

  /// Creates the control plane without threads. Work runs only in [#pass].
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
    NameLookup lookup = new NameLookup(names, Runnable::run, () -> {});
    return begin(
        new Control(
            store,
            witnesses,
            changes,
            providers,
            lookup,
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

  /// Opens the providers and looks up the host names that the current resources need.
  ///
  /// @return whether a provider was reopened; its Services may need a pass that finds their running
  ///   replicas
  private boolean follow() {
    ResourceSnapshot now = resources.current();
    boolean reopened = fleet.follow(now.targets().values());
    addresses.follow(DesiredReplicas.names(now));
    followed = now;
    return reopened;
  }

  /// The link for gateways in this process and behind the HTTP endpoint.
  public ControlLink feed() {
    return snapshotServer;
  }

  /// Queries connected gateways for data that only they have.
  public GatewayQuestions questions() {
    return questions;
  }

  /// Names gateways that do not serve the published snapshot.
  public Watchdog watchdog() {
    return watchdog;
  }

  /// Registers the metrics of reconciliation, gateways, telemetry and engines.
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
        registry, Metric.TABLE_OVERFLOW, Tags.of("table", "reconcile_queue"), queue::refused);
    watchdog.bindTo(registry);
    engineGauges.bindTo(registry);
    intake.bindTo(registry);
    alertEngine.bindTo(registry);
  }

  /// Alerts and their deliveries.
  public AlertOperations alerts() {
    return alertEngine;
  }

  public RolloutOperations commands() {
    return releases.commands();
  }

  /// Waits until gateways serve the current snapshot.
  public Acknowledgement acknowledgement() {
    return acknowledgement(() -> LockSupport.parkNanos(BETWEEN_LOOKS.toNanos()));
  }

  GatewayAcknowledgement acknowledgement(Runnable pause) {
    return new GatewayAcknowledgement(publisher, gateways, nanos, pause);
  }

  /// Commands to single replicas.
  public ReplicaOperations replicas() {
    return replicas;
  }

  /// Commands that inject and clear faults.
  public FaultOperations faults() {
    return faults;
  }

  public Views views() {
    return views;
  }

  /// The published snapshot.
  public ControlLink.Published published() {
    return publisher.current();
  }

  /// Runs one tick on the calling thread.
  void pass() {
    tick();
    queue.runDue();
    alertEngine.deliverDue();
  }

  /// Stops deciding, stops every replica that Weir runs, then closes. This takes slightly longer
  /// than the grace period at most. The log names the replicas that did not stop. Resources do not
  /// change: the next start brings the replicas back.
  ///
  /// @param grace time for replicas to finish their responses; gateways in the same process have
  ///   already drained
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

  /// Stops deciding. Replicas keep running and gateways keep serving. The next start continues with
  /// both.
  @Override
  public void close() {
    endDeciding();
    alertEngine.close();
    snapshotServer.close();
    endLookUps.run();
    fleet.close();
    baselines.save();
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
          LOG.atError()
              .addKeyValue("event", "store.watch.failed")
              .addKeyValue("error", e.toString())
              .log("The store cannot be watched; the control plane tries again");
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
      case FleetWork.ALERTS -> alertPace.run(alertEngine::evaluate);
      case FleetWork.HOUSEKEEPING -> runMaintenance();
      case ServiceWork service -> reconcile(service);
    }
  }

  /// After a provider was reopened, its Services are reconciled before the next publication.
  /// Otherwise the snapshot would lack its replicas.
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
    // Applies a Target that changed together with its Service, so that no replica starts with the
    // old spec.
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
    maintainedAt = clock.now();
    gateways.sweep();
    witnesses.save();
    telemetryOffsets.sweep(clock.now().minus(RUN_IS_OVER_AFTER).toEpochMilli());
    progress.sweep(resources.current());
    baselines.save();
    alertEngine.runMaintenance();
  }

  /// Called from threads of providers and look-ups that may hold their own locks. It only wakes the
  /// queue, because reading state here could deadlock.
  private void somethingChanged() {
    queue.wake(FleetWork.CHANGED);
  }

  /// Refreshes the observed state and wakes the work that depends on it.
  private void tick() {
    fleet.refresh();
    wakeDue();
    queue.wake(FleetWork.WATCHDOG, Lane.URGENT);
    if (alertPace.due()) {
      queue.wake(FleetWork.ALERTS);
    }
    if (maintainedAt.plus(HOUSEKEEPING_EVERY).isBefore(clock.now())) {
      queue.wake(FleetWork.HOUSEKEEPING);
    }
  }

  /// Wakes the publication, and the Services that changed or wait for something.
  private void wakeDue() {
    queue.wakeAfter(FleetWork.PUBLICATION, Lane.URGENT, options.coalesce());
    wakeups.due(resources.current(), fleet.observe()).forEach(this::wake);
  }

  /// A Service with a live release may need a rollback, so it never waits behind Services without
  /// one.
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

  /// Publishes a stored command of an operator at once and wakes its Service.
  private void ordered(ResourceRef service) {
    fleet.refresh();
    publisher.publish();
    wake(service.namespace(), service.name());
  }

  private void reported(TelemetryIntake.Update news) {
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
