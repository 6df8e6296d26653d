// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.Failure;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What `Retry-After` says.
final class RetryAfter {
  private static final int MAX_DIGITS = 9;
  private static final int MOST_SECONDS = 60;

  private RetryAfter() {}

  /// Integer seconds for a client.
  ///
  /// @param nanos measured until there is hope
  /// @return 1 to 60: above a minute clients give up
  static String seconds(long nanos) {
    long seconds = Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1));
    return Long.toString(Math.clamp(seconds, 1, MOST_SECONDS));
  }

  /// As it is computed for a failure of the gateway's own.
  static Optional<String> of(Failure failure) {
    return failure.kind().hasRetryAfter() && failure.retryAfterNanos().isPresent()
        ? Optional.of(seconds(failure.retryAfterNanos().getAsLong()))
        : Optional.empty();
  }

  /// As a replica said it with its refusal; empty when it did not, or gave a date.
  static Optional<Duration> of(AttemptResult.FailedBeforeFirstByte failed) {
    return failed.answer().flatMap(RetryAfter::of);
  }

  /// As a replica's answer says it.
  static Optional<Duration> of(AttemptResult.Held held) {
    return Optional.of(held.headers().get(HttpHeaderNames.RETRY_AFTER, ""))
        .filter(value -> !value.isEmpty() && value.length() <= MAX_DIGITS)
        .filter(value -> value.chars().allMatch(c -> c >= '0' && c <= '9'))
        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
  }
}
