// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.view.AlertView;
import dev.weir.model.view.AlertView.DeliveryState;
import dev.weir.model.view.AlertView.DeliveryView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The deliveries that failed at least once and that Weir retries at one channel.
///
/// @param waiting number of deliveries
/// @param attempts the most attempts of one delivery
/// @param answer the last response or network error of that delivery
public record ChannelBacklog(String channel, int waiting, int attempts, String answer) {
  /// The backlogs of all channels that have one, by name.
  public static List<ChannelBacklog> of(List<AlertView> alerts) {
    Map<String, ChannelBacklog> byChannel = new TreeMap<>();
    alerts.stream()
        .flatMap(alert -> alert.deliveries().stream())
        .filter(delivery -> delivery.state() == DeliveryState.WAITING && delivery.attempts() > 0)
        .map(ChannelBacklog::of)
        .forEach(one -> byChannel.merge(one.channel(), one, ChannelBacklog::plus));
    return new ArrayList<>(byChannel.values());
  }

  private static ChannelBacklog of(DeliveryView delivery) {
    return new ChannelBacklog(delivery.channel(), 1, delivery.attempts(), delivery.answer());
  }

  private ChannelBacklog plus(ChannelBacklog other) {
    ChannelBacklog most = other.attempts > attempts ? other : this;
    return new ChannelBacklog(channel, waiting + other.waiting, most.attempts, most.answer);
  }

  /// One line.
  public String text() {
    return TerminalSanitizer.line(
        "%d %s at channel %s after up to %d %s; last error: %s"
            .formatted(
                waiting,
                waiting == 1 ? "delivery waits" : "deliveries wait",
                channel,
                attempts,
                attempts == 1 ? "attempt" : "attempts",
                answer.isEmpty() ? "none reported" : answer));
  }
}
