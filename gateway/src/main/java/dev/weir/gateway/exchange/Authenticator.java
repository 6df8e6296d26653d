// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// Says whose request this is. Called on an event loop: must not block.
@FunctionalInterface
public interface Authenticator {
  /// Judges the key in `Authorization: Bearer` or `x-api-key` by the snapshot the request is served
  /// from. An error inside denies.
  AuthResult authenticate(HeaderView headers, IndexedSnapshot current);
}
