// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.ResourceRef;
import java.util.List;

/// A caller with a valid key.
///
/// @param key the key of the call
/// @param keyHash as in `ApiKeySpec.hash`
/// @param grants all roles of the principal
public record AuthenticatedCaller(
    String principal, ResourceRef key, String keyHash, List<Grant> grants) {
  public AuthenticatedCaller {
    grants = List.copyOf(grants);
  }

  /// One role, in one namespace or everywhere.
  ///
  /// @param namespace of the binding; ignored if `everywhere`
  public record Grant(Role role, String namespace, boolean everywhere) {}

  public boolean may(Permission action, AccessScope scope) {
    return grants.stream().anyMatch(g -> action.grantedBy(g.role()) && reaches(g, scope));
  }

  private static boolean reaches(Grant grant, AccessScope scope) {
    return switch (scope) {
      case AccessScope.Namespace(String name) ->
          grant.everywhere() || grant.namespace().equals(name);
      case AccessScope.Everywhere _ -> grant.everywhere();
      case AccessScope.Anywhere _ -> true;
    };
  }

  /// Whether the caller administers the scope of this grant, and may therefore give it to others.
  boolean administers(Grant grant) {
    return may(
        Permission.ADMINISTER,
        grant.everywhere() ? AccessScope.EVERYWHERE : new AccessScope.Namespace(grant.namespace()));
  }
}
