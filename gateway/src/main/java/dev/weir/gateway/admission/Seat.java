// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import org.jspecify.annotations.Nullable;

/// A place among the running requests of a service, until [#leave()]. Used on one event loop.
public final class Seat {
  /// Of a request that needs no place.
  static final Seat FREE = new Seat(null, 0);

  private final @Nullable Room room;
  private final long sinceNanos;
  private boolean left;

  Seat(@Nullable Room room, long sinceNanos) {
    this.room = room;
    this.sinceNanos = sinceNanos;
  }

  /// Only the first call counts.
  public void leave() {
    if (room != null && !left) {
      left = true;
      room.left(sinceNanos);
    }
  }

  void firstToken(String replica, long nanos) {
    if (room != null) {
      room.rate().firstToken(replica, nanos);
    }
  }

  void noFirstToken(String replica, long nanos) {
    if (room != null) {
      room.rate().noFirstToken(replica, nanos);
    }
  }
}
