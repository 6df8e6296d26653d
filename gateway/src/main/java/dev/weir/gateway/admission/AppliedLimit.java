// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.snapshot.RoutingSnapshot.Limits;

/// One limit that applies to a request.
///
/// @param whole the limits over all gateways
/// @param part this gateway's part of them
record AppliedLimit(LimitScope scope, UsageMeter meter, Limits whole, Limits part) {
  /// This gateway's part of limits: an equal share, rounded up so that no share is 0.
  static Limits part(Limits whole, int gateways) {
    return new Limits(
        Math.ceilDiv(whole.requestsPerMinute(), gateways),
        Math.ceilDiv(whole.tokensPerMinute(), gateways),
        Math.ceilDiv(whole.maxInFlight(), gateways));
  }
}
