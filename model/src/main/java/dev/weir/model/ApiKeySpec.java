// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// @param principal whom the key acts for
/// @param hash `sha256:` and the hex SHA-256 of the whole key; keys carry 256 random bits, so a
///   slow hash would add nothing
/// @param hint the first characters of the key, to recognise it by
/// @param models public model names it may call; empty means all of its namespace
/// @param pinVersion may name a version with `x-weir-version`
/// @param limits of this key alone
/// @param priority of its requests; one may ask for less with `x-weir-priority`, never for more
/// @param revoked a revoked key is refused everywhere
public record ApiKeySpec(
    String principal,
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

  /// The same key, useless from now on.
  public ApiKeySpec asRevoked() {
    return new ApiKeySpec(
        principal, hash, hint, expiresAt, models, pinVersion, limits, priority, true);
  }
}
