// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.channel.DeliveryResult;
import dev.weir.control.reconcile.RetryBackoff;
import dev.weir.model.view.AlertView.DeliveryState;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/// The state of one message to one channel.
///
/// @param attempts the number of attempts
/// @param first when it was first due
/// @param next when it is sent again, while it waits
/// @param said the last response of the receiver, or the last network error
record Delivery(DeliveryState state, int attempts, Instant first, Instant next, String said) {
  static final RetryBackoff BACK_OFF =
      new RetryBackoff(Duration.ofSeconds(1), Duration.ofMinutes(5));
  static final Duration GIVE_UP_AFTER = Duration.ofHours(24);

  static Delivery fresh(Instant now) {
    return new Delivery(DeliveryState.WAITING, 0, now, now, "");
  }

  Delivery after(DeliveryResult reply, Instant now, RandomGenerator random) {
    return switch (reply) {
      case DeliveryResult.Accepted accepted ->
          ended(DeliveryState.DELIVERED, now, accepted.response());
      case DeliveryResult.Rejected rejected -> ended(DeliveryState.DEAD, now, rejected.response());
      case DeliveryResult.Deferred deferred -> later(deferred, now, random);
    };
  }

  private Delivery ended(DeliveryState end, Instant now, String response) {
    return new Delivery(end, attempts + 1, first, now, response);
  }

  private Delivery later(DeliveryResult.Deferred reply, Instant now, RandomGenerator random) {
    if (first.plus(GIVE_UP_AFTER).isBefore(now)) {
      return ended(DeliveryState.DEAD, now, reply.response());
    }
    Duration wait = Duration.ofNanos(BACK_OFF.nanos(attempts + 1, random));
    Duration requested = reply.after().orElse(Duration.ZERO);
    Duration longer = requested.compareTo(wait) > 0 ? requested : wait;
    return new Delivery(
        DeliveryState.WAITING, attempts + 1, first, now.plus(longer), reply.response());
  }

  /// The delivery of a dead message that starts again from its first attempt.
  Delivery revived(Instant now) {
    return new Delivery(DeliveryState.WAITING, 0, now, now, said);
  }

  boolean due(Instant now) {
    return state == DeliveryState.WAITING && !next.isAfter(now);
  }
}
