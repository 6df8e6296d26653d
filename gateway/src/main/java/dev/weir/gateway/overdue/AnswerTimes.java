// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.overdue;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Learns how long the non-streamed answers of each Service take, and derives how long to wait for
/// one.
///
/// It learns only from answers of the stable version, including streamed ones, and the bound
/// applies to every version of the Service: a version that hangs cannot raise the bound, and both
/// versions of a release are treated alike.
///
/// The bound depends on what is known so far:
///
/// 1. 1.5 times the 99.9th percentile of the same [AnswerKind], from [#MIN_ANSWERS] answers on;
/// 2. otherwise the first-token timeout plus the request's maximum of tokens, each at 1.5 times the
///    99.9th percentile of the Service's time per token;
/// 3. otherwise the first-token timeout plus the request's maximum of tokens at ten per second;
/// 4. otherwise, without a maximum, the total timeout.
///
/// It is never below the first-token timeout and never above the total timeout. The factor keeps
/// the share of healthy answers that are given up below a thousandth, although given-up answers are
/// not learned. With fewer than 1,000 answers the 99.9th percentile is the longest one observed.
///
/// Shared by all event loops. Memory is bounded: there are about 20 paths and 25 sizes, and each
/// kind takes less than a kilobyte.
public final class AnswerTimes {
  /// Number of answers from which a distribution is used.
  static final int MIN_ANSWERS = 200;

  private static final double QUANTILE = .999;
  private static final double FACTOR = 1.5;

  /// Cost of the constant part of an answer (prompt, network), in tokens.
  private static final long CONSTANT_TOKENS = 32;

  private static final long SLOW_TOKEN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Map<String, OfService> services = new ConcurrentHashMap<>();

  private static final class OfService {
    private final Map<AnswerKind, DurationHistogram> kinds = new ConcurrentHashMap<>();
    private final DurationHistogram perToken = new DurationHistogram();
  }

  /// A complete answer of the stable version arrived.
  ///
  /// @param service id (`namespace/name`)
  /// @param nanos from the start of the attempt to its end
  /// @param outputTokens of the answer, 0 if there are none
  public void learn(String service, AnswerKind kind, long nanos, long outputTokens) {
    OfService known = services.computeIfAbsent(service, _ -> new OfService());
    known.kinds.computeIfAbsent(kind, _ -> new DurationHistogram()).add((double) nanos);
    if (outputTokens > 0) {
      known.perToken.add((double) nanos / (outputTokens + CONSTANT_TOKENS));
    }
  }

  /// How long to wait for the first byte of a non-streamed answer, from the start of the attempt.
  ///
  /// @param firstTokenNanos lower bound
  /// @param totalNanos upper bound
  public long boundNanos(String service, AnswerKind kind, long firstTokenNanos, long totalNanos) {
    OfService known = services.get(service);
    double bound =
        known == null ? assumed(kind, firstTokenNanos) : of(known, kind, firstTokenNanos);
    return Math.clamp((long) bound, Math.min(firstTokenNanos, totalNanos), totalNanos);
  }

  private static double of(OfService known, AnswerKind kind, long firstTokenNanos) {
    DurationHistogram same = known.kinds.get(kind);
    if (same != null && same.total() >= MIN_ANSWERS) {
      return FACTOR * same.quantile(QUANTILE);
    }
    if (kind.maxTokens() >= 0 && known.perToken.total() >= MIN_ANSWERS) {
      double each = FACTOR * known.perToken.quantile(QUANTILE);
      return firstTokenNanos + each * (kind.maxTokens() + CONSTANT_TOKENS);
    }
    return assumed(kind, firstTokenNanos);
  }

  private static double assumed(AnswerKind kind, long firstTokenNanos) {
    return kind.maxTokens() < 0
        ? Long.MAX_VALUE
        : firstTokenNanos + (double) SLOW_TOKEN_NANOS * kind.maxTokens();
  }

  /// Removes services that left the snapshot.
  public void sweep(Predicate<String> present) {
    services.keySet().removeIf(present.negate());
  }
}
