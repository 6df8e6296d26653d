// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Priority;
import dev.weir.model.value.RefersTo;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// @param principal the Principal that the key authenticates
/// @param hash `sha256:` and the hex SHA-256 of the whole key; keys carry 256 random bits, so a
///   slow hash would add nothing
/// @param hint the first characters of the key, to help identify it
/// @param models public model names that the key may call; empty means all in its namespace
/// @param pinVersion whether requests may select a version with `x-weir-version`
/// @param limits of this key alone
/// @param priority priority of its requests; a request can lower it with `x-weir-priority`, but
///   cannot raise it
/// @param revoked the control plane and every gateway reject a revoked key
public record ApiKeySpec(
    @RefersTo(Kind.PRINCIPAL) String principal,
    String hash,
    @Default("") String hint,
    Optional<Instant> expiresAt,
    @Default("[]") List<String> models,
    @Default("false") boolean pinVersion,
    @Default("{}") Limits limits,
    @Default("normal") Priority priority,
    @Default("false") boolean revoked) {
  public ApiKeySpec {
    models = List.copyOf(models);
  }

  /// A key without limits of its own, of normal priority.
  public ApiKeySpec(
      String principal,
      String hash,
      String hint,
      Optional<Instant> expiresAt,
      List<String> models,
      boolean pinVersion,
      boolean revoked) {
    this(
        principal,
        hash,
        hint,
        expiresAt,
        models,
        pinVersion,
        Limits.NONE,
        Priority.NORMAL,
        revoked);
  }

  /// The same key, revoked.
  public ApiKeySpec asRevoked() {
    return new ApiKeySpec(
        principal, hash, hint, expiresAt, models, pinVersion, limits, priority, true);
  }
}
