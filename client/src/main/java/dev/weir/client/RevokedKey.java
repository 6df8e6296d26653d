// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.ApiKey;
import java.util.List;

/// A revoked key with the gateways that acknowledged the revocation.
///
/// @param acknowledged gateways that reject the key
/// @param unacknowledged gateways that may still accept the key
public record RevokedKey(
    ApiKey resource, List<String> acknowledged, List<Unacknowledged> unacknowledged) {
  public RevokedKey {
    acknowledged = List.copyOf(acknowledged);
    unacknowledged = List.copyOf(unacknowledged);
  }

  /// @param reason why the gateway may accept the key, and until when
  public record Unacknowledged(String gateway, String reason) {}
}
