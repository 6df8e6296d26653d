// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.convergence;

import dev.weir.control.observation.GatewayState;
import dev.weir.control.publication.PublicationHistory;
import java.time.Duration;
import java.time.Instant;

/// The lag of gateways behind the newest snapshot.
public final class GatewayLag {
  private GatewayLag() {}

  /// How long a newer snapshot than the gateway's has existed; zero if there is none. The time
  /// before the gateway acknowledged its snapshot does not count, for example after a start from
  /// disk.
  public static Duration of(
      GatewayState gateway, PublicationHistory publicationHistory, Instant now) {
    return publicationHistory
        .overtakenAt(gateway.sequence())
        .map(at -> at.isAfter(gateway.acknowledgedAt()) ? at : gateway.acknowledgedAt())
        .map(since -> Duration.between(since, now))
        .filter(Duration::isPositive)
        .orElse(Duration.ZERO);
  }
}
