// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/// How long the answers of each service are, learned from those that ended well: an exponentially
/// weighted mean, the newest with 1/32. Shared by all event loops without blocking.
public final class OutputLengths {
  /// What is assumed before the first answer.
  static final long FIRST_GUESS = 256;

  private static final double NEWEST = 1.0 / 32;

  /// Bytes of a request for one token of its prompt.
  private static final int BYTES_PER_TOKEN = 4;

  private final Map<String, AtomicLong> means = new ConcurrentHashMap<>();

  /// Tokens of a prompt that nobody has counted yet.
  public static long promptTokens(int bodyBytes) {
    return Math.ceilDiv(bodyBytes, BYTES_PER_TOKEN);
  }

  /// Output tokens to expect where the request sets no maximum.
  public long expected(String service) {
    AtomicLong mean = means.get(service);
    return mean == null ? FIRST_GUESS : Math.round(Double.longBitsToDouble(mean.get()));
  }

  public void learn(String service, long outputTokens) {
    means
        .computeIfAbsent(service, _ -> new AtomicLong(Double.doubleToLongBits(FIRST_GUESS)))
        .updateAndGet(bits -> {
          double mean = Double.longBitsToDouble(bits);
          return Double.doubleToLongBits(mean + (outputTokens - mean) * NEWEST);
        });
  }

  /// Forgets services that left the snapshot.
  public void sweep(Predicate<String> present) {
    means.keySet().removeIf(present.negate());
  }
}
