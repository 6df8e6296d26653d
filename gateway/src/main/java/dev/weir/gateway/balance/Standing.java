// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

/// How gladly a replica is asked, best first.
enum Standing {
  READY,
  /// It said lately that it is full.
  BACKING_OFF,
  /// It could lately not be connected to.
  REFUSED,
  /// Its breaker is open, and enough others are left.
  EJECTED;

  static Standing of(Health health, boolean ejected, long nowNanos) {
    if (ejected) {
      return EJECTED;
    }
    if (health.refused(nowNanos)) {
      return REFUSED;
    }
    return health.backsOff(nowNanos) ? BACKING_OFF : READY;
  }
}
