// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.exchange.Ending;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.time.Duration;
import java.util.Optional;

/// What `Retry-After` says.
final class RetryAfter {
  private static final int MAX_DIGITS = 9;

  private RetryAfter() {}

  /// As a replica said it with its refusal; empty when it did not, or gave a date.
  static Optional<Duration> of(Ending.FailedBeforeFirstByte failed) {
    return failed
        .answer()
        .map(held -> held.headers().get(HttpHeaderNames.RETRY_AFTER, ""))
        .filter(value -> !value.isEmpty() && value.length() <= MAX_DIGITS)
        .filter(value -> value.chars().allMatch(c -> c >= '0' && c <= '9'))
        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
  }
}
