// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.model.ModelVersion;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Rollout;
import dev.weir.model.Route;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.codec.References;
import dev.weir.model.codec.References.Reference;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.ExternalEndpoints;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.spec.RouteSpec;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.TargetSettings.ExternalTarget;
import dev.weir.model.spec.TargetSettings.ProcessTarget;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The rules between one resource and all others: each resource that a spec refers to exists
/// ([References]), and some kinds have more rules. Rules for a single resource are checked when its
/// manifest is read.
public final class CrossReferences {
  private CrossReferences() {}

  /// All problems of the applied resource.
  ///
  /// @param view the resources as they would be with it
  public static List<Problem> check(Resource resource, ResourceLookup view) {
    return switch (resource) {
      case Service service -> checkService(service, view);
      case Route route -> checkRoute(route, view);
      case RoleBinding binding -> checkBinding(binding, view);
      case Rollout rollout ->
          List.of(
              new Problem(
                  "kind",
                  Kind.ROLLOUT.text(),
                  "Weir creates rollouts when the version of a Service changes; cannot apply "
                      + rollout.metadata().name()));
      case Resource other -> missing(References.of(other), view);
    };
  }

  /// The references to resources that do not exist.
  private static List<Problem> missing(List<Reference> references, ResourceLookup view) {
    return references.stream()
        .filter(reference -> view.get(reference.ref()).isEmpty())
        .map(reference -> missing(reference.path(), reference.ref().name(), reference.ref()))
        .toList();
  }

  private static List<Problem> checkBinding(RoleBinding binding, ResourceLookup view) {
    List<Problem> problems = new ArrayList<>(missing(References.of(binding), view));
    if (binding.spec().role() == Role.GATEWAY && !binding.spec().allNamespaces()) {
      problems.add(
          new Problem(
              "spec.allNamespaces",
              "false",
              "must be true for role gateway: a gateway serves all namespaces, so it cannot"
                  + " connect with a binding for one"));
    }
    return problems;
  }

  private static List<Problem> checkService(Service service, ResourceLookup view) {
    var problems = new ArrayList<Problem>();
    String namespace = service.metadata().namespace();
    ResourceRef ref =
        ResourceRef.of(Kind.MODEL_VERSION, namespace, service.spec().version().resourceName());
    Optional<ModelVersion> version =
        view.get(ref)
            .map(ModelVersion.class::cast)
            .filter(found -> found.spec().matches(service.spec().version()));
    if (version.isEmpty()) {
      problems.add(missing("spec.version", service.spec().version().toString(), ref));
    }
    for (int i = 0; i < service.spec().placements().size(); i++) {
      String path = "spec.placements[" + i + "]";
      problems.addAll(checkPlacement(path, service, i, version, view));
    }
    problems.addAll(AnalysisLimits.check(service));
    problems.addAll(JudgeRules.check(service, view));
    problems.addAll(ReleaseOrder.check(service, view));
    problems.addAll(StrategyRules.check(service, version, view));
    problems.addAll(
        taken("metadata.name", service.metadata().name(), service.ref(), view).stream().toList());
    return problems;
  }

  private static List<Problem> checkPlacement(
      String path,
      Service service,
      int index,
      Optional<ModelVersion> version,
      ResourceLookup view) {
    Placement placement = service.spec().placements().get(index);
    Optional<Target> target = view.target(placement.target());
    if (target.isEmpty()) {
      return missing(References.in(path, placement, service.metadata().namespace()), view);
    }
    return switch (target.get().spec().settings()) {
      case ExternalTarget settings -> checkExternal(path, service, placement, settings, view);
      case ProcessTarget settings -> checkProcess(path, placement, settings, version);
    };
  }

  /// The version may have its endpoints in another placement.
  private static List<Problem> checkExternal(
      String path,
      Service service,
      Placement placement,
      ExternalTarget settings,
      ResourceLookup view) {
    var problems = new ArrayList<Problem>();
    VersionRef version = service.spec().version();
    boolean elsewhere =
        service.spec().placements().stream().anyMatch(p -> p.endpoints().containsKey(version));
    if (!elsewhere) {
      problems.add(
          new Problem(
              path + ".endpoints",
              "",
              "target "
                  + placement.target()
                  + " is external: set at least one URL for "
                  + version));
    }
    problems.addAll(SharedEndpoints.check(path, service, placement, view));
    if (settings.tls().serverName().isEmpty()) {
      problems.addAll(checkNameless(path, placement));
    }
    return problems;
  }

  /// Weir calls a looked-up name by its addresses, which certificates do not contain.
  private static List<Problem> checkNameless(String path, Placement placement) {
    return placement.endpoints().values().stream()
        .flatMap(List::stream)
        .filter(entry ->
            ExternalEndpoints.isDnsName(entry)
                && ExternalEndpoints.urlScheme(entry).equals("https"))
        .map(entry ->
            new Problem(
                path + ".endpoints",
                entry.toString(),
                "Weir calls its addresses directly, so it needs the name in the server's"
                    + " certificate: set spec.tls.serverName of target "
                    + placement.target()
                    + ", for example to "
                    + entry.getHost()))
        .toList();
  }

  private static List<Problem> checkProcess(
      String path, Placement placement, ProcessTarget settings, Optional<ModelVersion> version) {
    var problems = new ArrayList<Problem>();
    if (!placement.endpoints().isEmpty()) {
      problems.add(
          new Problem(
              path + ".endpoints",
              "",
              "target "
                  + placement.target()
                  + " starts its replicas itself; endpoints are only for a target with provider "
                  + providersOfEndpoints()));
    }
    version
        .flatMap(v -> unrunnable(path, v, placement.target(), settings))
        .ifPresent(problems::add);
    return problems;
  }

  private static String providersOfEndpoints() {
    return Stream.of(ProviderType.values())
        .filter(type -> type.traits().placesFromEndpoints())
        .map(ProviderType::text)
        .collect(Collectors.joining(" or "));
  }

  /// The reason why the version cannot run on the process target; empty if it can.
  private static Optional<Problem> unrunnable(
      String path, ModelVersion version, String target, ProcessTarget settings) {
    EngineSpec engine = version.spec().engine();
    if (engine.command().isEmpty()) {
      return engine.type().simulated()
          ? Optional.empty()
          : Optional.of(
              new Problem(
                  path + ".target",
                  target,
                  version.spec().ref()
                      + " has no engine.command, which a target with provider process needs"));
    }
    String program = engine.command().getFirst();
    if (settings.allowedCommands().contains(program)) {
      return Optional.empty();
    }
    return Optional.of(
        new Problem(
            path + ".target",
            target,
            version.spec().ref()
                + " runs "
                + program
                + ", which is not among the target's allowedCommands "
                + settings.allowedCommands()
                + "; an administrator may add it"));
  }

  private static List<Problem> checkRoute(Route route, ResourceLookup view) {
    var problems = new ArrayList<Problem>(missing(References.of(route), view));
    RouteSpec spec = route.spec();
    taken("spec.model", spec.model(), route.ref(), view).ifPresent(problems::add);
    for (int i = 0; i < spec.aliases().size(); i++) {
      taken("spec.aliases[" + i + "]", spec.aliases().get(i), route.ref(), view)
          .ifPresent(problems::add);
    }
    return problems;
  }

  /// Public model names, including the names of Services, are unique across namespaces. The problem
  /// contains only the kind of the other resource, because the caller may not read its namespace.
  private static Optional<Problem> taken(
      String path, String publicName, ResourceRef self, ResourceLookup view) {
    boolean byService =
        view.list(Kind.SERVICE, "").stream()
            .anyMatch(s -> !s.ref().equals(self) && s.metadata().name().equals(publicName));
    boolean byRoute =
        view.list(Kind.ROUTE, "").stream()
            .filter(r -> !r.ref().equals(self))
            .anyMatch(r -> ((Route) r).spec().names().contains(publicName));
    if (!byService && !byRoute) {
      return Optional.empty();
    }
    return Optional.of(
        new Problem(
            path,
            publicName,
            "the public model name is taken by another "
                + (byService ? Kind.SERVICE : Kind.ROUTE).text()
                + " (names are unique across namespaces); choose another"));
  }

  private static Problem missing(String path, String value, ResourceRef ref) {
    return new Problem(
        path, value, "there is no " + ref + "; create it first, or apply both together");
  }
}
