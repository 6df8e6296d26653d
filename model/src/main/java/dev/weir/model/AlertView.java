// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An alert, and how far each channel has got it.
///
/// @param key the same for each alert about the same thing
/// @param namespace empty when it is about none
/// @param service empty when it is about none
/// @param rollout empty when it is about none
/// @param summary one paragraph: what, and why
/// @param link where to read on
/// @param resolvedAt empty while it is so, and for news, which is never over
/// @param deliveries of the channels that were sent it, or are to be
public record AlertView(
    String id,
    String key,
    AlertEvent event,
    Severity severity,
    @Default("") String namespace,
    @Default("") String service,
    @Default("") String rollout,
    String summary,
    @Default("{}") Map<String, String> details,
    @Default("") String link,
    Instant startsAt,
    Optional<Instant> resolvedAt,
    @Default("[]") List<DeliveryView> deliveries) {
  public AlertView {
    details = Map.copyOf(details);
    deliveries = List.copyOf(deliveries);
  }

  /// Whether something is still so that somebody should see to.
  public boolean firing() {
    return resolvedAt.isEmpty() && !event.oneTime();
  }

  public boolean dead() {
    return deliveries.stream().anyMatch(delivery -> delivery.state() == DeliveryState.DEAD);
  }

  /// @param stage `firing` or `resolved`
  /// @param attempts how often it was sent
  /// @param nextAt when it is sent again, while it waits
  /// @param answer what the other side, or the network, said last
  public record DeliveryView(
      String channel,
      String stage,
      DeliveryState state,
      int attempts,
      Optional<Instant> nextAt,
      @Default("") String answer) {}

  /// How far a delivery has got.
  public enum DeliveryState implements Text {
    WAITING("waiting"),
    DELIVERED("delivered"),
    /// Given up: refused, or tried for a day. `weir alert retry` sends it again.
    DEAD("dead");

    private final String text;

    DeliveryState(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
