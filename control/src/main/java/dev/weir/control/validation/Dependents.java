// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.model.ApiKey;
import dev.weir.model.ModelVersion;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Rollout;
import dev.weir.model.Route;
import dev.weir.model.Service;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Finds what prevents a deletion.
public final class Dependents {
  private Dependents() {}

  /// One line for each resource that depends on this one; empty if it may be deleted.
  public static List<String> of(Resource resource, ResourceLookup view) {
    ResourceRef ref = resource.ref();
    return switch (ref.kind()) {
      case MODEL -> versionsOf(ref, view);
      case MODEL_VERSION -> usersOf((ModelVersion) resource, view);
      case SERVICE -> holdersOf((Service) resource, view);
      case TARGET -> placedOn(ref.name(), view);
      case PRINCIPAL -> actingAs(ref.name(), view);
      case ROLE_BINDING -> lastAdministrator((RoleBinding) resource, view);
      case ROLLOUT -> List.of("the record of releases, which is never deleted");
      case ROUTE, API_KEY, ALERT_CHANNEL, POLICY -> List.of();
    };
  }

  /// Whether a binding makes its principal an administrator of all namespaces.
  public static boolean administersEverything(RoleBinding binding) {
    return binding.spec().role() == Role.ADMIN && binding.spec().allNamespaces();
  }

  private static List<String> versionsOf(ResourceRef model, ResourceLookup view) {
    return named(
        view.list(Kind.MODEL_VERSION, model.namespace()).stream(),
        r -> ((ModelVersion) r).spec().model().equals(model.name()));
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

  private static List<String> holdersOf(Service service, ResourceLookup view) {
    String namespace = service.metadata().namespace();
    String name = service.metadata().name();
    return Stream.concat(
            named(
                view.list(Kind.ROLLOUT, namespace).stream(),
                r ->
                    ((Rollout) r).spec().service().equals(name)
                        && !((Rollout) r).status().phase().terminal())
                .stream(),
            named(
                view.list(Kind.ROUTE, namespace).stream(),
                r -> ((Route) r).spec().services().contains(name))
                .stream())
        .toList();
  }

  private static List<String> placedOn(String target, ResourceLookup view) {
    return named(
        view.list(Kind.SERVICE, "").stream(),
        r -> ((Service) r).spec().placements().stream().anyMatch(p -> p.target().equals(target)));
  }

  private static List<String> actingAs(String principal, ResourceLookup view) {
    return Stream.concat(
            named(
                view.list(Kind.ROLE_BINDING, "").stream(),
                r -> ((RoleBinding) r).spec().principal().equals(principal))
                .stream(),
            named(
                view.list(Kind.API_KEY, "").stream(),
                r -> ((ApiKey) r).spec().principal().equals(principal))
                .stream())
        .toList();
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
