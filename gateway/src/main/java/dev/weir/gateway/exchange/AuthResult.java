// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.RoutingSnapshot.KeyEntry;

/// The result of authentication.
public sealed interface AuthResult {
  record Allowed(KeyEntry key) implements AuthResult {}

  /// @param status 401 or 403
  /// @param message for the client; contains no secret
  /// @param code machine-readable, such as `invalid_api_key`
  record Denied(int status, String message, String code) implements AuthResult {}
}
