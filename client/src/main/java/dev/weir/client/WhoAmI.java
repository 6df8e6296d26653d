// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Default;
import java.util.List;

/// Whom the key belongs to.
///
/// @param key the key's resource
public record WhoAmI(String principal, @Default("") String key, @Default("[]") List<Grant> roles) {
  public WhoAmI {
    roles = List.copyOf(roles);
  }

  /// @param namespace where the role holds, when not everywhere
  public record Grant(
      String role, @Default("") String namespace, @Default("false") boolean allNamespaces) {}
}
