// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.Telemetry.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The effect of an attempt on its replica's health.
///
/// @param outcome never `PENDING`
/// @param failure empty for a success
/// @param backOffNanos how long a full replica gets no requests, at most 30 s
public record AttemptOutcome(Outcome outcome, Optional<Failure> failure, long backOffNanos) {
  public static final AttemptOutcome SUCCESS =
      new AttemptOutcome(Outcome.SUCCESS, Optional.empty(), 0);

  private static final long MAX_BACK_OFF_NANOS = TimeUnit.SECONDS.toNanos(30);

  /// Backoff of a full replica that sends no `Retry-After`.
  private static final Duration DEFAULT_BACK_OFF = Duration.ofSeconds(1);

  /// @param retryAfter sent by the replica; empty if absent
  public static AttemptOutcome of(Failure failure, Optional<Duration> retryAfter) {
    long backOff = retryAfter.orElse(DEFAULT_BACK_OFF).toNanos();
    return new AttemptOutcome(
        failure.kind().outcome(), Optional.of(failure), Math.clamp(backOff, 0, MAX_BACK_OFF_NANOS));
  }

  /// Whether no connection was established.
  boolean unreachable() {
    return failure.isPresent() && failure.get().kind().unreachable();
  }
}
