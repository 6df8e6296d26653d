// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.model.ModelVersion;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.codec.References;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Finds what prevents a deletion: the resources that refer to the deleted one ([References]), and
/// rules of some kinds.
public final class Dependents {
  private Dependents() {}

  /// One line for each resource that depends on this one; empty if it may be deleted.
  public static List<String> of(Resource resource, ResourceLookup view) {
    return Stream.concat(byRule(resource, view).stream(), referrers(resource.ref(), view)).toList();
  }

  /// The dependents that [References] does not contain.
  private static List<String> byRule(Resource resource, ResourceLookup view) {
    return switch (resource) {
      case ModelVersion version -> usersOf(version, view);
      case Service service -> liveRollouts(service, view);
      case RoleBinding binding -> lastAdministrator(binding, view);
      case Rollout _ -> List.of("the record of releases, which is never deleted");
      case Resource _ -> List.of();
    };
  }

  private static Stream<String> referrers(ResourceRef ref, ResourceLookup view) {
    return References.to(ref.kind()).stream()
        .flatMap(kind -> view.list(kind, ref.namespace()).stream())
        .filter(other -> References.of(other).stream().anyMatch(found -> found.ref().equals(ref)))
        .map(other -> other.ref().toString());
  }

  /// Whether a binding makes its principal an administrator of all namespaces.
  public static boolean administersEverything(RoleBinding binding) {
    return binding.spec().role() == Role.ADMIN && binding.spec().allNamespaces();
  }

  private static List<String> usersOf(ModelVersion version, ResourceLookup view) {
    String namespace = version.metadata().namespace();
    VersionRef ref = version.spec().ref();
    return Stream.concat(
            named(view.list(Kind.SERVICE, namespace).stream(), r -> uses((Service) r, ref))
                .stream(),
            named(view.list(Kind.ROLLOUT, namespace).stream(), r -> releases((Rollout) r, ref))
                .stream())
        .toList();
  }

  private static boolean uses(Service service, VersionRef version) {
    return service.spec().version().equals(version)
        || service.status().stable().filter(s -> s.version().equals(version)).isPresent();
  }

  private static boolean releases(Rollout rollout, VersionRef version) {
    return !rollout.status().phase().terminal()
        && (rollout.spec().from().equals(version) || rollout.spec().to().equals(version));
  }

  private static List<String> liveRollouts(Service service, ResourceLookup view) {
    return named(
        view.list(Kind.ROLLOUT, service.metadata().namespace()).stream(),
        r ->
            ((Rollout) r).spec().service().equals(service.metadata().name())
                && !((Rollout) r).status().phase().terminal());
  }

  /// Without an administrator, no user could create one again.
  private static List<String> lastAdministrator(RoleBinding binding, ResourceLookup view) {
    boolean another =
        view.list(Kind.ROLE_BINDING, "").stream()
            .filter(r -> !r.ref().equals(binding.ref()))
            .anyMatch(r -> administersEverything((RoleBinding) r));
    return administersEverything(binding) && !another
        ? List.of("all users: it is the last binding of an administrator of all namespaces")
        : List.of();
  }

  private static List<String> named(Stream<Resource> resources, Predicate<Resource> which) {
    return resources.filter(which).map(r -> r.ref().toString()).toList();
  }
}
