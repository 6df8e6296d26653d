// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Resource;

/// A new key.
///
/// @param key the secret; it is not stored and never shown again
public record IssuedKey(String key, Resource resource) {
  /// Omits the secret, so that it is never logged.
  @Override
  public String toString() {
    return "IssuedKey[" + resource.ref() + "]";
  }
}
