// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.Map;
import java.util.TreeMap;

/// The limit that rejected a request, and the message to the client.
///
/// @param headers `retry-after`, `x-should-retry: false` if it can never be admitted, and
///   `x-ratelimit-*`
public record LimitRejection(
    LimitScope scope, LimitKind what, String message, Map<String, String> headers) {
  /// Longest `retry-after`: clients give up beyond it.
  private static final long MAX_RETRY_SECONDS = 60;

  public LimitRejection {
    headers = Map.copyOf(headers);
  }

  /// The request fits the limit later.
  ///
  /// @param waitNanos until then
  static LimitRejection now(AppliedLimit claim, LimitKind what, long waitNanos) {
    String of = claim.scope().label();
    String message =
        switch (what) {
          case REQUESTS ->
              "the limit of %d requests per minute of this %s is reached"
                  .formatted(claim.whole().requestsPerMinute(), of);
          case TOKENS ->
              "the limit of %d tokens per minute of this %s is reached"
                  .formatted(claim.whole().tokensPerMinute(), of);
          case CONCURRENCY ->
              "the limit of %d concurrent requests of this %s is reached"
                  .formatted(claim.whole().maxInFlight(), of);
        };
    Map<String, String> headers =
        Map.of("retry-after", Long.toString(retryAfterSeconds(waitNanos)));
    return new LimitRejection(claim.scope(), what, message, headers);
  }

  /// The request is larger than the whole limit.
  static LimitRejection never(AppliedLimit claim, long tokens) {
    String message =
        "this request may use %d tokens (prompt and max_tokens), more than the whole limit of %d per minute of this %s"
            .formatted(tokens, claim.whole().tokensPerMinute(), claim.scope().label());
    Map<String, String> headers =
        Map.of("retry-after", Long.toString(MAX_RETRY_SECONDS), "x-should-retry", "false");
    return new LimitRejection(claim.scope(), LimitKind.TOKENS, message, headers);
  }

  LimitRejection with(Map<String, String> more) {
    Map<String, String> all = new TreeMap<>(headers);
    all.putAll(more);
    return new LimitRejection(scope, what, message, all);
  }

  /// Integer seconds, 1 to 60.
  static long retryAfterSeconds(long waitNanos) {
    return Math.clamp(Math.ceilDiv(waitNanos, 1_000_000_000L), 1, MAX_RETRY_SECONDS);
  }
}
