// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import dev.weir.model.engine.BuiltInEngines;
import dev.weir.model.notation.FieldPath;
import dev.weir.model.spec.AlertChannelSpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.ExternalEndpoints;
import dev.weir.model.spec.PolicySpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.AnalysisSpec;
import dev.weir.model.spec.ReleaseSpec.MetricSpec;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.spec.RouteSpec;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.Fault;
import dev.weir.model.status.Fault.FaultKind;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.model.value.Problem;
import dev.weir.model.value.SecretDetector;
import dev.weir.model.view.FaultRequest;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Constraints between the fields of one record.
final class RecordRules {
  private static final String QUALITY = "quality";

  private static final int MAX_PROMPTS = 65_536;

  private RecordRules() {}

  static void check(String path, Record record, Consumer<Problem> problems) {
    switch (record) {
      case EngineSpec engine -> engine(path, engine, problems);
      case ServiceSpec service -> service(path, service, problems);
      case ServiceSpec.Placement placement -> placement(path, placement, problems);
      case RouteSpec route -> route(path, route, problems);
      case RouteSpec.Rule rule -> rule(path, rule, problems);
      case ReleaseSpec release -> ReleaseRules.release(path, release, problems);
      case ReleaseSpec.Step step -> ReleaseRules.step(path, step, problems);
      case ReleaseSpec.RampSpec ramp -> ReleaseRules.ramp(path, ramp, problems);
      case ReleaseSpec.Match match -> ReleaseRules.match(path, match, problems);
      case AnalysisSpec analysis -> analysis(path, analysis, problems);
      case MetricSpec metric -> metric(path, metric, problems);
      case GeneratedTraffic traffic -> generated(path, traffic, problems);
      case TargetSpec target -> target(path, target, problems);
      case RolloutSpec rollout -> rollout(path, rollout, problems);
      case FaultRequest fault -> fault(path, fault, problems);
      case AlertChannelSpec channel -> ChannelRules.check(path, channel, problems);
      case PolicySpec policy -> PolicyRules.names(path, policy, problems);
      case PolicySpec.Freeze freeze -> PolicyRules.freeze(path, freeze, problems);
      case PolicySpec.Weekly weekly -> PolicyRules.weekly(path, weekly, problems);
      // Other records have no constraints between fields.
      default -> {}
    }
  }

  private static void service(String path, ServiceSpec service, Consumer<Problem> problems) {
    distinct(
        FieldPath.child(path, "placements"),
        service.placements().stream().map(ServiceSpec.Placement::target).toList(),
        "target",
        problems);
    boolean asksAgain =
        service
            .release()
            .traffic()
            .filter(traffic -> traffic.source() == GeneratedTraffic.Source.RECORDED)
            .isPresent();
    if (asksAgain && service.traffic().recording().isEmpty()) {
      String release = FieldPath.child(path, "release");
      problems.accept(
          FieldRule.problem(
              FieldPath.child(FieldPath.child(release, "traffic"), "source"),
              GeneratedTraffic.Source.RECORDED.text(),
              "needs spec.traffic.recording: without it there are no requests to replay"));
    }
  }

  private static void engine(String path, EngineSpec engine, Consumer<Problem> problems) {
    if (engine.type().simulated() && !engine.command().isEmpty()) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "command"),
              String.join(" ", engine.command()),
              "must be left out for type sim: Weir includes that engine; use args"));
    }
    new TreeMap<>(engine.env())
        .forEach((name, value) ->
            variable(FieldPath.child(FieldPath.child(path, "env"), name), name, value, problems));
    options(FieldPath.child(path, "command"), engine.command(), problems);
    options(FieldPath.child(path, "args"), engine.args(), problems);
    described(path, engine, problems);
  }

  private static void described(String path, EngineSpec engine, Consumer<Problem> problems) {
    String type = engine.type().text();
    if (engine.profile().isEmpty() && !BuiltInEngines.names().contains(type)) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "type"),
              type,
              "is not a built-in engine: write one of "
                  + String.join(", ", BuiltInEngines.names())
                  + ", or describe the engine in engine.profile ({} for the defaults)"));
    }
  }

  private static void variable(String path, String name, String value, Consumer<Problem> problems) {
    boolean secret =
        SecretDetector.isSecretName(name) && !value.isBlank() && !SecretDetector.isReference(value);
    if (secret || SecretDetector.inUrl(value)) {
      problems.accept(
          FieldRule.problem(
              path,
              value,
              "looks like a secret, which Weir does not store: write env:NAME (a variable of"
                  + " Weir's own"
                  + " environment) or file:PATH, which is read when the engine starts"));
    }
  }

  /// Every user of the machine can read a command line.
  private static void options(String path, List<String> words, Consumer<Problem> problems) {
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      int end = word.indexOf('=');
      boolean option =
          word.startsWith("-")
              && SecretDetector.isSecretName(end < 0 ? word : word.substring(0, end));
      boolean follows = i + 1 < words.size() && !words.get(i + 1).startsWith("-");
      if (SecretDetector.inUrl(word) || (option && (end > 0 || follows))) {
        problems.accept(
            FieldRule.problem(
                FieldPath.item(path, i),
                option && end > 0 ? word.substring(0, end) : word,
                "looks like a secret on a command line, which every user of the machine can read:"
                    + " pass it"
                    + " to the engine by a variable under env, as env:NAME or file:PATH"));
      }
    }
  }

  private static void route(String path, RouteSpec route, Consumer<Problem> problems) {
    backends(FieldPath.child(path, "backends"), route.backends(), problems);
    List<String> names = new ArrayList<>(List.of(route.model()));
    names.addAll(route.aliases());
    for (int i = 0; i < route.aliases().size(); i++) {
      if (names.indexOf(route.aliases().get(i)) <= i) {
        problems.accept(
            FieldRule.problem(
                FieldPath.item(FieldPath.child(path, "aliases"), i),
                route.aliases().get(i),
                "is already a name of this route"));
      }
    }
    fallbacks(FieldPath.child(path, "fallbacks"), route, problems);
    route
        .mirror()
        .ifPresent(mirror -> mirror(FieldPath.child(path, "mirror"), route, mirror, problems));
  }

  /// A request never reaches a Service twice, so a fallback to the only Service of the route has no
  /// effect.
  private static void fallbacks(String path, RouteSpec route, Consumer<Problem> problems) {
    List<String> names = route.fallbacks().stream().map(RouteSpec.Fallback::service).toList();
    distinct(path, names, "service", problems);
    for (int i = 0; i < names.size(); i++) {
      if (chosenFirst(route).equals(Set.of(names.get(i)))) {
        problems.accept(
            FieldRule.problem(
                FieldPath.child(FieldPath.item(path, i), "service"),
                names.get(i),
                "is already the only Service of the route: name another Service"));
      }
    }
  }

  private static void mirror(
      String path, RouteSpec route, RouteSpec.Mirror mirror, Consumer<Problem> problems) {
    if (chosenFirst(route).contains(mirror.service())) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "service"),
              mirror.service(),
              "already serves requests of this route: mirror to another Service"));
    }
  }

  private static Set<String> chosenFirst(RouteSpec route) {
    return Stream.concat(
            route.backends().stream(),
            route.rules().stream().flatMap(rule -> rule.backends().stream()))
        .filter(backend -> backend.weight() > 0)
        .map(RouteSpec.Backend::service)
        .collect(Collectors.toSet());
  }

  private static void rule(String path, RouteSpec.Rule rule, Consumer<Problem> problems) {
    backends(FieldPath.child(path, "backends"), rule.backends(), problems);
    if (rule.headers().isEmpty() && rule.tenants().isEmpty()) {
      problems.accept(
          FieldRule.problem(
              path,
              "",
              "matches every request: set headers or tenants, or remove it and use"
                  + " spec.backends"));
    }
  }

  private static void backends(
      String path, List<RouteSpec.Backend> backends, Consumer<Problem> problems) {
    distinct(path, backends.stream().map(RouteSpec.Backend::service).toList(), "service", problems);
    if (!backends.isEmpty() && backends.stream().allMatch(b -> b.weight() == 0)) {
      problems.accept(
          FieldRule.problem(path, "every weight 0", "at least one backend needs a weight above 0"));
    }
  }

  private static void distinct(
      String path, List<String> names, String field, Consumer<Problem> problems) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      if (!seen.add(names.get(i))) {
        problems.accept(
            FieldRule.problem(
                FieldPath.child(FieldPath.item(path, i), field),
                names.get(i),
                "appears twice: keep one entry for each " + field));
      }
    }
  }

  private static void analysis(String path, AnalysisSpec analysis, Consumer<Problem> problems) {
    if (analysis.maxStepDuration().compareTo(analysis.minStepDuration()) < 0) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "maxStepDuration"),
              analysis.maxStepDuration(),
              "must be at least minStepDuration"));
    }
    double weights =
        analysis.metrics().values().stream()
            .mapToDouble(metric -> metric.weight().orElse(0.0))
            .sum();
    if (weights > 1 + 1e-9) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "metrics"),
              "weights that add up to " + weights,
              "must add up to at most 1: weights are shares of alpha"));
    }
    if (analysis.metrics().containsKey(QUALITY) && analysis.grading().isEmpty()) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(FieldPath.child(path, "metrics"), QUALITY),
              "",
              "needs analysis.grading: without a judge, responses have no grade"));
    }
  }

  /// Limits the total size, because every gateway receives all prompts.
  private static void generated(String path, GeneratedTraffic traffic, Consumer<Problem> problems) {
    if (traffic.source() == GeneratedTraffic.Source.RECORDED && !traffic.prompts().isEmpty()) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "prompts"),
              traffic.prompts().size() + " prompts",
              "must be left out for source recorded, which sends the recorded requests"));
    }
    int characters = traffic.prompts().stream().mapToInt(String::length).sum();
    if (characters > MAX_PROMPTS) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "prompts"),
              characters + " characters",
              "must be at most %d characters in total: remove some".formatted(MAX_PROMPTS)));
    }
  }

  private static void metric(String path, MetricSpec metric, Consumer<Problem> problems) {
    if (metric.tolerance().isPresent()
        && metric.margin().isPresent()
        && metric.margin().get().compareTo(metric.tolerance().get()) < 0) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "margin"),
              metric.margin().get(),
              "must be at least the tolerance, which is "
                  + metric.tolerance().get()
                  + ". Raise the margin, or lower the tolerance"));
    }
  }

  /// Rejects fields of other providers, which would otherwise be ignored silently.
  private static void target(String path, TargetSpec target, Consumer<Problem> problems) {
    Map<String, Object> own = target.settings().given();
    for (ProviderType other : ProviderType.values()) {
      target
          .settings(other)
          .given()
          .forEach((field, value) -> {
            if (!own.containsKey(field)) {
              problems.accept(
                  FieldRule.problem(
                      FieldPath.child(path, field),
                      value,
                      "must be left out for provider %s: it applies only to provider %s"
                          .formatted(target.provider().text(), other.text())));
            }
          });
    }
  }

  /// One endpoint is one replica of a version.
  private static void placement(
      String path, ServiceSpec.Placement placement, Consumer<Problem> problems) {
    new TreeMap<>(placement.endpoints())
        .forEach((version, urls) -> {
          String list = FieldPath.child(FieldPath.child(path, "endpoints"), version.toString());
          Set<URI> seen = new HashSet<>();
          for (int i = 0; i < urls.size(); i++) {
            if (!seen.add(ExternalEndpoints.canonical(urls.get(i)))) {
              problems.accept(
                  FieldRule.problem(
                      FieldPath.item(list, i),
                      urls.get(i),
                      "appears twice: list each endpoint once"));
            }
          }
        });
  }

  private static void rollout(String path, RolloutSpec rollout, Consumer<Problem> problems) {
    if (rollout.from().equals(rollout.to())) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "to"), rollout.to(), "must be another version than from"));
    }
  }

  /// Rejects fields of another kind, which would otherwise be ignored silently.
  private static void fault(String path, FaultRequest fault, Consumer<Problem> problems) {
    Set<FaultKind> inStreams = Set.of(FaultKind.STALL, FaultKind.CUT);
    only(path, "status", fault.status(), fault, Set.of(FaultKind.ERROR), problems);
    only(path, "delay", fault.delay(), fault, Set.of(FaultKind.DELAY), problems);
    only(path, "after", fault.after(), fault, inStreams, problems);
    only(path, "probeResult", fault.probeResult(), fault, Set.of(FaultKind.HEALTH), problems);
    if (fault.share().isPresent()
        && fault.probeResult().filter(Fault.ProbeResult.UNREADY::equals).isPresent()) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "share"),
              fault.share().get(),
              "must be left out: an unready probe affects the whole replica, not single attempts"));
    }
  }

  private static void only(
      String path,
      String field,
      Optional<?> value,
      FaultRequest fault,
      Set<FaultKind> kinds,
      Consumer<Problem> problems) {
    if (value.isPresent() && !kinds.contains(fault.kind())) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, field),
              value.get(),
              "must be left out: it is for kind "
                  + kinds.stream().map(FaultKind::text).sorted().collect(Collectors.joining(", "))
                  + ", not "
                  + fault.kind().text()));
    }
  }
}
