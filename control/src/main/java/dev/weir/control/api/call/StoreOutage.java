// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Tracks how long the store has been failing, from failed calls. The expected remaining time is as
/// long as the outage has lasted.
public final class StoreOutage {
  /// Clients retry within this time; a later failure is another outage.
  private static final Duration OVER_AFTER = Duration.ofMinutes(2);

  private final InstantSource clock;
  private final AtomicReference<@Nullable Outage> current = new AtomicReference<>();

  private record Outage(Instant first, Instant last) {
    Outage again(Instant now) {
      return last.plus(OVER_AFTER).isBefore(now) ? new Outage(now, now) : new Outage(first, now);
    }
  }

  public StoreOutage(InstantSource clock) {
    this.clock = clock;
  }

  /// Records a call that failed because of the store.
  ///
  /// @return when to try again
  public Duration failed() {
    Instant now = clock.instant();
    Outage latest =
        current.accumulateAndGet(
            new Outage(now, now), (old, fresh) -> old == null ? fresh : old.again(now));
    return latest == null ? Duration.ZERO : Duration.between(latest.first(), now);
  }
}
