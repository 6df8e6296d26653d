// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Default;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Priority;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A request to create a key.
///
/// @param principal the principal that the key acts for
/// @param role if present, a missing principal and binding are created too
/// @param models public model names that it may call; empty for all of its namespace
/// @param pinVersion whether it may request a version with `x-weir-version`
/// @param limits of this key only
/// @param priority of its requests
public record IssueRequest(
    String principal,
    Optional<Role> role,
    @Default("[]") List<String> models,
    @Default("false") boolean pinVersion,
    @Default("{}") Limits limits,
    @Default("normal") Priority priority,
    Optional<Instant> expiresAt) {
  public IssueRequest {
    models = List.copyOf(models);
  }
}
