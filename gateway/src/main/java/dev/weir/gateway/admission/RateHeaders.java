// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.snapshot.RoutingSnapshot.Limits;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` headers as OpenAI clients expect them,
/// for the limit with the least remaining. Limits are totals over all gateways. The remaining
/// amount is this gateway's part times the number of gateways, which is exact for a single gateway.
final class RateHeaders {
  private RateHeaders() {}

  private record State(long limit, long remaining, long missingNanos) {}

  static Map<String, String> of(List<AppliedLimit> claims, long nowNanos) {
    if (claims.isEmpty()) {
      return Map.of();
    }
    Map<String, String> headers = new LinkedHashMap<>();
    put(
        headers,
        "requests",
        tightest(claims, Limits::requestsPerMinute, m -> m.missingRequestsNanos(nowNanos)));
    put(
        headers,
        "tokens",
        tightest(claims, Limits::tokensPerMinute, m -> m.missingTokensNanos(nowNanos)));
    return headers;
  }

  private static Optional<State> tightest(
      List<AppliedLimit> claims,
      ToLongFunction<Limits> perMinute,
      ToLongFunction<UsageMeter> missing) {
    return claims.stream()
        .filter(claim -> perMinute.applyAsLong(claim.whole()) > 0)
        .map(claim ->
            state(perMinute.applyAsLong(claim.whole()), missing.applyAsLong(claim.meter())))
        .min(Comparator.comparingLong(State::remaining));
  }

  private static State state(long limit, long missingNanos) {
    double fraction = 1 - Math.min(1.0, (double) missingNanos / TokenBucket.PERIOD_NANOS);
    // The cost of one request is rounded down to whole nanoseconds; the epsilon compensates.
    return new State(limit, (long) (fraction * limit + 1e-6), missingNanos);
  }

  private static void put(Map<String, String> headers, String what, Optional<State> state) {
    state.ifPresent(s -> {
      headers.put("x-ratelimit-limit-" + what, Long.toString(s.limit()));
      headers.put("x-ratelimit-remaining-" + what, Long.toString(s.remaining()));
      headers.put("x-ratelimit-reset-" + what, duration(s.missingNanos()));
    });
  }

  /// OpenAI's format: `0s`, `120ms`, `6m0s`.
  static String duration(long nanos) {
    long millis = Math.ceilDiv(nanos, 1_000_000L);
    if (millis > 0 && millis < 1_000) {
      return millis + "ms";
    }
    long seconds = Math.ceilDiv(millis, 1_000L);
    return seconds < 60 ? seconds + "s" : seconds / 60 + "m" + seconds % 60 + "s";
  }
}
