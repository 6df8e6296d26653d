// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.snapshot.RoutingSnapshot.Priority;
import java.util.Comparator;

/// One request in a waiting room. Its tags are the room's.
final class Wait {
  /// Priority, then the tag of fair queueing, then arrival.
  static final Comparator<Wait> ORDER =
      Comparator.<Wait, Priority>comparing(wait -> wait.request.priority())
          .thenComparingDouble(wait -> wait.start)
          .thenComparingLong(wait -> wait.number);

  final WaitRequest request;
  final Guest guest;
  final long number;
  long nextSignNanos;
  double start;
  double finish;

  Wait(WaitRequest request, Guest guest, long number, long nextSignNanos) {
    this.request = request;
    this.guest = guest;
    this.number = number;
    this.nextSignNanos = nextSignNanos;
  }
}
