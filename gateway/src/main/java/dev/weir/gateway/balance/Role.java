// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

/// What a request is to its replica's breaker.
enum Role {
  ORDINARY,
  /// It was sent to find out if the replica is well again.
  PROBE,
  /// A probe whose first token closed the breaker: should its stream break, that opens it again.
  VOUCHER;

  boolean probes() {
    return this != ORDINARY;
  }
}
