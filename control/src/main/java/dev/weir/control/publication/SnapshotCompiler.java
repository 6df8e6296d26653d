// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.DesiredReplicas.Slot;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.Route;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.ReleaseSpec.Match;
import dev.weir.model.spec.ServiceSpec.Breaker;
import dev.weir.model.spec.ServiceSpec.ResumeFrom;
import dev.weir.model.spec.ServiceSpec.TrafficSpec;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.spec.TargetSpec.TlsSpec;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.VersionRef;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Audience;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.Breaks;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Compiles resources and Ready replicas into one snapshot. Pure and deterministic: equal inputs
/// give equal snapshots in a fixed order.
///
/// An arm contains the Ready replicas of the version that have a slot (see [SlotAssignment]). If
/// the stable version has no Ready replica, its replicas that answered before stay in the arm: a
/// wrong probe must not take down a Service. This does not apply to a canary.
public final class SnapshotCompiler {
  private static final int MILLIONTHS_PER_PERCENT = 10_000;

  private final SnapshotInputs inputs;
  private final ServiceEntryCache cache;
  private final Map<String, ServiceEntry> previous = new HashMap<>();

  /// Whether the entry in progress depends on the previous snapshot or on the time.
  private boolean temporary;

  private SnapshotCompiler(SnapshotInputs inputs, ServiceEntryCache cache) {
    this.inputs = inputs;
    this.cache = cache;
    inputs.previous().stream()
        .flatMap(before -> before.services().stream())
        .forEach(entry -> previous.put(entry.id(), entry));
  }

  /// The snapshot with sequence 0; the publisher numbers it.
  public static RoutingSnapshot compile(SnapshotInputs inputs) {
    return compile(inputs, new ServiceEntryCache());
  }

  /// Same, and compiles only the Services whose sources changed since the last call with this
  /// cache.
  static RoutingSnapshot compile(SnapshotInputs inputs, ServiceEntryCache cache) {
    return new SnapshotCompiler(inputs, cache).compile();
  }

  private RoutingSnapshot compile() {
    cache.begin(
        inputs,
        inputs.catalogue().services().values().stream()
            .map(DesiredReplicas::id)
            .collect(Collectors.toSet()));
    List<ServiceEntry> services =
        inputs.catalogue().services().values().stream()
            .map(this::cached)
            .sorted(Comparator.comparing(ServiceEntry::id))
            .toList();
    return new RoutingSnapshot(
        RoutingSnapshot.FORMAT_VERSION,
        0,
        inputs.catalogue().revision(),
        inputs.now(),
        inputs.catalogue().store(),
        inputs.leaseMillis(),
        KeyCompiler.compile(inputs.catalogue(), inputs.now()),
        routes(services),
        services);
  }

  // A Route with the name of a Service replaces the implicit Route. Validation keeps names unique;
  // if two remain, the first by namespace and name wins.
  private List<RouteEntry> routes(List<ServiceEntry> services) {
    Map<String, RouteEntry> byModel = new TreeMap<>();
    Set<String> ids = new HashSet<>();
    services.forEach(service -> ids.add(service.id()));
    for (Route route : inputs.catalogue().routes().values()) {
      RouteCompiler.compile(route, ids).forEach(name -> byModel.putIfAbsent(name.model(), name));
    }
    for (ServiceEntry service : services) {
      byModel.putIfAbsent(
          service.name(),
          new RouteEntry(
              service.name(), service.namespace(), List.of(new Backend(service.id(), 1))));
    }
    return List.copyOf(byModel.values());
  }

  private ServiceEntry cached(Service service) {
    temporary = !service.status().faults().isEmpty();
    return cache.entry(
        DesiredReplicas.id(service),
        ServiceEntryCache.Sources.of(service, inputs),
        () -> service(service),
        () -> !temporary);
  }

  private ServiceEntry service(Service service) {
    Optional<Rollout> live = inputs.catalogue().liveRollout(service);
    SlotAssignment members =
        SlotAssignment.of(
            service.metadata().namespace(),
            service.metadata().name(),
            DesiredReplicas.of(service, live, inputs.catalogue(), inputs.warmUpRequests()).slots(),
            inputs.replicas().of(service.metadata().namespace(), service.metadata().name()),
            service.status().orders());
    VersionRef stable = DesiredReplicas.stable(service);
    TrafficSpec traffic = service.spec().traffic();
    return new ServiceEntry(
        DesiredReplicas.id(service),
        service.metadata().namespace(),
        service.metadata().name(),
        arm(service, stable, members, true),
        live.flatMap(rollout -> canary(service, stable, rollout, members)).stream().toList(),
        new Timeouts(
            millis(traffic.timeouts().connect()),
            millis(traffic.timeouts().firstToken()),
            millis(traffic.timeouts().stall()),
            millis(traffic.timeouts().total())),
        percent(traffic.retries().budget()),
        traffic.retries().maxAttempts(),
        traffic.resume(),
        traffic.sessionHeader().map(h -> h.toLowerCase(Locale.ROOT)).orElse(""),
        AdmissionCompiler.compile(traffic),
        isolation(traffic),
        new Breaks(
            traffic.maxResumes(),
            traffic.doneAfterError(),
            traffic.resumeFrom() == ResumeFrom.TOKENS),
        FaultCompiler.compile(service.status().faults(), inputs.now()),
        RecordingCompiler.compile(traffic.recording()));
  }

  private static Isolation isolation(TrafficSpec traffic) {
    Breaker breaker = traffic.breaker();
    return new Isolation(
        breaker.consecutiveFailures(),
        millis(breaker.baseEjectionTime()),
        percent(breaker.maxEjected()),
        percent(breaker.panicThreshold()),
        traffic.maxInFlight());
  }

  private static int percent(Percentage share) {
    return (int) Math.round(share.fraction() * 100);
  }

  private Optional<CanaryArm> canary(
      Service service, VersionRef stable, Rollout rollout, SlotAssignment members) {
    RolloutStatus status = rollout.status();
    VersionRef version = rollout.spec().to();
    Optional<Stage> stage = Stages.running(rollout);
    int weight = millionths(status.weight());
    int mirror = isProgressing(status) ? stage.map(s -> millionths(s.mirror())).orElse(0) : 0;
    boolean needed = weight > 0 || mirror > 0;
    if (!needed || !mayServe(status.phase()) || version.equals(stable)) {
      return Optional.empty();
    }
    return Optional.of(
        new CanaryArm(
                arm(service, version, members, false),
                rolloutId(rollout),
                Math.max(0, status.step()),
                rollout.spec().salt(),
                weight,
                stage.map(Stage::observed).orElse(false),
                stage.stream()
                    .flatMap(s -> s.audience().stream())
                    .map(SnapshotCompiler::audience)
                    .toList(),
                mirror)
            .generating(GeneratedCompiler.compile(rollout, stage))
            .graded(GradingCompiler.compile(rollout, stage)));
  }

  private static int millionths(double percent) {
    return (int) Math.round(percent * MILLIONTHS_PER_PERCENT);
  }

  private static boolean isProgressing(RolloutStatus status) {
    return status.phase() != RolloutPhase.ROLLING_BACK && status.ending().isEmpty();
  }

  private static Audience audience(Match match) {
    return new Audience(match.headers(), match.tenants());
  }

  private static boolean mayServe(RolloutPhase phase) {
    return switch (phase) {
      case PROGRESSING, PAUSED, PROMOTING, ROLLING_BACK -> true;
      case PENDING, PROVISIONING -> false;
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> false;
    };
  }

  private Arm arm(Service service, VersionRef version, SlotAssignment members, boolean neverEmpty) {
    Optional<ModelVersion> spec =
        inputs.catalogue().version(service.metadata().namespace(), version);
    if (spec.isEmpty()) {
      return new Arm(version.toString(), List.of());
    }
    List<ReplicaEntry> replicas = entries(spec.get(), members, Set.of(ReplicaState.READY));
    if (inputs.adopting()) {
      replicas.addAll(carried(service, version, members, replicas, _ -> true));
    }
    if (replicas.isEmpty() && neverEmpty) {
      replicas = entries(spec.get(), members, Set.of(ReplicaState.UNREADY));
      replicas.addAll(
          carried(service, version, members, replicas, slot -> slot.endpoint().isPresent()));
    }
    replicas.sort(Comparator.comparing(ReplicaEntry::name));
    return EngineCompiler.arm(version.toString(), replicas, spec.get().spec().engine());
  }

  private List<ReplicaEntry> entries(
      ModelVersion version, SlotAssignment members, Set<ReplicaState> states) {
    List<ReplicaEntry> entries = new ArrayList<>();
    for (TargetReplica replica : members.observed().values()) {
      Optional<URI> endpoint = replica.replica().endpoint();
      if (replica.version().equals(version.spec().ref())
          && members.routable(replica.name())
          && states.contains(replica.state())
          && endpoint.isPresent()) {
        entries.add(entry(version, replica, endpoint.get()));
      }
    }
    return entries;
  }

  private ReplicaEntry entry(ModelVersion version, TargetReplica replica, URI endpoint) {
    String url = endpoint.toString();
    Optional<TargetSpec> target = inputs.catalogue().target(replica.target()).map(Target::spec);
    TlsSpec tls = target.map(TargetSpec::tls).orElse(TlsSpec.NONE);
    return new ReplicaEntry(
        replica.name().toString(),
        url.endsWith("/") ? url.substring(0, url.length() - 1) : url,
        version.spec().engine().type().text(),
        version.spec().servedName(),
        target.flatMap(TargetSpec::credential).orElse(""),
        tls.caFile().orElse(""),
        tls.serverName().orElse(""));
  }

  // After a restart, providers need time to find running replicas. Gateways keep serving from their
  // snapshot, and a snapshot without these replicas would take them down. A busy external replica
  // may need long to answer a probe.
  private List<ReplicaEntry> carried(
      Service service,
      VersionRef version,
      SlotAssignment members,
      List<ReplicaEntry> found,
      Predicate<Slot> which) {
    temporary = true;
    Set<String> wanted = new HashSet<>();
    members
        .placed()
        .forEach((name, slot) -> {
          if (slot.version().equals(version)
              && members.routable(name)
              && which.test(slot)
              && unjudged(members.observed().get(name))) {
            wanted.add(name.toString());
          }
        });
    found.forEach(entry -> wanted.remove(entry.name()));
    return Optional.ofNullable(previous.get(DesiredReplicas.id(service))).stream()
        .flatMap(SnapshotCompiler::arms)
        .filter(arm -> arm.version().equals(version.toString()))
        .flatMap(arm -> arm.replicas().stream())
        .filter(replica -> wanted.contains(replica.name()))
        .toList();
  }

  private static boolean unjudged(@Nullable TargetReplica replica) {
    return replica == null || replica.unjudged();
  }

  private static Stream<Arm> arms(ServiceEntry service) {
    return Stream.concat(
        Stream.of(service.stable()), service.canary().stream().map(CanaryArm::arm));
  }

  /// The id in telemetry: `namespace/name`.
  public static String rolloutId(Rollout rollout) {
    return rollout.metadata().namespace() + "/" + rollout.metadata().name();
  }

  private static long millis(Duration duration) {
    return Math.max(1, duration.toMillis());
  }
}
