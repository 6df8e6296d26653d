// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// Authenticates requests. Called on an event loop: must not block.
@FunctionalInterface
public interface Authenticator {
  /// Checks the key in `Authorization: Bearer` or `x-api-key` against the snapshot that serves the
  /// request. Denies on internal errors.
  AuthResult authenticate(HeaderView headers, IndexedSnapshot current);
}
