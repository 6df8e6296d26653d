// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.convergence;

import dev.weir.control.observation.GatewayState;
import java.time.Duration;

/// Facts about a gateway, for people.
public final class GatewayText {
  private GatewayText() {}

  /// Why a gateway that has not acknowledged a revert does no harm for long, or none.
  ///
  /// @param stable the version that it serves without a lease
  public static String unreverted(GatewayState gateway, String stable) {
    String ends =
        gateway.lease().isPositive()
            ? "its lease ends in %d s, then it serves %s by itself"
                .formatted(seconds(gateway.lease()), stable)
            : "it has no lease, so it serves %s by itself".formatted(stable);
    return serving(gateway) + "; " + ends;
  }

  static String lag(GatewayState gateway, long newest, Duration behind) {
    return "%s; snapshot %d is the newest, there has been a newer one for %d s"
        .formatted(serving(gateway), newest, behind.toSeconds());
  }

  static String wrongHash(GatewayState gateway) {
    return "%s with hash %s, which was not published; restart it"
        .formatted(serving(gateway), gateway.hash());
  }

  static String otherStore(GatewayState gateway) {
    return "%s of store %s and refuses what is published here; stop this control plane and start the one of that store, or restart the gateway with --adopt-store"
        .formatted(serving(gateway), gateway.store());
  }

  private static String serving(GatewayState gateway) {
    String what = gateway.sequence() == 0 ? "no snapshot" : "snapshot " + gateway.sequence();
    return gateway.connected()
        ? "serves " + what
        : "served %s when heard last, %d s ago".formatted(what, gateway.silence().toSeconds());
  }

  // Upwards: "in 0 s" would be over.
  private static long seconds(Duration duration) {
    return (duration.toMillis() + 999) / 1000;
  }
}
