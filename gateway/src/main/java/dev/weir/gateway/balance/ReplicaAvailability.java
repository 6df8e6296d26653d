// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import java.util.Locale;

/// How available a replica is, best first.
enum ReplicaAvailability {
  READY,
  /// Its breaker is open, but ejecting it would leave too few replicas.
  SUSPECT,
  /// It recently reported that it is full.
  BACKING_OFF,
  /// It recently refused a connection.
  REFUSED,
  /// Its breaker is open, and enough other replicas are left.
  EJECTED;

  static ReplicaAvailability of(PassiveHealth health, boolean ejected, long nowNanos) {
    if (ejected) {
      return EJECTED;
    }
    if (health.refused(nowNanos)) {
      return REFUSED;
    }
    if (health.backsOff(nowNanos)) {
      return BACKING_OFF;
    }
    return health.isOpen() ? SUSPECT : READY;
  }

  /// Nanoseconds until it gets requests like any other, 0 or more.
  long nanosUntilReady(PassiveHealth health, long nowNanos) {
    long until =
        switch (this) {
          case READY, SUSPECT -> nowNanos;
          case BACKING_OFF -> health.backOffUntilNanos();
          case REFUSED -> health.refusedUntilNanos();
          case EJECTED -> health.breaker().nextProbeNanos(nowNanos);
        };
    return Math.max(0, until - nowNanos);
  }

  /// The state as text.
  String describe(PassiveHealth health, long nowNanos) {
    double seconds = nanosUntilReady(health, nowNanos) / 1e9;
    return switch (this) {
      case READY -> "in rotation";
      case SUSPECT ->
          health.breaker() instanceof Breaker.Open open
              ? String.format(
                  Locale.ROOT,
                  "open for %.1f s, in use because too few replicas would be left",
                  Math.max(0, open.untilNanos() - nowNanos) / 1e9)
              : "being probed";
      case BACKING_OFF -> String.format(Locale.ROOT, "full, backing off for %.1f s", seconds);
      case REFUSED ->
          String.format(Locale.ROOT, "refused a connection, skipped for %.1f s", seconds);
      case EJECTED -> String.format(Locale.ROOT, "ejected for %.1f s", seconds);
    };
  }
}
