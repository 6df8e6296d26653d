// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.overdue;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// How long the whole answers of each Service take, and from that how long one may be waited for.
///
/// It learns from the answers of the stable version only, streamed ones included, and the bound
/// holds for every version of the Service: a version that hangs cannot teach the gateway to wait
/// for it, and the same rule judges both versions of a release.
///
/// The bound is, by what is known so far:
///
/// 1. 1.5 times the 99.9th percentile of the same [AnswerKind], from [#ENOUGH] answers on;
/// 2. else the first-token timeout and the request's most tokens, each at 1.5 times the 99.9th
///    percentile of the time that an answer of the Service takes by its tokens;
/// 3. else the first-token timeout and the request's most tokens at ten a second;
/// 4. else, where nothing bounds the answer, the total timeout.
///
/// It is never below the first-token timeout and never above the total. The factor is what keeps
/// the share of healthy answers that are given up below a thousandth although given-up answers are
/// not learned. With fewer than 1,000 answers the 99.9th percentile is the longest that was seen.
///
/// Shared by all event loops. Memory is bounded: there are about 20 paths and 25 sizes, and each
/// kind takes less than a kilobyte.
public final class AnswerTimes {
  /// Answers from which a distribution is used.
  static final int ENOUGH = 200;

  private static final double QUANTILE = .999;
  private static final double FACTOR = 1.5;

  /// What the constant part of an answer (its prompt, its way) costs, in tokens.
  private static final long CONSTANT_TOKENS = 32;

  private static final long SLOW_TOKEN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Map<String, OfService> services = new ConcurrentHashMap<>();

  private static final class OfService {
    private final Map<AnswerKind, DurationHistogram> kinds = new ConcurrentHashMap<>();
    private final DurationHistogram perToken = new DurationHistogram();
  }

  /// An answer of the stable version came whole.
  ///
  /// @param service id (`namespace/name`)
  /// @param nanos from the start of the attempt to its end
  /// @param outputTokens of the answer, 0 where there are none
  public void learn(String service, AnswerKind kind, long nanos, long outputTokens) {
    OfService known = services.computeIfAbsent(service, _ -> new OfService());
    known.kinds.computeIfAbsent(kind, _ -> new DurationHistogram()).add((double) nanos);
    if (outputTokens > 0) {
      known.perToken.add((double) nanos / (outputTokens + CONSTANT_TOKENS));
    }
  }

  /// How long the first byte of a whole answer is waited for, from the start of the attempt.
  ///
  /// @param firstTokenNanos the least
  /// @param totalNanos the most
  public long boundNanos(String service, AnswerKind kind, long firstTokenNanos, long totalNanos) {
    OfService known = services.get(service);
    double bound =
        known == null ? assumed(kind, firstTokenNanos) : of(known, kind, firstTokenNanos);
    return Math.clamp((long) bound, Math.min(firstTokenNanos, totalNanos), totalNanos);
  }

  private static double of(OfService known, AnswerKind kind, long firstTokenNanos) {
    DurationHistogram same = known.kinds.get(kind);
    if (same != null && same.total() >= ENOUGH) {
      return FACTOR * same.quantile(QUANTILE);
    }
    if (kind.mostTokens() >= 0 && known.perToken.total() >= ENOUGH) {
      double each = FACTOR * known.perToken.quantile(QUANTILE);
      return firstTokenNanos + each * (kind.mostTokens() + CONSTANT_TOKENS);
    }
    return assumed(kind, firstTokenNanos);
  }

  private static double assumed(AnswerKind kind, long firstTokenNanos) {
    return kind.mostTokens() < 0
        ? Long.MAX_VALUE
        : firstTokenNanos + (double) SLOW_TOKEN_NANOS * kind.mostTokens();
  }

  /// Forgets services that left the snapshot.
  public void sweep(Predicate<String> present) {
    services.keySet().removeIf(present.negate());
  }
}
