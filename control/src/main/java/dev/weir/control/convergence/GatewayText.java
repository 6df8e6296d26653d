// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.convergence;

import dev.weir.control.observation.GatewayState;
import java.time.Duration;

/// Describes the state of a gateway, for users.
public final class GatewayText {
  private GatewayText() {}

  /// Describes when a gateway that has not acknowledged a rollback returns to the stable version.
  ///
  /// @param stable the version that it serves without a lease
  public static String unreverted(GatewayState gateway, String stable) {
    String fallback =
        gateway.lease().isPositive()
            ? "its lease ends in %d s, then it serves %s by itself"
                .formatted(seconds(gateway.lease()), stable)
            : "it has no lease, so it serves %s by itself".formatted(stable);
    return serving(gateway) + "; " + fallback;
  }

  static String lag(GatewayState gateway, long newest, Duration behind) {
    return "%s; the newest is snapshot %d; it has been behind for %d s"
        .formatted(serving(gateway), newest, behind.toSeconds());
  }

  static String wrongHash(GatewayState gateway) {
    return "%s with hash %s, which was not published; restart the gateway"
        .formatted(serving(gateway), gateway.hash());
  }

  static String otherStore(GatewayState gateway) {
    return "%s of store %s and refuses snapshots of this store; stop this control plane and start the one of that store, or restart the gateway with --adopt-store"
        .formatted(serving(gateway), gateway.store());
  }

  private static String serving(GatewayState gateway) {
    String snapshot = gateway.sequence() == 0 ? "no snapshot" : "snapshot " + gateway.sequence();
    return gateway.connected()
        ? "serves " + snapshot
        : "served %s at its last heartbeat, %d s ago"
            .formatted(snapshot, gateway.silence().toSeconds());
  }

  // Rounded up: "in 0 s" would mean that it has ended.
  private static long seconds(Duration duration) {
    return (duration.toMillis() + 999) / 1000;
  }
}
