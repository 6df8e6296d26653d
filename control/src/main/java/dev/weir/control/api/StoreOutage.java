// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Since when the store fails, as calls come to know of it. How long that takes is for people to
/// say: it is expected to be for as long again as it has been.
final class StoreOutage {
  /// Callers that were told to come back have done so by then; who meets the store failing after
  /// that meets another outage.
  private static final Duration OVER_AFTER = Duration.ofMinutes(2);

  private final InstantSource clock;
  private final AtomicReference<@Nullable Seen> seen = new AtomicReference<>();

  private record Seen(Instant first, Instant last) {
    Seen again(Instant now) {
      return last.plus(OVER_AFTER).isBefore(now) ? new Seen(now, now) : new Seen(first, now);
    }
  }

  StoreOutage(InstantSource clock) {
    this.clock = clock;
  }

  /// A call failed for it.
  ///
  /// @return when to try again
  Duration failed() {
    Instant now = clock.instant();
    Seen latest =
        seen.accumulateAndGet(
            new Seen(now, now), (old, fresh) -> old == null ? fresh : old.again(now));
    return latest == null ? Duration.ZERO : Duration.between(latest.first(), now);
  }
}
