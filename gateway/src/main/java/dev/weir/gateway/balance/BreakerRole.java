// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

/// The role of a request for its replica's breaker.
enum BreakerRole {
  ORDINARY,
  /// It was sent to find out if the replica is well again.
  PROBE,
  /// A probe whose first token closed the breaker: should its stream break, that opens it again.
  RECOVERING;

  boolean probes() {
    return this != ORDINARY;
  }
}
