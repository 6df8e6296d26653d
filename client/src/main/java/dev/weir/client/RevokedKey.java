// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.ApiKey;
import java.util.List;

/// A revoked key, and which gateways have acknowledged the revocation.
///
/// @param acknowledged gateways that serve without it
/// @param cutOff gateways that may still accept it
public record RevokedKey(ApiKey resource, List<String> acknowledged, List<CutOff> cutOff) {
  public RevokedKey {
    acknowledged = List.copyOf(acknowledged);
    cutOff = List.copyOf(cutOff);
  }

  /// @param reason why it may, and until when
  public record CutOff(String gateway, String reason) {}
}
