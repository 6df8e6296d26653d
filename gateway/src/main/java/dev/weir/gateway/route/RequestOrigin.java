// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import dev.weir.gateway.exchange.HeaderView;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import java.util.List;
import java.util.Map;

/// The properties of the client that affect routing.
public record RequestOrigin(KeyEntry key, HeaderView headers) {
  /// Whether the request is in the audience of the rollout's step.
  boolean inAudienceOf(CanaryArm canary) {
    return canary.audience().isEmpty()
        || canary.audience().stream()
            .anyMatch(audience -> matches(audience.headers(), audience.tenants()));
  }

  /// Whether the request has all the headers with these values and belongs to one of the tenants;
  /// an empty list of tenants matches every request.
  boolean matches(Map<String, String> required, List<String> tenants) {
    return (tenants.isEmpty() || tenants.contains(key.tenant()))
        && required.entrySet().stream()
            .allMatch(header ->
                headers.first(header.getKey()).filter(header.getValue()::equals).isPresent());
  }
}
