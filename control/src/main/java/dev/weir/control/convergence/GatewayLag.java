// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.convergence;

import dev.weir.control.observation.GatewayState;
import dev.weir.control.publication.PublicationHistory;
import java.time.Duration;
import java.time.Instant;

/// How far gateways are behind.
public final class GatewayLag {
  private GatewayLag() {}

  /// For how long there has been a newer snapshot than the gateway serves; zero when there is none.
  /// One that has just begun (from its disk, say) is not blamed for the time before.
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
