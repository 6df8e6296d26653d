// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.spec.AlertEvent;
import dev.weir.model.value.Default;
import dev.weir.model.value.Severity;
import dev.weir.model.value.Text;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An alert and the state of its deliveries.
///
/// @param key identical for all alerts about the same condition
/// @param namespace empty if there is none
/// @param service empty if there is none
/// @param rollout empty if there is none
/// @param summary one paragraph that describes what happened and why
/// @param link link to more information
/// @param resolvedAt empty while it fires, and for one-time events, which never resolve
/// @param deliveries deliveries to each channel that the alert matches
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

  /// Whether the alert describes a condition that still persists.
  public boolean firing() {
    return resolvedAt.isEmpty() && !event.oneTime();
  }

  public boolean undelivered() {
    return deliveries.stream().anyMatch(delivery -> delivery.state() == DeliveryState.DEAD);
  }

  /// @param stage `firing` or `resolved`
  /// @param attempts number of delivery attempts
  /// @param nextAt time of the next attempt, while the delivery waits
  /// @param answer the last response or network error
  public record DeliveryView(
      String channel,
      String stage,
      DeliveryState state,
      int attempts,
      Optional<Instant> nextAt,
      @Default("") String answer) {}

  /// The state of a delivery.
  public enum DeliveryState implements Text {
    WAITING("waiting"),
    DELIVERED("delivered"),
    /// Abandoned: the receiver rejected it, or retries failed for a day. `weir alert retry` sends
    /// it again.
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
