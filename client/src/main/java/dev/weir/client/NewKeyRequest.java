// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Priority;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A key to create.
///
/// @param principal the principal that owns the key
/// @param role granted to the principal in the key's namespace (`gateway`: in all namespaces); a
///   missing principal or role binding is created
/// @param models public model names that it may call; empty means all of its namespace
/// @param pinVersion whether it may pin a version with `x-weir-version`
/// @param limits of this key only; empty for none
/// @param priority of its requests; empty for normal
public record NewKeyRequest(
    String principal,
    Optional<Role> role,
    List<String> models,
    boolean pinVersion,
    Optional<Instant> expiresAt,
    Optional<Limits> limits,
    Optional<Priority> priority) {
  public NewKeyRequest {
    models = List.copyOf(models);
  }

  /// A key without limits and with normal priority.
  public NewKeyRequest(
      String principal,
      Optional<Role> role,
      List<String> models,
      boolean pinVersion,
      Optional<Instant> expiresAt) {
    this(principal, role, models, pinVersion, expiresAt, Optional.empty(), Optional.empty());
  }
}
