// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.channel.Reply;
import dev.weir.control.reconcile.BackOff;
import dev.weir.model.AlertView.DeliveryState;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/// How far a channel has got one telling.
///
/// @param attempts how often it was sent
/// @param first when it was sent first
/// @param next when it is sent again, while it waits
/// @param said what the other side, or the network, said last
record Delivery(DeliveryState state, int attempts, Instant first, Instant next, String said) {
  static final BackOff BACK_OFF = new BackOff(Duration.ofSeconds(1), Duration.ofMinutes(5));
  static final Duration PATIENCE = Duration.ofHours(24);

  static Delivery fresh(Instant now) {
    return new Delivery(DeliveryState.WAITING, 0, now, now, "");
  }

  Delivery after(Reply reply, Instant now, RandomGenerator random) {
    return switch (reply) {
      case Reply.Taken taken -> ended(DeliveryState.DELIVERED, now, taken.said());
      case Reply.Refused refused -> ended(DeliveryState.DEAD, now, refused.said());
      case Reply.Later later -> later(later, now, random);
    };
  }

  private Delivery ended(DeliveryState end, Instant now, String words) {
    return new Delivery(end, attempts + 1, first, now, words);
  }

  private Delivery later(Reply.Later reply, Instant now, RandomGenerator random) {
    if (first.plus(PATIENCE).isBefore(now)) {
      return ended(DeliveryState.DEAD, now, reply.said());
    }
    Duration wait = Duration.ofNanos(BACK_OFF.nanos(attempts + 1, random));
    Duration asked = reply.after().orElse(Duration.ZERO);
    Duration longer = asked.compareTo(wait) > 0 ? asked : wait;
    return new Delivery(DeliveryState.WAITING, attempts + 1, first, now.plus(longer), reply.said());
  }

  /// A dead one waits anew, as if it had never been sent.
  Delivery revived(Instant now) {
    return new Delivery(DeliveryState.WAITING, 0, now, now, said);
  }

  boolean due(Instant now) {
    return state == DeliveryState.WAITING && !next.isAfter(now);
  }
}
