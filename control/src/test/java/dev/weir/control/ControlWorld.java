// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.audit.WitnessMemory;
import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.control.external.Measurement;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.GradingSpec;
import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.PolicySpec.OnRunning;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.ServiceSpec.LendSpec;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.SloSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.SummaryView;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.SnapshotCheck;
import dev.weir.store.Commit;
import dev.weir.store.Observations.Entry;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A control plane with everything around it, moved by hand: half a second per step.
///
/// After every step it checks what must hold always: no replica is stopped that a gateway routes to
/// or still waits for an answer of (unless the test says so), a canary has traffic only while its
/// rollout serves, and a service that served once never loses all its replicas from routing.
public final class ControlWorld implements AutoCloseable {
  public static final Duration STEP = Duration.ofMillis(500);
  public static final VersionRef ONE = new VersionRef("chat", "1");
  public static final VersionRef TWO = new VersionRef("chat", "2");
  public static final VersionRef THREE = new VersionRef("chat", "3");
  public static final Actor ADA = new Actor("ada", "127.0.0.1", "r1");

  public final ManualClock clock = new ManualClock();
  public final Map<String, Behaviour> behaviours = new TreeMap<>();
  public final List<SimulatedGateway> gateways = new ArrayList<>();
  public final FakeProvider provider = new FakeProvider(clock, this::checkStop);
  public final List<String> transitions = new ArrayList<>();

  /// What host names lead to; one that is not here cannot be looked up.
  public final Map<String, List<String>> names = new TreeMap<>();

  final List<String> lookUps = new ArrayList<>();
  public final FakeReceivers inbox = new FakeReceivers();
  public final Store store;
  public final CrashInjector crashInjector = new CrashInjector(this::witness);
  public final List<String> pictures = new ArrayList<>();
  private final Map<String, String> newest = new TreeMap<>();
  private final StoreChangeExecutor executor;
  private final ControlOptions options;
  private final long seed;
  private @Nullable Control control;
  private Runnable race = () -> {};
  private boolean served;
  boolean streamsMayBeCut;
  public boolean stableMayFail;

  public ControlWorld(Path folder) {
    this(folder, ControlOptions.defaults().withWarmUpRequests(1), 30);
  }

  /// @param requestsPerStep of the one gateway that there is
  public ControlWorld(Path folder, ControlOptions options, int requestsPerStep) {
    this(folder, options, requestsPerStep, 1);
  }

  /// @param seed of everything that is drawn
  public ControlWorld(Path folder, ControlOptions options, int requestsPerStep, long seed) {
    this.options = options;
    this.seed = seed;
    store = SqliteStore.open(folder, clock);
    executor = new StoreChangeExecutor(store);
    apply(Resources.model("chat"));
    apply(Resources.target("local", ProviderType.PROCESS));
    for (String version : List.of("1", "2", "3")) {
      apply(Resources.version("chat", version));
    }
    restart();
    gateways.add(new SimulatedGateway("gw-a", seed, requestsPerStep, behaviours));
  }

  /// Just before the next change of the control plane is stored, something else happens.
  void beforeNextWrite(Runnable what) {
    race = what;
  }

  private Commit raced(Change change, Actor actor, String reason) {
    Runnable now = race;
    race = () -> {};
    now.run();
    return executor.execute(change, actor, reason);
  }

  public Control control() {
    return Objects.requireNonNull(control, "the control plane is dead");
  }

  /// The control plane dies without a word, and another begins.
  public void restart() {
    control = null;
    living(() -> {
      if (control == null) {
        control = open();
      }
    });
    witness();
  }

  // Whenever it dies, another takes over, and what it was asked is asked of that one.
  private void living(Runnable life) {
    for (boolean lives = false; !lives; ) {
      try {
        life.run();
        lives = true;
      } catch (CrashInjector.Death death) {
        control = null;
        death.meanwhile();
        restart();
      }
    }
  }

  /// Somebody asks for something until it is so; when the control plane dies over it, they look
  /// whether it was done before they ask again.
  public void ask(Predicate<ControlWorld> done, Function<Control, CommandResult> command) {
    living(() -> {
      if (!done.test(this)) {
        assertThat(command.apply(control())).isInstanceOf(CommandResult.Done.class);
      }
    });
  }

  /// What each external metric is measured as.
  public final Map<String, Measurement> measured = new ConcurrentHashMap<>();

  /// What is different about the next releases.
  public UnaryOperator<ReleaseSpec> manner = UnaryOperator.identity();

  /// How often control looks at everything in a step.
  public int passes = 2;

  /// What the next releases want otherwise of metrics.
  public Map<String, ReleaseSpec.MetricSpec> metrics = Map.of();

  /// What the next releases are guarded by.
  public List<ReleaseSpec.ExternalMetric> external = List.of();

  /// Who grades the answers of the next releases.
  public Optional<GradingSpec> grading = Optional.empty();

  /// What gateways are to ask by themselves in the next releases.
  public Optional<GeneratedTraffic> traffic = Optional.empty();

  /// Where the next releases find room.
  public ReleaseSpec.Capacity capacity = ReleaseSpec.Capacity.AUTO;

  private Control open() {
    return Control.assemble(
        store,
        new AuditWitnesses(store, WitnessMemory.NONE, clock, clock),
        this::raced,
        Map.of(ProviderType.PROCESS, provider, ProviderType.EXTERNAL, provider),
        this::lookUp,
        inbox.notifier(),
        metric -> measured.getOrDefault(metric.name(), new Measurement.Passed(0)),
        options,
        clock,
        clock,
        new Random(7 * seed),
        crashInjector);
  }

  private List<InetAddress> lookUp(String host) throws UnknownHostException {
    lookUps.add(host);
    List<String> addresses = names.getOrDefault(host, List.of());
    if (addresses.isEmpty()) {
      throw new UnknownHostException(host);
    }
    return addresses.stream().map(InetAddress::ofLiteral).toList();
  }

  public void apply(Resource resource) {
    assertThat(executor.execute(new Change.Apply(resource, OptionalLong.empty()), ADA, "test"))
        .isInstanceOf(Commit.Done.class);
  }

  /// The service wants this version, with demo-like steps of 25 % and 50 %.
  public void want(VersionRef version) {
    want(version, 2);
  }

  public void want(VersionRef version, int replicas) {
    want(version, new Placement("local", replicas, Map.of()));
  }

  public void want(VersionRef version, Placement... placements) {
    ReleaseSpec defaults = Resources.release();
    ReleaseSpec release =
        new ReleaseSpec(
                defaults.strategy(),
                List.of(new ReleaseSpec.Step(25), new ReleaseSpec.Step(50)),
                new ReleaseSpec.AnalysisSpec(
                    .01,
                    .05,
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(5),
                    ReleaseSpec.OnInconclusive.PAUSE,
                    new ReleaseSpec.Dispersion.Fixed(1),
                    metrics,
                    external,
                    grading,
                    Optional.empty(),
                    Optional.empty()))
            .withTraffic(traffic);
    apply(
        new Service(
            Resources.named("chat"),
            new ServiceSpec(
                version,
                List.of(placements),
                manner.apply(release).withCapacity(capacity),
                Resources.traffic()),
            ServiceStatus.empty()));
  }

  /// A service that has served version 1 for a minute.
  public ControlWorld serving() {
    return servingFor(120);
  }

  public ControlWorld servingFor(int steps) {
    return serving(new Placement("local", 2, Map.of()), steps);
  }

  /// The same, there.
  ControlWorld serving(Placement placement) {
    return serving(placement, 120);
  }

  public ControlWorld serving(Placement placement, int steps) {
    want(ONE, placement);
    until("the first version serves", w -> w.service().status().stable().isPresent(), 20);
    steps(steps);
    return this;
  }

  public void step() {
    clock.advance(STEP);
    provider.tick();
    for (SimulatedGateway gateway : gateways) {
      gateway.tick(control().published(), clock.instant().toEpochMilli());
      living(() -> gateway.send(control().feed()));
    }
    for (int i = 0; i < passes; i++) {
      living(() -> control().pass());
    }
    List<Rollout> rollouts = rollouts();
    note(rollouts);
    checkGateways(rollouts);
  }

  public void steps(int count) {
    for (int i = 0; i < count; i++) {
      step();
    }
  }

  /// Steps until something holds.
  public void until(String what, Predicate<ControlWorld> holds, int most) {
    for (int i = 0; i < most; i++) {
      step();
      if (holds.test(this)) {
        return;
      }
    }
    throw new AssertionError(
        "not within %d steps: %s; %s; %s; %s"
            .formatted(
                most,
                what,
                transitions,
                service().status(),
                rollouts().stream().map(Rollout::status).toList()));
  }

  public void untilPhase(String rollout, RolloutPhase phase, int most) {
    until(rollout + " is " + phase, w -> w.phase(rollout) == phase, most);
  }

  public Service service() {
    return (Service)
        store.get(ResourceRef.of(Kind.SERVICE, Resources.NAMESPACE, "chat")).orElseThrow();
  }

  public List<Service> services() {
    return store.list(Kind.SERVICE, "").stream().map(Service.class::cast).toList();
  }

  /// A Service `embed` that serves with so many replicas and lends some of them.
  public void lending(int replicas, int lends) {
    VersionRef version = new VersionRef("embed", "1");
    apply(Resources.model("embed"));
    apply(Resources.version("embed", "1"));
    apply(
        new Service(
            Resources.named("embed"),
            new ServiceSpec(
                version,
                List.of(new Placement("local", replicas, Map.of())),
                Resources.release(),
                Resources.traffic(),
                SloSpec.DEFAULT,
                new LendSpec(lends, 0)),
            ServiceStatus.empty()));
    boolean mayFail = stableMayFail;
    stableMayFail = true;
    for (int i = 0; i < 20 && running(version) < replicas; i++) {
      step();
    }
    steps(4);
    stableMayFail = mayFail;
  }

  /// How many replicas of the version there are.
  public int running(VersionRef version) {
    return (int)
        provider.running().stream().map(ReplicaName::version).filter(version::equals).count();
  }

  /// No release begins from now on, for so long.
  public void freeze(Duration lasts, OnRunning running) {
    Freeze freeze =
        new Freeze(
            "now",
            Optional.empty(),
            Optional.of(clock.instant()),
            Optional.of(clock.instant().plus(lasts)),
            running);
    apply(Resources.policy("calm", List.of(freeze), 0, 0));
  }

  /// The user deletes the service.
  public void deleteService() {
    delete(service().ref());
  }

  public void delete(ResourceRef ref) {
    Change delete = new Change.Delete(ref, OptionalLong.empty());
    assertThat(executor.execute(delete, ADA, "gone")).isInstanceOf(Commit.Done.class);
  }

  /// The service points at a rollout, live or not.
  public void pointAt(String rollout) {
    Service service = service();
    ServiceStatus pointing = service.status().withRollout(Optional.of(rollout));
    Change change =
        new Change.ServiceProgress(service.withStatus(pointing), service.metadata().revision());
    assertThat(executor.execute(change, Actor.WEIR, "test")).isInstanceOf(Commit.Done.class);
  }

  /// Whether somebody's order for a replica is to be carried out.
  public boolean ordered() {
    return !service().status().orders().isEmpty();
  }

  /// How many replicas of the stable version gateways may route to.
  public int replicasRoutedTo() {
    return control().published().snapshot().services().stream()
        .mapToInt(service -> service.stable().replicas().size())
        .sum();
  }

  /// The keys of what is noted in a collection.
  public List<String> noted(String collection) {
    return store.observations().list(collection, "").stream().map(Entry::key).toList();
  }

  public Rollout rollout(String name) {
    return (Rollout) store.get(ref(name)).orElseThrow();
  }

  /// The message of a rollout as people read it.
  public String progress(String name) {
    Rollout rollout = rollout(name);
    return control().views().progress(rollout).orElse(rollout.status().message());
  }

  public static ResourceRef ref(String rollout) {
    return ResourceRef.of(Kind.ROLLOUT, Resources.NAMESPACE, rollout);
  }

  public RolloutPhase phase(String name) {
    return store
        .get(ref(name))
        .map(r -> ((Rollout) r).status().phase())
        .orElse(RolloutPhase.PENDING);
  }

  public List<Rollout> rollouts() {
    return store.list(Kind.ROLLOUT, "").stream().map(Rollout.class::cast).toList();
  }

  public List<Evidence> evidence(String rollout) {
    return control().commands().evidence(ref(rollout));
  }

  public SummaryView summary(String rollout) {
    return control().commands().summary(ref(rollout)).orElseThrow();
  }

  public VersionRef stable() {
    return service().status().stable().orElseThrow().version();
  }

  public List<VersionRef> runningVersions() {
    return provider.running().stream().map(ReplicaName::version).distinct().toList();
  }

  private void note(List<Rollout> rollouts) {
    for (Rollout rollout : rollouts) {
      String now =
          "%s %s %d"
              .formatted(
                  rollout.metadata().name(),
                  rollout.status().phase().text(),
                  rollout.status().step());
      if (!transitions.contains(now)) {
        transitions.add(now);
      }
    }
  }

  private void checkStop(ReplicaName name) {
    for (SimulatedGateway gateway : gateways) {
      assertThat(!gateway.givenUp() && gateway.routesTo("default/chat", name.toString()))
          .as("stopping %s, which a gateway routes to", name)
          .isFalse();
      assertThat(gateway.running(name.toString()) == 0 || streamsMayBeCut)
          .as("stopping %s, which answers a gateway's requests", name)
          .isTrue();
    }
  }

  /// Looks at the picture that gateways can fetch in this instant.
  private void witness() {
    if (control == null) {
      return;
    }
    RoutingSnapshot snapshot = control.published().snapshot();
    assertThat(SnapshotCheck.problems(snapshot)).isEmpty();
    for (ServiceEntry service : snapshot.services()) {
      served |= !service.stable().replicas().isEmpty();
      assertThat(served && !stableMayFail && service.stable().replicas().isEmpty())
          .as("routing to nothing: %s", service)
          .isFalse();
      service.canary().forEach(this::checkCanary);
      picture(service);
    }
  }

  private void checkCanary(CanaryArm canary) {
    RolloutStatus status = rollout(canary.rollout().substring("default/".length())).status();
    assertThat(status.phase())
        .isIn(
            RolloutPhase.PROGRESSING,
            RolloutPhase.PAUSED,
            RolloutPhase.PROMOTING,
            RolloutPhase.ROLLING_BACK);
    assertThat(canary.weightMillionths())
        .isBetween(canary.mirrorMillionths() > 0 ? 0 : 1, 1_000_000)
        .isEqualTo((int) Math.round(status.weight() * 10_000));
  }

  private void picture(ServiceEntry service) {
    int canary = service.canary().stream().mapToInt(CanaryArm::weightMillionths).sum();
    String picture =
        "%s %d %s %d"
            .formatted(
                service.stable().version(),
                1_000_000 - canary,
                service.canary().stream().map(c -> c.arm().version()).toList(),
                canary);
    if (!picture.equals(newest.put(service.id(), picture))) {
      pictures.add(picture);
    }
  }

  /// Once a revert counts as done, nobody routes to what was reverted.
  private void checkGateways(List<Rollout> rollouts) {
    for (Rollout rollout : rollouts) {
      String id = "default/" + rollout.metadata().name();
      if (rollout.status().revertedAt().isPresent()) {
        assertThat(gateways)
            .as("gateways that feed %s, which is reverted", id)
            .noneMatch(gateway -> gateway.feeds(id));
      }
    }
  }

  @Override
  public void close() {
    control().close();
    store.close();
  }
}
