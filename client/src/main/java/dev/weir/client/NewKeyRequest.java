// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Limits;
import dev.weir.model.Priority;
import dev.weir.model.RoleBindingSpec.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A key to be made.
///
/// @param principal whom it acts for
/// @param role given to the principal in the key's namespace (`gateway`: in all), which makes what
///   is missing of both
/// @param models public model names it may call; empty means all of its namespace
/// @param pinVersion may name a version with `x-weir-version`
/// @param limits of this key alone; empty for none
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

  /// A key without limits of its own, of normal priority.
  public NewKeyRequest(
      String principal,
      Optional<Role> role,
      List<String> models,
      boolean pinVersion,
      Optional<Instant> expiresAt) {
    this(principal, role, models, pinVersion, expiresAt, Optional.empty(), Optional.empty());
  }
}
