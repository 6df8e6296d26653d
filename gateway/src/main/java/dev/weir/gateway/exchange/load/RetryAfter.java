// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.load;

import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.Failure;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Computes the `Retry-After` header.
public final class RetryAfter {
  private static final int MAX_DIGITS = 9;
  private static final int MAX_SECONDS = 60;

  private RetryAfter() {}

  /// Integer seconds for a client.
  ///
  /// @param nanos until a retry may succeed
  /// @return 1 to 60: clients give up above a minute
  public static String seconds(long nanos) {
    long seconds = Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1));
    return Long.toString(Math.clamp(seconds, 1, MAX_SECONDS));
  }

  /// The value for a failure of the gateway itself.
  public static Optional<String> of(Failure failure) {
    return failure.kind().hasRetryAfter() && failure.retryAfterNanos().isPresent()
        ? Optional.of(seconds(failure.retryAfterNanos().getAsLong()))
        : Optional.empty();
  }

  /// The value that a replica sent with its refusal; empty if there was none, or a date.
  public static Optional<Duration> of(AttemptResult.FailedBeforeFirstByte failed) {
    return failed.answer().flatMap(RetryAfter::of);
  }

  /// The value in a replica's answer.
  public static Optional<Duration> of(AttemptResult.Held held) {
    return Optional.of(held.headers().get(HttpHeaderNames.RETRY_AFTER, ""))
        .filter(value -> !value.isEmpty() && value.length() <= MAX_DIGITS)
        .filter(value -> value.chars().allMatch(c -> c >= '0' && c <= '9'))
        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
  }
}
