// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import dev.weir.gateway.exchange.HeaderView;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import java.util.List;
import java.util.Map;

/// The caller, as far as it decides where a request is routed.
public record RequestOrigin(KeyEntry key, HeaderView headers) {
  /// Whether the step of a rollout is for it.
  boolean isIn(CanaryArm canary) {
    return canary.audience().isEmpty()
        || canary.audience().stream()
            .anyMatch(audience -> fits(audience.headers(), audience.tenants()));
  }

  /// Whether it has all the headers, with these values, and is of one of the tenants; none named
  /// fits anybody.
  boolean fits(Map<String, String> wanted, List<String> tenants) {
    return (tenants.isEmpty() || tenants.contains(key.tenant()))
        && wanted.entrySet().stream()
            .allMatch(header ->
                headers.first(header.getKey()).filter(header.getValue()::equals).isPresent());
  }
}
