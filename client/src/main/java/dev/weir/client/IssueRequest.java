// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.RoleBindingSpec.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A key to be made.
///
/// @param principal whom it acts for
/// @param role given to the principal in the key's namespace, which makes what is missing of both
/// @param models public model names it may call; empty means all of its namespace
/// @param pinVersion may name a version with `x-weir-version`
public record IssueRequest(
    String principal,
    Optional<Role> role,
    List<String> models,
    boolean pinVersion,
    Optional<Instant> expiresAt) {
  public IssueRequest {
    models = List.copyOf(models);
  }
}
