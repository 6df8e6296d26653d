// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.engine.BuiltInEngines;
import dev.weir.model.engine.EngineApi;
import dev.weir.model.engine.EngineLoadMetric;
import dev.weir.model.engine.EngineMetric;
import dev.weir.model.engine.EngineProfileSpec;
import dev.weir.model.engine.ErrorPatterns;
import dev.weir.model.engine.ResumeMethod;
import dev.weir.model.spec.AlertChannelSpec;
import dev.weir.model.spec.AlertChannelSpec.ChannelType;
import dev.weir.model.spec.AlertChannelSpec.SmtpSpec;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.spec.ApiKeySpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.GradingSpec;
import dev.weir.model.spec.ModelSpec;
import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.spec.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.spec.ModelVersionSpec.LineageSpec;
import dev.weir.model.spec.ModelVersionSpec.SourceSpec;
import dev.weir.model.spec.PolicySpec;
import dev.weir.model.spec.PrincipalSpec;
import dev.weir.model.spec.RecordingSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.AnalysisSpec;
import dev.weir.model.spec.ReleaseSpec.Dispersion;
import dev.weir.model.spec.ReleaseSpec.ExternalMetric;
import dev.weir.model.spec.ReleaseSpec.Match;
import dev.weir.model.spec.ReleaseSpec.MetricAction;
import dev.weir.model.spec.ReleaseSpec.MetricSpec;
import dev.weir.model.spec.ReleaseSpec.OnInconclusive;
import dev.weir.model.spec.ReleaseSpec.PrometheusQuery;
import dev.weir.model.spec.ReleaseSpec.Step;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.spec.RoleBindingSpec;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.spec.RouteSpec;
import dev.weir.model.spec.RouteSpec.Cause;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.ServiceSpec.Breaker;
import dev.weir.model.spec.ServiceSpec.Concurrency;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.ServiceSpec.ResumeFrom;
import dev.weir.model.spec.ServiceSpec.Retries;
import dev.weir.model.spec.ServiceSpec.TenantLimits;
import dev.weir.model.spec.ServiceSpec.Timeouts;
import dev.weir.model.spec.ServiceSpec.TrafficSpec;
import dev.weir.model.spec.SloSpec;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.Fault;
import dev.weir.model.status.ModelVersionStatus;
import dev.weir.model.status.NoStatus;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Priority;
import dev.weir.model.value.Quantity;
import dev.weir.model.value.Severity;
import dev.weir.model.value.VersionRef;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Valid resources without end, the same for the same seed: every field varies, texts hold what
/// trips writers up (quotes, colons, words that look like numbers, letters beyond ASCII).
public final class RandomResources {
  private static final List<String> TRICKY =
      List.of(
          "no",
          "Yes",
          "on",
          "2",
          "1.10",
          "0x1F",
          "1e3",
          "true",
          "null",
          "~",
          "- a",
          "a: b",
          "a #b",
          "#x",
          "{a}",
          "[b]",
          "&x",
          "*y",
          "!t",
          "|",
          ">",
          "%",
          "@at",
          "`",
          "'",
          "\"",
          "\\",
          " lead",
          "trail ",
          "2026-01-01",
          "1:30",
          "1_000",
          "Zürich",
          "模型",
          "😀",
          "a\tb",
          "=",
          "<<",
          ".inf",
          "10s",
          "20%",
          "80Gi",
          "a b c",
          "x:y",
          "end:",
          "?q",
          "-",
          "---",
          "...",
          "\u00a0",
          "\u2028");

  private final RandomGenerator random;

  public RandomResources(RandomGenerator random) {
    this.random = random;
  }

  public Resource any() {
    return of(pick(List.of(Kind.values())));
  }

  public Resource of(Kind kind) {
    return switch (kind) {
      case MODEL -> new Model(metadata(kind, name()), modelSpec(), new NoStatus());
      case MODEL_VERSION -> modelVersion();
      case SERVICE -> new Service(metadata(kind, name()), serviceSpec(), serviceStatus());
      case ROLLOUT -> new Rollout(metadata(kind, name()), rolloutSpec(), rolloutStatus());
      case TARGET -> new Target(metadata(kind, name()), targetSpec(), new NoStatus());
      case ROUTE -> new Route(metadata(kind, name()), routeSpec(), new NoStatus());
      case PRINCIPAL -> new Principal(metadata(kind, name()), principalSpec(), new NoStatus());
      case ROLE_BINDING -> new RoleBinding(metadata(kind, name()), binding(), new NoStatus());
      case API_KEY -> new ApiKey(metadata(kind, name()), apiKeySpec(), new NoStatus());
      case ALERT_CHANNEL -> new AlertChannel(metadata(kind, name()), channelSpec(), new NoStatus());
      case POLICY -> new Policy(metadata(kind, name()), policySpec(), new NoStatus());
    };
  }

  private Metadata metadata(Kind kind, String name) {
    return new Metadata(
        kind.namespaced() ? name() : "",
        name,
        texts(this::text),
        texts(this::paragraph),
        random.nextInt(3) == 0 ? 0 : random.nextLong(1L << 53),
        random.nextLong(1000),
        maybe(this::instant));
  }

  private ModelSpec modelSpec() {
    return new ModelSpec(
        text(),
        maybe(this::text),
        maybe(this::text),
        maybe(this::text),
        maybe(this::paragraph),
        list(0, 3, this::text));
  }

  private ModelVersion modelVersion() {
    String model = name();
    String version = label(8);
    ModelVersionSpec spec =
        new ModelVersionSpec(
            model,
            version,
            maybe(this::text),
            maybe(() -> new SourceSpec("hf://acme/" + model + "@3f2c1d0", maybe(this::digest))),
            engine(),
            maybe(() -> new AcceleratorSpec(text(), 1 + random.nextInt(8), maybe(this::quantity))),
            duration(Duration.ofHours(24)),
            new LineageSpec(maybe(this::text), maybe(this::text), maybe(this::text)));
    return new ModelVersion(
        metadata(Kind.MODEL_VERSION, model + "-" + version),
        spec,
        new ModelVersionStatus(pick(List.of(ModelVersionStatus.Stage.values()))));
  }

  private EngineSpec engine() {
    boolean builtIn = random.nextBoolean();
    EngineType type =
        new EngineType(
            builtIn ? pick(List.copyOf(BuiltInEngines.names())) : "own-" + random.nextInt(100));
    return new EngineSpec(
        type,
        type.simulated() ? List.of() : list(0, 4, this::paragraph),
        list(0, 4, this::paragraph),
        maybe(this::text),
        random.nextBoolean() ? Map.of() : Map.of("HF_HOME", text(), "TOKEN", "env:HF_TOKEN"),
        builtIn ? maybe(this::engineProfile) : Optional.of(engineProfile()));
  }

  private EngineProfileSpec engineProfile() {
    return new EngineProfileSpec(
        maybe(() ->
            List.of(
                EngineApi.COMPLETIONS, pick(List.of(EngineApi.SCORE, EngineApi.CHAT_COMPLETIONS)))),
        maybe(() -> List.of(pick(List.of(ResumeMethod.values())))),
        maybe(() -> random.nextInt(1_000)),
        maybe(() -> new ErrorPatterns(list(0, 3, this::text), List.of("too many tokens"))),
        maybe(() -> "/health" + random.nextInt(10)),
        maybe(random::nextBoolean),
        maybe(() -> list(0, 3, () -> "/version/v" + random.nextInt(10))),
        maybe(this::text),
        maybe(() -> pick(List.of("", "/sleeping"))),
        maybe(this::text),
        maybe(() -> pick(List.of(GeneratedTraffic.ProbeApi.values()))),
        maybe(() -> pick(List.of("", "/models/loaded"))),
        maybe(() -> "/own/metrics"),
        random.nextBoolean()
            ? Map.of()
            : Map.of(pick(List.of(EngineLoadMetric.values())), list(1, 3, this::engineMetric)),
        maybe(() -> list(0, 3, () -> "rank_" + random.nextInt(10))),
        maybe(this::text));
  }

  private EngineMetric engineMetric() {
    return new EngineMetric(
        "own:figure_" + random.nextInt(100),
        random.nextBoolean() ? Map.of() : Map.of("state", text()),
        maybe(() -> "0." + random.nextInt(20)),
        maybe(() -> "b" + random.nextInt(9_999)));
  }

  private ServiceSpec serviceSpec() {
    ReleaseSpec release = releaseSpec();
    boolean again =
        release.traffic().filter(t -> t.source() == GeneratedTraffic.Source.RECORDED).isPresent();
    TrafficSpec traffic =
        again ? trafficSpec().withRecording(Optional.of(recordingSpec())) : trafficSpec();
    return new ServiceSpec(
        ref(),
        placements(),
        release,
        traffic,
        sloSpec(),
        new ServiceSpec.LendSpec(random.nextInt(9), random.nextInt(-1000, 1001)));
  }

  private List<Placement> placements() {
    List<Placement> placements = new ArrayList<>();
    for (String target : new TreeSet<>(list(1, 3, this::name))) {
      Map<VersionRef, List<URI>> endpoints = new HashMap<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        endpoints.put(ref(), list(1, 3, this::url));
      }
      placements.add(new Placement(target, random.nextInt(1001), endpoints));
    }
    return placements;
  }

  public ReleaseSpec releaseSpec() {
    TreeSet<Double> weights = new TreeSet<>();
    for (int i = 1 + random.nextInt(5); i > 0; i--) {
      weights.add(random.nextBoolean() ? 1 + random.nextInt(99) : random.nextDouble(0.001, 99.9));
    }
    List<Step> steps = new ArrayList<>();
    boolean ramps = random.nextInt(4) == 0;
    if (random.nextBoolean()) {
      steps.add(matched());
    }
    weights.forEach(weight -> steps.add(step(weight, List.of())));
    return new ReleaseSpec(
        pick(List.of(Strategy.values())),
        ramps ? List.of() : steps,
        ramps ? maybe(this::rampSpec) : Optional.empty(),
        analysisSpec(),
        new ReleaseSpec.BakeSpec(duration(Duration.ofHours(2)), percentage(50)),
        new ReleaseSpec.BlueGreenSpec(
            list(0, 2, this::match),
            percentage(100),
            random.nextBoolean(),
            duration(Duration.ofHours(2))),
        new ReleaseSpec.RollingSpec(
            maybe(() -> 1 + random.nextInt(8)), random.nextInt(8), duration(Duration.ofHours(2))),
        new ReleaseSpec.ShadowSpec(Percentage.of(1 + random.nextInt(100)), random.nextBoolean()),
        duration(Duration.ofHours(48)),
        random.nextInt(51),
        list(0, 2, () -> random.nextBoolean() ? name() : name() + "/" + name()),
        maybe(this::generatedTraffic),
        pick(List.of(ReleaseSpec.Capacity.values())));
  }

  private ReleaseSpec.RampSpec rampSpec() {
    return new ReleaseSpec.RampSpec(
        List.of(1.0, 1 + random.nextDouble(20), 25.0),
        random.nextDouble(0.001, 99.9),
        Duration.ofSeconds(5 + random.nextInt(600)),
        random.nextDouble(0.001, 1_000));
  }

  private RecordingSpec recordingSpec() {
    return new RecordingSpec(
        Percentage.of(1 + random.nextInt(100)),
        1 + random.nextInt(10_000),
        duration(Duration.ofDays(90)),
        pick(List.of("env:KEY", "file:/etc/weir/recording.key")),
        list(0, 2, () -> new RecordingSpec.Redaction("[0-9]{3,}-" + name(), "[" + name() + "]")));
  }

  private GeneratedTraffic generatedTraffic() {
    GeneratedTraffic.Source source = pick(List.of(GeneratedTraffic.Source.values()));
    boolean probes = source == GeneratedTraffic.Source.PROBES;
    return new GeneratedTraffic(
        source,
        random.nextDouble(0.001, 50),
        pick(List.of(GeneratedTraffic.ProbeApi.values())),
        probes ? list(0, 3, () -> "Say " + name()) : List.of(),
        1 + random.nextInt(4_096));
  }

  private Step matched() {
    return step(1 + random.nextInt(99), List.of(match()));
  }

  private Step step(double weight, List<Match> match) {
    boolean analysis = random.nextBoolean();
    return new Step(
        weight,
        match,
        analysis,
        analysis ? maybe(() -> duration(Duration.ofHours(2))) : Optional.of(Duration.ofMinutes(1)),
        random.nextBoolean(),
        random.nextBoolean()
            ? Map.of()
            : Map.of(
                "ttft",
                new ReleaseSpec.StepMetric(
                    maybe(() -> percentage(10_000)), maybe(random::nextBoolean))));
  }

  private Match match() {
    return new Match(Map.of("x-" + name(), label(8)), list(0, 2, this::name));
  }

  private AnalysisSpec analysisSpec() {
    Duration least = duration(Duration.ofDays(7));
    Map<String, MetricSpec> metrics = new HashMap<>();
    for (String metric : List.of("error", "truncated", "ttft", "length_up")) {
      if (random.nextBoolean()) {
        metrics.put(metric, metricSpec());
      }
    }
    return new AnalysisSpec(
        random.nextDouble(1e-9, 0.99),
        random.nextDouble(1e-9, 0.99),
        least,
        least.plusMillis(random.nextInt(1_000_000)),
        pick(List.of(OnInconclusive.values())),
        random.nextBoolean()
            ? new Dispersion.Auto()
            : new Dispersion.Fixed(1 + random.nextDouble(50)),
        metrics,
        list(0, 2, this::externalMetric),
        maybe(this::gradingSpec),
        Optional.empty(),
        maybe(() -> duration(Duration.ofDays(30))));
  }

  private GradingSpec gradingSpec() {
    return new GradingSpec(
        name(),
        Percentage.of(1 + random.nextInt(100)),
        random.nextBoolean() ? "" : "Kind " + name() + ".",
        duration(Duration.ofMinutes(10)),
        1 + random.nextInt(4_096));
  }

  private ExternalMetric externalMetric() {
    return new ExternalMetric(
        name(),
        new PrometheusQuery(
            URI.create("http://prometheus.example:9090"),
            "sum(rate(errors_total[1m]))",
            maybe(() -> "env:TOKEN")),
        pick(List.of("< 0.05", ">=1", "!= -2.5")),
        duration(Duration.ofHours(24)),
        maybe(() -> 1 + random.nextInt(10)),
        random.nextInt(5),
        random.nextInt(5),
        random.nextInt(5),
        pick(List.of(MetricAction.values())),
        random.nextBoolean());
  }

  private MetricSpec metricSpec() {
    Percentage tolerance = percentage(5_000);
    return new MetricSpec(
        maybe(() -> random.nextDouble(0.001, 0.25)),
        maybe(() -> tolerance),
        maybe(() -> new Percentage(tolerance.percent().add(percentage(100).percent()))),
        maybe(random::nextBoolean),
        maybe(() -> pick(List.of(MetricAction.values()))),
        random.nextBoolean());
  }

  private TrafficSpec trafficSpec() {
    Duration day = Duration.ofHours(24);
    return new TrafficSpec(
        new Timeouts(duration(day), duration(day), duration(day), duration(day)),
        new Retries(percentage(99), 1 + random.nextInt(10)),
        new Breaker(
            1 + random.nextInt(1_000),
            duration(Duration.ofMinutes(5)),
            percentage(99),
            percentage(99)),
        1 + random.nextInt(1_000_000),
        random.nextBoolean(),
        maybe(() -> "x-session-" + label(4)),
        limits(),
        new TenantLimits(
            random.nextLong(1000),
            random.nextLong(1L << 36),
            random.nextInt(1000),
            random.nextBoolean() ? Map.of() : Map.of(name(), 1 + random.nextInt(1000))),
        new Concurrency(random.nextInt(1000), duration(Duration.ofHours(1))),
        random.nextInt(11),
        random.nextBoolean(),
        pick(List.of(ResumeFrom.values())),
        maybe(this::recordingSpec));
  }

  private Limits limits() {
    return random.nextBoolean()
        ? Limits.NONE
        : new Limits(random.nextLong(1000), random.nextLong(1L << 36), random.nextInt(1000));
  }

  private ServiceStatus serviceStatus() {
    return new ServiceStatus(
        maybe(() -> new StableVersion(ref(), random.nextLong(100))),
        maybe(this::name),
        list(0, 2, () -> new FailedRelease(ref(), label(8), name())),
        random.nextInt(100),
        orders(),
        list(0, 2, this::fault),
        paragraph());
  }

  private Fault fault() {
    Instant since = Instant.ofEpochSecond(random.nextInt(1 << 30));
    return new Fault(
        name(),
        name(),
        pick(List.of(Fault.FaultKind.values())),
        maybe(this::name),
        maybe(this::ref),
        Percentage.of(1 + random.nextInt(100)),
        500 + random.nextInt(100),
        duration(Duration.ofHours(1)),
        random.nextInt(100),
        pick(List.of(Fault.ProbeResult.values())),
        random.nextBoolean(),
        since,
        since.plusSeconds(random.nextInt(3600)),
        name(),
        paragraph());
  }

  private List<ReplicaOrder> orders() {
    OrderKind[] kinds = OrderKind.values();
    List<ReplicaOrder> orders = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      OrderKind kind = kinds[random.nextInt(kinds.length)];
      Instant since = Instant.ofEpochSecond(random.nextInt(1 << 30));
      orders.add(new ReplicaOrder("chat-1-" + i, kind, since, name(), paragraph(), label(8)));
    }
    return orders;
  }

  private RolloutSpec rolloutSpec() {
    String model = name();
    return new RolloutSpec(
        name(),
        new VersionRef(model, "1"),
        new VersionRef(model, "2"),
        random.nextLong(1000),
        label(16),
        label(16),
        releaseSpec(),
        duration(Duration.ofHours(24)),
        duration(Duration.ofHours(24)),
        new RolloutSpec.Scale(
            1 + random.nextInt(9),
            1 + random.nextInt(8),
            pick(List.of(RolloutSpec.Room.values())),
            list(0, 2, () -> new RolloutSpec.Loan(name() + "/" + name(), name(), 1))),
        maybe(random::nextBoolean));
  }

  private RolloutStatus rolloutStatus() {
    return new RolloutStatus(
        pick(List.of(RolloutPhase.values())),
        random.nextInt(-1, 5),
        random.nextDouble(100),
        maybe(this::instant),
        maybe(this::instant),
        maybe(this::instant),
        maybe(this::instant),
        maybe(() -> RolloutPhase.ABORTED),
        maybe(() -> RolloutPhase.PROGRESSING),
        list(0, 2, this::text),
        maybe(this::instant),
        maybe(this::instant),
        maybe(() ->
            new RolloutStatus.Overridden(name(), paragraph(), instant(), maybe(this::instant))),
        maybe(this::instant),
        maybe(this::instant),
        paragraph());
  }

  private TargetSpec targetSpec() {
    ProviderType provider = pick(List.of(ProviderType.values()));
    return new TargetSpec(
        provider,
        maybe(this::text),
        maybe(this::text),
        maybe(this::text),
        random.nextBoolean() ? Map.of() : Map.of("H100", random.nextInt(9), text(), 1),
        provider == ProviderType.EXTERNAL ? List.of() : list(0, 3, this::text),
        provider == ProviderType.EXTERNAL
            ? Optional.of(pick(List.of("env:KEY_A", "file:/run/keys/a")))
            : Optional.empty(),
        provider == ProviderType.EXTERNAL
            ? new TargetSpec.TlsSpec(Optional.of("/etc/ca.pem"), Optional.of(label(9) + ".example"))
            : TargetSpec.TlsSpec.NONE,
        maybe(() -> random.nextInt(1_000) / 100.0));
  }

  private AlertChannelSpec channelSpec() {
    ChannelType type = pick(List.of(ChannelType.values()));
    boolean email = type == ChannelType.EMAIL;
    boolean called = type == ChannelType.WEBHOOK || type == ChannelType.ALERTMANAGER;
    boolean secret = type == ChannelType.SLACK || type == ChannelType.PAGERDUTY || email;
    return new AlertChannelSpec(
        type,
        called
            ? Optional.of(URI.create("https://" + label(9) + ".example/hook"))
            : Optional.empty(),
        secret ? Optional.of(pick(List.of("env:KEY_A", "file:/run/keys/a"))) : Optional.empty(),
        list(0, 3, () -> pick(List.of(AlertEvent.values()))),
        list(0, 2, this::name),
        list(0, 2, this::name),
        pick(List.of(Severity.values())),
        random.nextBoolean(),
        email
            ? Optional.of(
                new SmtpSpec(
                    label(9) + ".example",
                    1 + random.nextInt(65_000),
                    "weir@example.com",
                    list(1, 3, () -> label(9) + "@example.com"),
                    Optional.of(text()),
                    true))
            : Optional.empty());
  }

  private SloSpec sloSpec() {
    return new SloSpec(
        Percentage.of(50 + random.nextInt(50)),
        maybe(() -> new SloSpec.LatencyObjective(Duration.ofMillis(1 + random.nextInt(60_000)))));
  }

  private PolicySpec policySpec() {
    return new PolicySpec(
        list(0, 2, this::name),
        list(0, 3, this::freeze),
        new PolicySpec.ConcurrentRollouts(
            random.nextInt(4), random.nextInt(9), Duration.ofMinutes(1 + random.nextInt(99))));
  }

  private PolicySpec.Freeze freeze() {
    boolean weekly = random.nextBoolean();
    Instant from = instant();
    return new PolicySpec.Freeze(
        label(12),
        weekly
            ? Optional.of(
                new PolicySpec.Weekly(
                    List.of(pick(List.of(PolicySpec.Weekday.values()))),
                    "%02d:30".formatted(random.nextInt(24)),
                    pick(List.of("24:00", "06:15")),
                    pick(List.of("UTC", "Europe/Berlin"))))
            : Optional.empty(),
        weekly ? Optional.empty() : Optional.of(from),
        weekly ? Optional.empty() : Optional.of(from.plusSeconds(60)),
        pick(List.of(PolicySpec.OnRunning.values())));
  }

  private RouteSpec routeSpec() {
    List<String> services = List.copyOf(new TreeSet<>(list(3, 6, () -> label(20))));
    String model = label(12);
    return new RouteSpec(
        model,
        List.copyOf(new TreeSet<>(list(0, 3, () -> model + label(6)))),
        list(0, 2, () -> new RouteSpec.Rule(Map.of(), list(1, 3, this::name), backends(services))),
        backends(services),
        services.stream()
            .map(service ->
                new RouteSpec.Fallback(service, list(1, 3, () -> pick(List.of(Cause.values())))))
            .toList(),
        maybe(() -> new RouteSpec.Mirror("m" + label(30), percentage(100))),
        new RouteSpec.Ceilings(
            maybe(() -> Duration.ofMillis(1 + random.nextInt(5_000))),
            maybe(() -> Duration.ofSeconds(1 + random.nextInt(60))),
            maybe(() -> Duration.ofSeconds(1 + random.nextInt(60))),
            maybe(() -> Duration.ofMinutes(1 + random.nextInt(60)))));
  }

  /// To more than one, so that each may also be a fallback.
  private List<RouteSpec.Backend> backends(List<String> services) {
    return services.stream()
        .map(service -> new RouteSpec.Backend(service, 1 + random.nextInt(1000)))
        .toList();
  }

  private PrincipalSpec principalSpec() {
    return new PrincipalSpec(
        pick(List.of(PrincipalSpec.PrincipalType.values())),
        maybe(this::text),
        maybe(() -> label(6) + "@example.com"),
        random.nextBoolean());
  }

  private RoleBindingSpec binding() {
    return new RoleBindingSpec(
        name(), pick(List.of(RoleBindingSpec.Role.values())), random.nextBoolean());
  }

  private ApiKeySpec apiKeySpec() {
    return new ApiKeySpec(
        name(),
        digest(),
        label(6),
        maybe(this::instant),
        list(0, 2, this::text),
        random.nextBoolean(),
        limits(),
        pick(List.of(Priority.values())),
        random.nextBoolean());
  }

  /// An RFC 1123 label.
  public String name() {
    return label(12);
  }

  private String label(int longest) {
    String letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    StringBuilder label = new StringBuilder();
    for (int i = 1 + random.nextInt(longest); i > 0; i--) {
      label.append(letters.charAt(random.nextInt(letters.length())));
    }
    return label.toString();
  }

  /// One line that is hard to write.
  private String text() {
    String text = random.nextInt(3) == 0 ? label(10) : pick(TRICKY) + pick(List.of("", "x", " y"));
    return text.replace("\t", "");
  }

  private String paragraph() {
    return text() + pick(List.of("", "\n", "\nsecond: line\n  third", "\t", "\r\n", " "));
  }

  private Map<String, String> texts(Supplier<String> value) {
    Map<String, String> texts = new HashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      texts.put(text(), value.get());
    }
    return texts;
  }

  private VersionRef ref() {
    return new VersionRef(name(), label(5));
  }

  private URI url() {
    return URI.create("http://10.0.0." + random.nextInt(256) + ":" + (1 + random.nextInt(65535)));
  }

  private String digest() {
    return "sha256:" + String.format("%064x", random.nextLong(Long.MAX_VALUE));
  }

  private Quantity quantity() {
    return new Quantity((1 + random.nextLong(1000)) << (10 * random.nextInt(4)));
  }

  private Percentage percentage(int whole) {
    int scale = random.nextInt(4);
    return new Percentage(
        BigDecimal.valueOf(random.nextLong(whole * (long) Math.pow(10, scale)), scale));
  }

  /// Longer than nothing, at most `most`, down to nanoseconds now and then.
  private Duration duration(Duration most) {
    long unit = pick(List.of(1L, 1_000L, 1_000_000L, 1_000_000_000L, 60_000_000_000L));
    return Duration.ofNanos(unit * (1 + random.nextLong(most.toNanos() / unit)));
  }

  private Instant instant() {
    return Instant.ofEpochSecond(
        random.nextLong(4_000_000_000L), random.nextBoolean() ? 0 : random.nextInt(1_000_000_000));
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private <T> Optional<T> maybe(Supplier<T> value) {
    return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
  }

  private <T> List<T> list(int least, int most, Supplier<T> item) {
    List<T> items = new ArrayList<>();
    for (int i = random.nextInt(least, most + 1); i > 0; i--) {
      items.add(item.get());
    }
    return items;
  }
}
