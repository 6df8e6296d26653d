// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

/// The role of a request for its replica's breaker.
enum BreakerRole {
  ORDINARY,
  /// Probes whether the replica works again.
  PROBE,
  /// A probe whose first token closed the breaker; if its stream breaks, the breaker opens again.
  RECOVERING;

  boolean probes() {
    return this != ORDINARY;
  }
}
