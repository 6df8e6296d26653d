// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.model.ModelVersion;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Service;
import dev.weir.model.codec.FieldChanges;
import dev.weir.model.codec.Manifests;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Problem;
import dev.weir.model.value.VersionRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// All rules for a set of resources that are applied together.
public final class Rules {
  private Rules() {}

  /// The problems of a set, in two classes with different HTTP statuses.
  ///
  /// @param invalid the resources are invalid
  /// @param conflicts the stored state forbids the change
  public record Findings(List<Problem> invalid, List<Problem> conflicts) {
    public Findings {
      invalid = List.copyOf(invalid);
      conflicts = List.copyOf(conflicts);
    }

    public boolean clean() {
      return invalid.isEmpty() && conflicts.isEmpty();
    }

    /// Both classes together, `invalid` first.
    public List<Problem> all() {
      var all = new ArrayList<>(invalid);
      all.addAll(conflicts);
      return all;
    }
  }

  /// Checks the set against the stored resources. References inside the set count as existing.
  public static Findings check(List<? extends Resource> set, ResourceLookup stored) {
    ResourceLookup view = stored.cached().with(set).cached();
    var invalid = new ArrayList<Problem>();
    var conflicts = new ArrayList<Problem>();
    Set<Object> seen = new HashSet<>();
    for (Resource resource : set) {
      String prefix = prefix(resource, set.size());
      if (!seen.add(resource.ref())) {
        invalid.add(
            new Problem(
                prefix + "metadata.name",
                resource.metadata().name(),
                resource.ref() + " appears more than once in the applied set"));
      }
      CrossReferences.check(resource, view).forEach(p -> invalid.add(prefixed(prefix, p)));
      stored
          .get(resource.ref())
          .flatMap(old -> forbidden(old, resource))
          .ifPresent(p -> conflicts.add(prefixed(prefix, p)));
    }
    if (administered(stored) && !administered(view)) {
      conflicts.add(new Problem("spec", "", "this would leave no administrator of all namespaces"));
    }
    return new Findings(invalid, conflicts);
  }

  /// Before the path of a problem: the resource, if it is one of several.
  static String prefix(Resource resource, int resources) {
    return resources == 1 ? "" : resource.ref() + ": ";
  }

  private static boolean administered(ResourceLookup view) {
    return view.list(Kind.ROLE_BINDING, "").stream()
        .anyMatch(r -> Dependents.administersEverything((RoleBinding) r));
  }

  private static Optional<Problem> forbidden(Resource old, Resource wanted) {
    return switch (wanted) {
      case ModelVersion version when !version.spec().equals(old.spec()) ->
          Optional.of(
              new Problem(
                  "spec",
                  "",
                  "%s is immutable once stored; it differs in %s: register the change as another version, or delete this version first if no Service uses it (`weir delete modelversion %s -n %s`)"
                      .formatted(
                          version.ref(),
                          String.join(", ", differences(old, version)),
                          version.metadata().name(),
                          version.metadata().namespace())));
      case Service service -> losesAllEndpoints(old, service);
      case Resource _ -> Optional.empty();
    };
  }

  private static List<String> differences(Resource old, Resource wanted) {
    return FieldChanges.between(Manifests.toTree(old), Manifests.toTree(wanted)).stream()
        .filter(path -> path.startsWith("spec."))
        .toList();
  }

  /// The serving version would lose all its endpoints; a release needs those of both versions.
  private static Optional<Problem> losesAllEndpoints(Resource old, Service wanted) {
    return old instanceof Service stored
        ? stored
            .status()
            .stable()
            .map(StableVersion::version)
            .filter(serving -> !serving.equals(wanted.spec().version()))
            .filter(serving -> hasEndpoints(stored, serving) && !hasEndpoints(wanted, serving))
            .filter(serving -> stored.spec().placements().stream().allMatch(Rules::onlyEndpoints))
            .map(serving ->
                new Problem(
                    "spec.placements",
                    "",
                    serving
                        + " serves now and would lose all its endpoints; keep them beside those of "
                        + wanted.spec().version()
                        + " until its release has ended"))
        : Optional.empty();
  }

  private static boolean hasEndpoints(Service service, VersionRef version) {
    return service.spec().placements().stream().anyMatch(p -> p.endpoints().containsKey(version));
  }

  private static boolean onlyEndpoints(Placement placement) {
    return !placement.endpoints().isEmpty();
  }

  private static Problem prefixed(String prefix, Problem problem) {
    return prefix.isEmpty()
        ? problem
        : new Problem(prefix + problem.path(), problem.value(), problem.message());
  }
}
