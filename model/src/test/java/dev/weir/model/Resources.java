// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.AlertChannelSpec;
import dev.weir.model.spec.ApiKeySpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.ModelSpec;
import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.spec.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.spec.ModelVersionSpec.LineageSpec;
import dev.weir.model.spec.ModelVersionSpec.SourceSpec;
import dev.weir.model.spec.PolicySpec;
import dev.weir.model.spec.PolicySpec.ConcurrentRollouts;
import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.PrincipalSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.AnalysisSpec;
import dev.weir.model.spec.ReleaseSpec.Dispersion;
import dev.weir.model.spec.ReleaseSpec.OnInconclusive;
import dev.weir.model.spec.ReleaseSpec.Step;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.spec.RoleBindingSpec;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.spec.RouteSpec;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.ServiceSpec.Breaker;
import dev.weir.model.spec.ServiceSpec.Concurrency;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.ServiceSpec.ResumeFrom;
import dev.weir.model.spec.ServiceSpec.Retries;
import dev.weir.model.spec.ServiceSpec.TenantLimits;
import dev.weir.model.spec.ServiceSpec.Timeouts;
import dev.weir.model.spec.ServiceSpec.TrafficSpec;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.Fault;
import dev.weir.model.status.ModelVersionStatus;
import dev.weir.model.status.NoStatus;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Severity;
import dev.weir.model.value.VersionRef;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Small valid resources of every kind, in namespace `default`, for the tests of all modules. For
/// many different ones see `RandomResources`.
public final class Resources {
  public static final String NAMESPACE = Metadata.DEFAULT_NAMESPACE;

  /// A well-formed SHA-256 of nothing in particular.
  public static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  private Resources() {}

  /// The small valid instance of a kind.
  public static Resource of(Kind kind) {
    return switch (kind) {
      case MODEL -> model("chat");
      case MODEL_VERSION -> version("chat", "2");
      case SERVICE -> service("chat", VersionRef.parse("chat@2").orElseThrow());
      case ROLLOUT -> rollout("chat", 1, "chat@1", "chat@2");
      case TARGET -> target("local");
      case ROUTE -> route("chat", "chat");
      case PRINCIPAL -> principal("ada");
      case ROLE_BINDING -> roleBinding("ada-deploys", "ada", RoleBindingSpec.Role.DEPLOYER);
      case API_KEY -> apiKey("ada-laptop", "ada");
      case ALERT_CHANNEL -> alertChannel("hooks", "http://127.0.0.1:9/hooks");
      case POLICY -> policy("calm", List.of(), 0, 0);
    };
  }

  public static Metadata named(String name) {
    return Metadata.of(NAMESPACE, name);
  }

  public static Model model(String name) {
    return new Model(
        named(name),
        new ModelSpec(
            "search-ml@example.com",
            Optional.of("apache-2.0"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of()),
        new NoStatus());
  }

  /// A version served by the simulated engine.
  public static ModelVersion version(String model, String version, String... args) {
    return version(model, version, simulated(args));
  }

  public static ModelVersion version(String model, String version, EngineSpec engine) {
    return new ModelVersion(
        named(model + "-" + version),
        new ModelVersionSpec(
            model,
            version,
            Optional.<String>empty(),
            Optional.<SourceSpec>empty(),
            engine,
            Optional.<AcceleratorSpec>empty(),
            Duration.ofMinutes(10),
            new LineageSpec(Optional.empty(), Optional.empty(), Optional.empty())),
        new ModelVersionStatus(ModelVersionStatus.Stage.REGISTERED));
  }

  public static EngineSpec simulated(String... args) {
    return new EngineSpec(EngineType.SIM, List.of(), List.of(args), Optional.empty(), Map.of());
  }

  /// A service with one replica on target `local` and the default release and traffic.
  public static Service service(String name, VersionRef version) {
    return service(name, version, new Placement("local", 1, Map.of()));
  }

  public static Service service(String name, VersionRef version, Placement... placements) {
    return new Service(
        named(name),
        new ServiceSpec(version, List.of(placements), release(), traffic()),
        ServiceStatus.empty());
  }

  /// A placement on an `external` target.
  public static Placement external(String target, String version, String... urls) {
    return new Placement(
        target,
        1,
        Map.of(
            VersionRef.parse(version).orElseThrow(),
            List.of(urls).stream().map(URI::create).toList()));
  }

  /// A canary with four steps and default analysis.
  public static ReleaseSpec release() {
    return new ReleaseSpec(
        Strategy.CANARY,
        List.of(new Step(1), new Step(5), new Step(25), new Step(50)),
        new AnalysisSpec(
            0.01,
            0.05,
            Duration.ofMinutes(2),
            Duration.ofMinutes(30),
            OnInconclusive.PAUSE,
            new Dispersion.Auto(),
            Map.of()));
  }

  /// The defaults of traffic.
  public static TrafficSpec traffic() {
    return new TrafficSpec(
        new Timeouts(
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(120)),
        new Retries(Percentage.of(20), 3),
        new Breaker(5, Duration.ofSeconds(10), Percentage.of(10), Percentage.of(50)),
        4_096,
        true,
        Optional.empty(),
        Limits.NONE,
        new TenantLimits(0, 0, 0, Map.of()),
        new Concurrency(0, Duration.ZERO),
        3,
        false,
        ResumeFrom.TEXT);
  }

  /// A rollout named `<service>-<number>` that has not begun.
  public static Rollout rollout(String service, int number, String from, String to) {
    return new Rollout(
        named(service + "-" + number),
        new RolloutSpec(
            service,
            VersionRef.parse(from).orElseThrow(),
            VersionRef.parse(to).orElseThrow(),
            7,
            "spec-hash",
            "salt-" + number,
            release(),
            Duration.ofSeconds(10),
            Duration.ofSeconds(120)),
        rolloutStatus());
  }

  /// The status of a rollout that has not begun.
  public static RolloutStatus rolloutStatus() {
    return rolloutStatus(RolloutPhase.PENDING, -1, 0);
  }

  /// The status of a rollout in a phase and step, without times and decisions.
  public static RolloutStatus rolloutStatus(RolloutPhase phase, int step, double weight) {
    return new RolloutStatus(
        phase,
        step,
        weight,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        "");
  }

  /// The status with an override of guard rails.
  public static RolloutStatus overridden(RolloutStatus status, RolloutStatus.Overridden override) {
    return new RolloutStatus(
        status.phase(),
        status.step(),
        status.weight(),
        status.startedAt(),
        status.phaseSince(),
        status.stepStartedAt(),
        status.finishedAt(),
        status.ending(),
        status.pausedFrom(),
        status.decidedBy(),
        status.revertDecidedAt(),
        status.revertedAt(),
        Optional.of(override),
        status.passedAt(),
        status.fillingSince(),
        status.message());
  }

  /// A fault that cuts streams of Service `chat` for a minute.
  public static Fault fault(String name) {
    return new Fault(
        name,
        "chat",
        Fault.FaultKind.CUT,
        Optional.empty(),
        Optional.empty(),
        Percentage.of(20),
        500,
        Duration.ZERO,
        10,
        Fault.ProbeResult.READY,
        false,
        Instant.EPOCH,
        Instant.EPOCH.plusSeconds(60),
        "ann",
        "game day");
  }

  /// A webhook that is told everything.
  public static AlertChannel alertChannel(String name, String url) {
    return alertChannel(name, AlertChannelSpec.ChannelType.WEBHOOK, url, Severity.INFO);
  }

  public static AlertChannel alertChannel(
      String name, AlertChannelSpec.ChannelType type, String url, Severity least) {
    return new AlertChannel(
        Metadata.of("", name),
        new AlertChannelSpec(
            type,
            Optional.of(URI.create(url)),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            least,
            true,
            Optional.empty()),
        new NoStatus());
  }

  /// A policy for all namespaces.
  public static Policy policy(String name, List<Freeze> freeze, int perTarget, int total) {
    return new Policy(
        Metadata.of("", name),
        new PolicySpec(
            List.of(), freeze, new ConcurrentRollouts(perTarget, total, Duration.ofHours(1))),
        new NoStatus());
  }

  public static Target target(String name, String... allowedCommands) {
    return target(name, ProviderType.PROCESS, allowedCommands);
  }

  public static Target target(String name, ProviderType provider, String... allowedCommands) {
    return new Target(
        Metadata.of("", name),
        new TargetSpec(
            provider,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            List.of(allowedCommands)),
        new NoStatus());
  }

  /// A process target with so many accelerators of each type.
  public static Target target(String name, Map<String, Integer> capacity) {
    return new Target(
        Metadata.of("", name),
        new TargetSpec(
            ProviderType.PROCESS,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            capacity,
            List.of()),
        new NoStatus());
  }

  /// A route to one service.
  public static Route route(String model, String service) {
    return new Route(
        named(model),
        new RouteSpec(model, List.of(new RouteSpec.Backend(service, 1))),
        new NoStatus());
  }

  public static Principal principal(String name) {
    return new Principal(
        Metadata.of("", name),
        new PrincipalSpec(
            PrincipalSpec.PrincipalType.USER, Optional.empty(), Optional.empty(), false),
        new NoStatus());
  }

  public static RoleBinding roleBinding(String name, String principal, RoleBindingSpec.Role role) {
    return new RoleBinding(
        named(name), new RoleBindingSpec(principal, role, false), new NoStatus());
  }

  public static ApiKey apiKey(String name, String principal) {
    return apiKey(name, principal, DIGEST);
  }

  public static ApiKey apiKey(String name, String principal, String hash) {
    return new ApiKey(
        named(name),
        new ApiKeySpec(principal, hash, "", Optional.empty(), List.of(), false, false),
        new NoStatus());
  }
}
