// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.model.Default;
import dev.weir.model.Limits;
import dev.weir.model.Priority;
import dev.weir.model.RoleBindingSpec.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A request to create a key.
///
/// @param principal whom the key acts for
/// @param role given: the principal is made and bound when it is not yet
/// @param models public model names it may call; empty means all of its namespace
/// @param pinVersion may name a version with `x-weir-version`
/// @param limits of this key alone
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
