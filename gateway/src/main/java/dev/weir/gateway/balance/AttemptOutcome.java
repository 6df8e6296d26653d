// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.Telemetry.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What the end of an attempt says about its replica.
///
/// @param outcome never `PENDING`
/// @param failure empty for a success
/// @param backOffNanos how long a replica that is full wants no request, at most 30 s
public record AttemptOutcome(Outcome outcome, Optional<Failure> failure, long backOffNanos) {
  public static final AttemptOutcome SUCCESS =
      new AttemptOutcome(Outcome.SUCCESS, Optional.empty(), 0);

  private static final long MAX_BACK_OFF_NANOS = TimeUnit.SECONDS.toNanos(30);

  /// When a replica that is full does not say for how long.
  private static final Duration USUAL_BACK_OFF = Duration.ofSeconds(1);

  /// @param retryAfter what the replica said with it; empty when it did not
  public static AttemptOutcome of(Failure failure, Optional<Duration> retryAfter) {
    long wanted = retryAfter.orElse(USUAL_BACK_OFF).toNanos();
    return new AttemptOutcome(
        failure.kind().outcome(), Optional.of(failure), Math.clamp(wanted, 0, MAX_BACK_OFF_NANOS));
  }

  /// Whether no connection came about.
  boolean unreachable() {
    return failure.isPresent() && failure.get().kind().unreachable();
  }
}
