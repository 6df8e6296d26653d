// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.Telemetry;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A session as one unit of a step's comparison: where its first request was counted, and how many
/// of its requests joined. Shared by all event loops.
public final class SessionUnit {
  private static final long OPEN_NANOS = TimeUnit.MILLISECONDS.toNanos(Telemetry.SESSION_MILLIS);

  private final long beganNanos;
  private final AtomicInteger turns = new AtomicInteger(1);
  private volatile @Nullable Place place;

  /// Where its first request was counted.
  public record Place(long slice, int index) {}

  /// @param beganNanos monotonic, when its first request was drawn
  public SessionUnit(long beganNanos) {
    this.beganNanos = beganNanos;
  }

  /// Records where the first request was counted; until then no other can join.
  public void setPlace(Place first) {
    place = first;
  }

  public Optional<Place> place() {
    return Optional.ofNullable(place);
  }

  /// Joins one more request.
  ///
  /// @return its number in the session, from 2; 0 if the session accepts no more
  public int join(long nowNanos) {
    if (place == null || nowNanos - beganNanos >= OPEN_NANOS) {
      return 0;
    }
    int before = turns.getAndUpdate(n -> Math.min(n + 1, Telemetry.MAX_SESSION_REQUESTS));
    return before < Telemetry.MAX_SESSION_REQUESTS ? before + 1 : 0;
  }
}
