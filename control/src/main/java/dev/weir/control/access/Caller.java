// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.model.ResourceRef;
import dev.weir.model.RoleBindingSpec.Role;
import java.util.List;

/// Somebody whose key was found good.
///
/// @param key the key they came with
/// @param keyHash as `ApiKeySpec.hash`
/// @param grants all roles of the principal
public record Caller(String principal, ResourceRef key, String keyHash, List<Grant> grants) {
  public Caller {
    grants = List.copyOf(grants);
  }

  /// One role, in one namespace or everywhere.
  ///
  /// @param namespace where the binding stands; says nothing when `everywhere`
  public record Grant(Role role, String namespace, boolean everywhere) {}

  public boolean may(Action action, Scope scope) {
    return grants.stream().anyMatch(g -> action.grantedBy(g.role()) && reaches(g, scope));
  }

  private static boolean reaches(Grant grant, Scope scope) {
    return switch (scope) {
      case Scope.Namespace(String name) -> grant.everywhere() || grant.namespace().equals(name);
      case Scope.Everywhere _ -> grant.everywhere();
      case Scope.Anywhere _ -> true;
    };
  }

  /// Whether handing out this grant would give nothing away that the caller does not rule over.
  boolean rules(Grant grant) {
    return may(
        Action.ADMINISTER,
        grant.everywhere() ? Scope.EVERYWHERE : new Scope.Namespace(grant.namespace()));
  }
}
