// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/// Learns the answer length of each service from successful answers: an exponentially weighted mean
/// in which the newest value has a weight of 1/32. Shared by all event loops without blocking.
public final class OutputLengths {
  /// Assumed before the first answer.
  static final long FIRST_GUESS = 256;

  private static final double NEWEST_WEIGHT = 1.0 / 32;

  /// Request bytes per prompt token.
  private static final int BYTES_PER_TOKEN = 4;

  private final Map<String, AtomicLong> means = new ConcurrentHashMap<>();

  /// Estimated prompt tokens of a request without a token count.
  public static long promptTokens(int bodyBytes) {
    return Math.ceilDiv(bodyBytes, BYTES_PER_TOKEN);
  }

  /// Expected output tokens if the request sets no maximum.
  public long expected(String service) {
    AtomicLong mean = means.get(service);
    return mean == null ? FIRST_GUESS : Math.round(Double.longBitsToDouble(mean.get()));
  }

  public void learn(String service, long outputTokens) {
    means
        .computeIfAbsent(service, _ -> new AtomicLong(Double.doubleToLongBits(FIRST_GUESS)))
        .updateAndGet(bits -> {
          double mean = Double.longBitsToDouble(bits);
          return Double.doubleToLongBits(mean + (outputTokens - mean) * NEWEST_WEIGHT);
        });
  }

  /// Removes services that left the snapshot.
  public void sweep(Predicate<String> present) {
    means.keySet().removeIf(present.negate());
  }
}
