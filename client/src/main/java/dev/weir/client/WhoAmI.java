// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.value.Default;
import java.util.List;

/// The principal and the roles of a key.
///
/// @param key name of the ApiKey resource
public record WhoAmI(String principal, @Default("") String key, @Default("[]") List<Grant> roles) {
  public WhoAmI {
    roles = List.copyOf(roles);
  }

  /// @param namespace the role's namespace; empty if it applies to all
  public record Grant(
      String role, @Default("") String namespace, @Default("false") boolean allNamespaces) {}
}
